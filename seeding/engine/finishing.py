"""Tables that get no more rows of a large load are vacuumed, and their indexes made, in threads beside the steps."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from queue import SimpleQueue
from threading import Lock
from typing import Any

from django.db.models import Model

from seeding.engine import setaside, statistics
from seeding.engine.errors import NoConnectionError


class Finishing:
    """Threads at work on the tables that were added; what they have not come to when they are told to end is left.

    A table is vacuumed first, as soon as everybody sees its rows: an index that reads pages nobody has vetted
    writes each of them anew, and so does a vacuum, with a copy for the log, the later it comes (measured: a tenth of a
    load's processor time).
    """

    def __init__(self, using: str, threads: int) -> None:
        self.using = using
        self._unvetted: list[tuple[type[Model], str]] = []
        self._indexes: SimpleQueue[Any] = SimpleQueue()
        self._lock, self._ended = Lock(), False
        self._threads = ThreadPoolExecutor(threads)
        self._at_work: list[Future[None]] = [self._threads.submit(self._work) for _ in range(threads)]

    def add(self, models: Sequence[type[Model]]) -> None:
        """Take on these models' tables, whose rows have been committed."""
        horizon = statistics.horizon(self.using)
        with self._lock:
            self._unvetted += [(model, horizon) for model in models]
        for index in setaside.indexes(self.using, [model._meta.db_table for model in models]):
            self._indexes.put(index)

    def end(self) -> None:
        """Wait for what is being made."""
        self._ended = True
        for _ in self._at_work:
            self._indexes.put(None)
        self._threads.shutdown()

    def raise_failure(self) -> None:
        """Raise what has ended a thread."""
        for thread in self._at_work:
            thread.result()

    def _work(self) -> None:
        with suppress(NoConnectionError), setaside.one_of_many(self.using):
            while (index := self._indexes.get()) is not None and not self._ended:
                for model in self._seen_by_everybody():
                    statistics.vacuum(self.using, model)
                setaside.refused(self.using, [index])

    def _seen_by_everybody(self) -> list[type[Model]]:
        with self._lock:
            if not self._unvetted:
                return []
            past = statistics.past(self.using, [horizon for _, horizon in self._unvetted])
            seen = [model for model, horizon in self._unvetted if horizon in past]
            self._unvetted = [one for one in self._unvetted if one[1] not in past]
        return seen
