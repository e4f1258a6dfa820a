"""Mentara's settings, under which each statement sent to the database appends a byte to the file of STATEMENTS.

The size of that file is the number of statements of a program and of all its processes; an executemany or a COPY is
one. What opens and ends transactions is not counted, nor what Django asks SQLite for its own log under DEBUG.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from functools import cache
from typing import Any

import psycopg

from mentara.settings import *  # noqa: F403  (these are the settings)

_FILE = os.open(os.environ["STATEMENTS"], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
_LEFT_OUT = ("BEGIN", "SAVEPOINT", "RELEASE SAVEPOINT", "ROLLBACK", "SELECT QUOTE(")
_connect = sqlite3.dbapi2.connect


def _counted(method: Callable[..., Any]) -> Callable[..., Any]:
    def count_and_call(cursor: Any, statement: Any, *arguments: Any, **named: Any) -> Any:
        if not str(statement).startswith(_LEFT_OUT):
            os.write(_FILE, b".")
        return method(cursor, statement, *arguments, **named)

    return count_and_call


@cache
def _counting(factory: type[sqlite3.Cursor]) -> type[sqlite3.Cursor]:
    methods = {name: _counted(getattr(factory, name)) for name in ("execute", "executemany")}
    return type(factory.__name__, (factory,), methods)


class _Connection(sqlite3.Connection):
    """Gives out cursors that count, and executes through them."""

    def cursor(self, factory: type[sqlite3.Cursor] = sqlite3.Cursor) -> Any:  # type: ignore[override]  # one parameter in place of the overloads
        return super().cursor(_counting(factory))

    def execute(self, *arguments: Any) -> Any:
        return self.cursor().execute(*arguments)

    def executemany(self, *arguments: Any) -> Any:
        return self.cursor().executemany(*arguments)


def _connect_counting(*arguments: Any, **named: Any) -> sqlite3.Connection:
    return _connect(*arguments, factory=_Connection, **named)


sqlite3.connect = sqlite3.dbapi2.connect = _connect_counting  # type: ignore[assignment]  # every importer shall get the one that counts
for _method in ("execute", "executemany", "copy"):
    setattr(psycopg.Cursor, _method, _counted(getattr(psycopg.Cursor, _method)))
