"""Statements that Django does not note down, as it does under DEBUG: a load has millions of values."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connections


@contextmanager
def unlogged(using: str) -> Iterator[None]:
    """Keep no record of the statements run here, unless somebody has asked for one (as tests that count them do)."""
    connection = connections[using]
    if connection.force_debug_cursor or "make_debug_cursor" in vars(connection):
        yield
        return
    connection.make_debug_cursor = connection.make_cursor  # type: ignore[assignment, method-assign]  # one connection only, for a while
    try:
        yield
    finally:
        del connection.make_debug_cursor
