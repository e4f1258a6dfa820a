"""Work shared out among threads, each with a connection of its own, and the processors there are for it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack
from queue import Empty, SimpleQueue
from typing import TypeVar

from seeding.engine.errors import NoConnectionError

T = TypeVar("T")
R = TypeVar("R")


def cores() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def share_out(
    work: Callable[[T], R], subjects: Iterable[T], threads: int, apart: Callable[[], AbstractContextManager[None]]
) -> list[R]:
    """What the work gives for each subject, in their order; each thread works within a context `apart`.

    There are no more threads than subjects, and fewer where `apart` raises NoConnectionError: what all of them leave is
    done by the caller's.
    Raises the first error, once every thread has come to its end.
    """
    waiting: SimpleQueue[tuple[int, T]] = SimpleQueue()
    for each in enumerate(subjects):
        waiting.put(each)
    number = waiting.qsize()
    if not number:
        return []
    threads = min(threads, number)

    def take_turns(_: int) -> dict[int, R]:
        with ExitStack() as place:
            try:
                place.enter_context(apart())
            except NoConnectionError:
                return {}
            return take_all()

    def take_all() -> dict[int, R]:
        done: dict[int, R] = {}
        while True:
            try:
                place, subject = waiting.get_nowait()
            except Empty:
                return done
            done[place] = work(subject)

    results: dict[int, R] = {}
    with ThreadPoolExecutor(threads) as pool:
        for done in pool.map(take_turns, range(threads)):
            results.update(done)
    results.update(take_all())
    return [results[place] for place in range(number)]
