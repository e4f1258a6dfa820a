"""The two databases that the toolkit is tested on, by their aliases, and others for a while."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import dj_database_url
import pytest
from django.db import connections

BOTH = ("default", "postgres")
on_both = pytest.mark.django_db(databases=BOTH)
on_sqlite, on_postgres = (pytest.mark.parametrize("using", [pytest.param(one, marks=on_both)]) for one in BOTH)
APART = "apart"


def in_turn(cases: Iterable[Any], names: tuple[str, str] = BOTH) -> list[tuple[str, Any]]:
    """Each case on one of the two databases, in turn."""
    return [(names[at % 2], case) for at, case in enumerate(cases)]


def crossed(cases: Iterable[Any], sides: Iterable[Any], names: tuple[str, str] = BOTH) -> list[tuple[str, Any, Any]]:
    """Each case from each side, neighbours of either kind on different databases."""
    sides = tuple(sides)
    return [(names[(at + turn) % 2], case, side) for at, case in enumerate(cases) for turn, side in enumerate(sides)]


@contextmanager
def alias_for(url: str, blocker: Any, **placed: str) -> Iterator[str]:
    """The alias of the database at this URL, in this process; pytest-django's blocker lets it be used meanwhile."""
    default = {**connections.settings["default"], "OPTIONS": {}}
    connections.settings[APART] = {**default, **dj_database_url.parse(url), **placed}
    with blocker.unblock():
        try:
            yield APART
        finally:
            connections[APART].close()
            del connections[APART]
            del connections.settings[APART]
