"""docs/python.md: its pieces run, one after the other, and what they assert holds."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from databases import alias_for, on_sqlite

from seeding.engine.errors import SeedingError, UsageError
from seeding.orchestrator import HybridSeedOrchestrator
from seeding.request import SeedRequest

PAGE = Path(__file__).parents[1] / "docs" / "python.md"


@on_sqlite
def test_page__its_pieces_one_after_the_other__hold(using: str, capsys) -> None:
    pieces = re.findall(r"^```python\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    assert len(pieces) == 3
    exec(compile("\n".join(pieces), PAGE.name, "exec"), {})  # noqa: S102 - our own page
    assert re.fullmatch(r"\d{3,} rows added in \d+\.\d s\n", capsys.readouterr().out)


def test_run__on_a_database_that_is_not_migrated__says_so(database_url: str, django_db_blocker: Any) -> None:
    with alias_for(database_url, django_db_blocker) as using, pytest.raises(SeedingError, match="lacks migrations"):
        HybridSeedOrchestrator(SeedRequest(using=using)).run_hybrid_seed()


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"mode": ["light"]}, "mode must be text, not ['light']."),
        ({"seed": 4}, "A seed is some text, not 4; give '4'."),
        ({"as_of": "2026-03-01"}, "As-of 2026-03-01 is no datetime; give one with a time zone."),
        ({"sizes": []}, "sizes must be a dictionary of names and numbers, not []."),
        ({"minimums": None}, "minimums must be a dictionary of names and numbers, not None."),
        ({"minimums": {1: 2}}, "Unknown minimum 1; known are client.communityMemberships, "),
        ({"locale": None}, "locale must be text, not None."),
        ({"using": ["default"]}, "using must be text, not ['default']."),
        ({"reset": "no"}, "reset must be True or False, not 'no'."),
        ({"only": "Post"}, "only must be a tuple of tables, not 'Post'."),
        ({"only": (["Post"],)}, "A table is named by text, not ['Post']."),
        ({"workers": "2"}, "workers must be a whole number, not '2'."),
        ({"executor": 3}, "executor must be text, not 3."),
    ],
)
def test_request__of_another_kind__is_refused_in_a_sentence(asked: Any, said: str) -> None:
    with pytest.raises(UsageError, match=f"^{re.escape(said)}"):
        HybridSeedOrchestrator(SeedRequest(**asked))
