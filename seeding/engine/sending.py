"""Rows on their way to PostgreSQL while the next ones are made: one thread sends what another has encoded.

A connection is used by one of the two at a time: whatever else is asked of it waits until the rows are sent.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import ContextVar
from queue import SimpleQueue
from threading import Condition
from typing import Any

from django.db import OperationalError, connections, transaction

from seeding.engine.asking import ALONE
from seeding.engine.statistics import has_rows

_sender: ContextVar[Sender | None] = ContextVar("sender", default=None)
# A lost connection is raised as an error; that the driver could not end a COPY on it needs no word on the screen.
logging.getLogger("psycopg").addHandler(logging.NullHandler())

_IS_IN_THE_WAY = """
    SELECT NOT has_table_privilege(%(table)s, 'TRUNCATE')
        OR (SELECT relkind <> 'r' FROM pg_class WHERE oid = to_regclass(%(table)s))
        OR EXISTS (SELECT FROM pg_constraint WHERE contype = 'f' AND confrelid = to_regclass(%(table)s))
        OR EXISTS (
            SELECT FROM pg_trigger WHERE tgrelid = to_regclass(%(table)s) AND NOT tgisinternal AND (tgtype & 32) <> 0
        )
        OR EXISTS (SELECT FROM {table})
"""
"""Of triggers at TRUNCATE the sixth bit is set, as PostgreSQL's catalog/pg_trigger.h says."""
_HEADER, _TRAILER = b"PGCOPY\n\xff\r\n\0" + bytes(8), b"\xff\xff"
AHEAD = 4 << 20
"""So many encoded bytes may wait for the server: rows are made in turns with their children, which are many more."""


class _Copy:
    """A COPY that may still be given rows: blocks to send, then None."""

    def __init__(self, statement: str) -> None:
        self.statement = statement
        self.blocks: SimpleQueue[list[bytes] | None] = SimpleQueue()


class Sender:
    """Sends one COPY after the other for one connection."""

    def __init__(self, using: str, thread: ThreadPoolExecutor, *, large: bool) -> None:
        self.using, self.thread, self.large = using, thread, large
        self._new: dict[str, bool] = {}
        self._open: _Copy | None = None
        self._under_way: list[Future[None]] = []
        self._changed, self._ahead, self._stopped = Condition(), 0, False

    def begin(self, statement: str, blocks: list[bytes]) -> None:
        """Have these blocks sent as soon as what was begun before is; wait while too many are under way.

        In a large load rows of one table that follow one another are one COPY.
        """
        if self._open is None or self._open.statement != statement or not self.large:
            self.close()
            self._open = _Copy(statement)
            self._under_way.append(self.thread.submit(self._send, self._open, connections[self.using].connection))
        size = sum(map(len, blocks))
        with self._changed:
            self._changed.wait_for(lambda: self._stopped or not self._ahead or self._ahead + size <= AHEAD)
            self._ahead += size
        if self._stopped:
            self.wait()
        self._open.blocks.put(blocks)

    def _send(self, one: _Copy, driver: Any) -> None:
        try:
            with driver.cursor() as cursor, cursor.copy(one.statement) as to:
                to.write(_HEADER)
                while (blocks := one.blocks.get()) is not None:
                    for block in blocks:
                        to.write(block)
                    with self._changed:
                        self._ahead -= sum(map(len, blocks))
                        self._changed.notify()
                to.write(_TRAILER)
        except BaseException:
            with self._changed:
                self._stopped = True
                self._changed.notify()
            raise

    def close(self) -> None:
        """Let the COPY under way come to its end."""
        if self._open is not None:
            self._open.blocks.put(None)
            self._open = None

    def wait(self) -> None:
        """Wait for what is under way. Raises the database's error if it refused a row."""
        self.close()
        with connections[self.using].wrap_database_errors:
            while self._under_way:
                self._under_way.pop(0).result()

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

    In a large load, where no foreign keys are in the way, empty tables are begun anew, and other processors are left
    to those who make indexes. Raises the database's error if it refused a row.
    """
    connection = connections[using]
    if connection.vendor != "postgresql" or _sender_to(using) is not None:
        yield
        return
    if large:
        with connection.cursor() as cursor:
            cursor.execute(ALONE.format(local="true"))
            cursor.execute("SET LOCAL statement_timeout = 0")  # a COPY lasts while its rows are made
    with ThreadPoolExecutor(1) as thread:
        sender = Sender(using, thread, large=large)
        outside = _sender.set(sender)
        try:
            with connection.execute_wrapper(sender.ahead_of):
                yield
                sender.wait()
        finally:
            sender.close()
            _sender.reset(outside)


def all_sent(using: str) -> None:
    """Wait for rows that are under way to this database, before using a driver's connection past Django."""
    sender = _sender_to(using)
    if sender is not None:
        sender.wait()


def _sender_to(using: str) -> Sender | None:
    sender = _sender.get()
    return sender if sender is not None and sender.using == using else None


def _begin_anew(using: str, table: str) -> bool:
    """Truncate a table that is empty and that nothing refers to: rows copied into it need not be frozen later.

    Not a partitioned one, into which PostgreSQL copies no frozen rows, nor one whose triggers would take that for a
    deletion, or where the role may not, or where anybody else is at the table: another step may write to it too, and
    each would wait for the other.
    """
    from psycopg.errors import LockNotAvailable

    quoted = f'"{table}"'
    with connections[using].cursor() as cursor:
        cursor.execute(_IS_IN_THE_WAY.format(table=quoted), {"table": quoted})
        if cursor.fetchone()[0]:
            return False
        try:
            with transaction.atomic(using=using):
                cursor.execute(f"LOCK TABLE {quoted} IN ACCESS EXCLUSIVE MODE NOWAIT")
        except OperationalError as error:
            if not isinstance(error.__cause__, LockNotAvailable):
                raise
            return False
        if has_rows(using, table):
            return False
        cursor.execute(f"TRUNCATE {quoted}")
        return True


def copy(using: str, table: str, columns: str, blocks: list[bytes]) -> None:
    """Send a COPY of these blocks, now or, within `sending`, while the caller goes on.

    Raises the database's error if it refuses a row, if need be later.
    """
    sender = _sender_to(using)
    freeze = ", FREEZE" if sender is not None and sender.is_new(table) else ""
    statement = f'COPY "{table}" ({columns}) FROM STDIN (FORMAT BINARY{freeze})'
    connection = connections[using]
    connection.ensure_connection()
    if sender is not None:
        sender.begin(statement, blocks)
        return
    driver: Any = connection.connection
    with connection.wrap_database_errors, driver.cursor() as cursor, cursor.copy(statement) as to:
        for block in (_HEADER, *blocks, _TRAILER):
            to.write(block)
