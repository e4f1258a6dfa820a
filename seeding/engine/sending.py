"""Rows on their way to PostgreSQL while the next ones are made: one thread sends what another has encoded.

A connection is used by one of the two at a time: whatever else is asked of it waits until the rows are sent.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from django.db import connections

_sender: ContextVar[Sender | None] = ContextVar("sender", default=None)


class Sender:
    """Sends one COPY at a time for one connection."""

    def __init__(self, using: str, thread: ThreadPoolExecutor, *, large: bool) -> None:
        self.using, self.thread, self.large = using, thread, large
        self.under_way: Future[None] | None = None
        self._new: dict[str, bool] = {}

    def begin(self, send: Callable[[], None]) -> None:
        """Begin to send as soon as what was begun before has ended."""
        self.wait()
        self.under_way = self.thread.submit(send)

    def wait(self) -> None:
        """Wait for what is under way. Raises the database's error if it refused a row."""
        sending, self.under_way = self.under_way, None
        if sending is not None:
            with connections[self.using].wrap_database_errors:
                sending.result()

    def is_new(self, table: str) -> bool:
        """Whether the table holds nothing but rows of this transaction, so that nobody else can see it."""
        if not self.large:
            return False
        if table not in self._new:
            self._new[table] = _begin_anew(self.using, table)
        return self._new[table]

    def ahead_of(self, execute: Any, sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
        """Let a statement wait for the rows sent before it (an execute wrapper of Django's)."""
        self.wait()
        return execute(sql, params, many, context)


@contextmanager
def sending(using: str, *, large: bool) -> Iterator[None]:
    """While this lasts, COPYs on this database are sent by another thread; at its end all have been.

    In a large load, where no foreign keys are in the way, empty tables are begun anew. Raises the database's error if
    it refused a row.
    """
    connection = connections[using]
    if connection.vendor != "postgresql" or _sender.get() is not None:
        yield
        return
    with ThreadPoolExecutor(1) as thread:
        sender = Sender(using, thread, large=large)
        outside = _sender.set(sender)
        try:
            with connection.execute_wrapper(sender.ahead_of):
                yield
                sender.wait()
        finally:
            _sender.reset(outside)


def all_sent() -> None:
    """Wait for rows that are under way, before using a driver's connection past Django."""
    sender = _sender.get()
    if sender is not None:
        sender.wait()


def _begin_anew(using: str, table: str) -> bool:
    """Truncate a table that is empty and that nothing refers to: rows copied into it need not be frozen later."""
    with connections[using].cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT FROM pg_constraint WHERE contype = 'f' AND confrelid = to_regclass(%s))",
            [f'"{table}"'],
        )
        if cursor.fetchone()[0]:
            return False
        cursor.execute(f'LOCK TABLE "{table}" IN ACCESS EXCLUSIVE MODE')
        cursor.execute(f'SELECT EXISTS (SELECT FROM "{table}")')  # noqa: S608  (names of our own models)
        if cursor.fetchone()[0]:
            return False
        cursor.execute(f'TRUNCATE "{table}"')
        return True


def copy(using: str, table: str, columns: str, blocks: list[bytes]) -> None:
    """Send a COPY of these blocks, now or, within `sending`, while the caller goes on.

    Raises the database's error if it refuses a row, if need be later.
    """
    sender = _sender.get()
    freeze = ", FREEZE" if sender is not None and sender.is_new(table) else ""
    statement = f'COPY "{table}" ({columns}) FROM STDIN (FORMAT BINARY{freeze})'
    connection = connections[using]
    connection.ensure_connection()
    driver: Any = connection.connection

    def send() -> None:
        with driver.cursor() as cursor, cursor.copy(statement) as to:
            for block in blocks:
                to.write(block)

    if sender is not None:
        sender.begin(send)
        return
    with connection.wrap_database_errors:
        send()
