"""The two databases that the toolkit is tested on, by their aliases, and others for a while."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from subprocess import CompletedProcess
from typing import Any
from unittest import mock

import dj_database_url
import pytest
from django.db import connections
from django.db.utils import load_backend
from django.test import override_settings

from mentara.settings import _database
from seeding.fixtures.switching import leading_to

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


Manage = Callable[..., CompletedProcess[str]]
"""Does what manage.py does with these words on the database of a URL."""


def called(blocker: Any, url: str, *words: str) -> CompletedProcess[str]:
    """What manage.py with these words does and says on the database of this DATABASE_URL; done in this process."""
    from manage import main

    out, err = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True) for _ in range(2))
    code: Any = 0
    with (
        default_at(url, blocker),
        override_settings(DEBUG=True),
        mock.patch.object(connections, "close_all"),
        mock.patch.object(sys, "argv", ["manage.py", *words]),
        mock.patch.object(sys, "stdin", io.StringIO()),
        redirect_stdout(out),
        redirect_stderr(err),
    ):
        try:
            main()
        except SystemExit as ended:
            code = ended.code
            if isinstance(code, str):
                code = 1
                err.write(f"{ended.code}\n")
    return CompletedProcess(words, code, *(stream.buffer.getvalue().decode() for stream in (out, err)))


@contextmanager
def default_at(url: str, blocker: Any) -> Iterator[None]:
    """The default alias leads to the database of this DATABASE_URL, as it would in a program."""
    with mock.patch.dict(os.environ, DATABASE_URL=url):
        placed = connections.configure_settings({"default": _database()})["default"]
    with blocker.unblock(), leading_to([load_backend(placed["ENGINE"]).DatabaseWrapper(placed, "default")]):
        yield
