"""docs/python.md: its pieces run, one after the other, and what they assert holds."""

from __future__ import annotations

import re
from pathlib import Path

from databases import on_sqlite

PAGE = Path(__file__).parents[1] / "docs" / "python.md"


@on_sqlite
def test_page__its_pieces_one_after_the_other__hold(using: str, capsys) -> None:
    pieces = re.findall(r"^```python\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    assert len(pieces) == 3
    exec(compile("\n".join(pieces), PAGE.name, "exec"), {})  # noqa: S102 - our own page
    assert re.fullmatch(r"\d{3,} rows added in \d+\.\d s\n", capsys.readouterr().out)
