"""The steps of a phase, one after the other or side by side: a step begins when those it comes after are done.

Side by side means an executor of `concurrent.futures`: this machine's own processes, or a cluster's.
A step is worked on in one process, by one connection, in one transaction; what it writes does not
depend on where or when it ran.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, CancelledError, Executor, Future, wait
from dataclasses import dataclass, replace
from functools import partial
from graphlib import TopologicalSorter
from multiprocessing.connection import wait as wait_for_process
from threading import Thread
from typing import Any, TypeVar

from django.db import IntegrityError, OperationalError, connections

from seeding.engine.errors import SeedingError, UnknownRowError
from seeding.engine.lock import among_workers
from seeding.engine.reports import Progress
from seeding.engine.run import Run, silent
from seeding.engine.session import session

T = TypeVar("T")
TRIES = 3
"""So often a step is tried while others write; its transaction keeps nothing of a try that failed."""
LOST = (BrokenExecutor, CancelledError, EOFError)
"""What a step ends in when its worker process, the one that starts them, or a cluster's scheduler has died."""
DEADLOCK = "40P01"
"""The code by which PostgreSQL says that two transactions waited for each other."""
_pipe: Any = None
"""In a worker process: the queue that takes progress to the process that a person watches."""


@dataclass(frozen=True)
class Step:
    """A name, the names of the steps it comes after, and what is done; `work` can be pickled."""

    name: str
    after: frozenset[str]
    work: Callable[[Run], Any]


def carry_out(
    steps: Sequence[Step], run: Run, executor: Executor | None = None, then: Callable[[Step], None] = lambda _: None
) -> list[Any]:
    """Do every step and return what they return, in the order of the steps; `then` is called after each.

    Without an executor they are done in their order. The first error ends the phase and is raised; steps that are
    under way finish their transactions. Raises SeedingError where a worker process, or the cluster, has died.
    """
    places = {step.name: at for at, step in enumerate(steps, 1)}
    results: dict[str, Any] = {}

    def began(step: Step) -> None:
        run.listen(Progress("start", step.name, places[step.name], len(steps)))

    def ended(step: Step, result: Any) -> None:
        results[step.name] = result
        run.listen(Progress("done", step.name, places[step.name], len(steps), result.rows))
        then(step)

    if executor is None:
        for step in steps:
            began(step)
            ended(step, persistently(step.work, run))
    else:
        try:
            for step, future in _side_by_side(steps, run, executor, began):
                ended(step, future.result())
        except Exception as error:  # Dask's cannot be named where it is not installed; any other is raised again
            if not _is_lost(error):
                raise
            raise SeedingError(
                "A worker process was ended, perhaps for want of memory; run again, with fewer --workers."
            ) from error
    return [results[step.name] for step in steps]


def _side_by_side(
    steps: Sequence[Step], run: Run, executor: Executor, began: Callable[[Step], None]
) -> Iterator[tuple[Step, Future[Any]]]:
    by_name = {step.name: step for step in steps}
    sorter = TopologicalSorter({step.name: step.after & by_name.keys() for step in steps})
    sorter.prepare()
    apart = replace(run, listen=silent, kept=None)
    surroundings = (run.using, connections[run.using].settings_dict, os.environ["DJANGO_SETTINGS_MODULE"])
    pending: dict[Future[Any], Step] = {}
    try:
        while sorter.is_active():
            for name in sorter.get_ready():
                step = by_name[name]
                began(step)
                pending[executor.submit(work_apart, step.work, apart, surroundings)] = step
            done, _ = wait(pending, return_when=FIRST_COMPLETED)
            for future in done:
                step = pending.pop(future)
                if future.cancelled() or _is_lost(future.exception()):
                    pending.clear()  # nobody is there any more who would end them
                yield step, future
                sorter.done(step.name)
    finally:
        for future in pending:
            future.cancel()
        wait(pending)


def _is_lost(error: BaseException | None) -> bool:
    """Whether a step ended because its worker is gone; Dask, which need not be there, has errors of its own."""
    return isinstance(error, LOST) or type(error).__module__.startswith("distributed")


def persistently(work: Callable[[Run], T], run: Run) -> T:
    """Do a step; where rows that somebody else writes meanwhile get in its way, it is done anew from what is there now.

    Raises what `undisturbed` raises.
    """
    return undisturbed(partial(work, run), run.forget)


def undisturbed(work: Callable[[], T], forget: Callable[[], None] = lambda: None) -> T:
    """Do a transaction; if others get in its way, do it anew once what was read is forgotten.

    They have added or deleted rows, or each of the two waited for the other and PostgreSQL has ended this one.
    Raises UnknownRowError, or the database's own error, if that is so each time.
    """
    for _ in range(TRIES - 1):
        try:
            return work()
        except (UnknownRowError, IntegrityError):
            forget()
        except OperationalError as error:
            if getattr(error.__cause__, "sqlstate", None) != DEADLOCK:
                raise
            forget()
    return work()


def work_apart(work: Callable[[Run], Any], run: Run, surroundings: tuple[str, dict[str, Any], str]) -> Any:
    """Do a step in another process, which may know nothing of Django yet, on the same database."""
    settle(*surroundings)
    try:
        with session(run.using), among_workers(run.using):
            return persistently(work, replace(run, listen=_pipe.put) if _pipe is not None else run)
    finally:
        connections[run.using].close()


def settle(using: str, database: dict[str, Any], settings_module: str) -> None:
    """Set this process up for the settings of another one, and this thread for its database.

    The connection is the thread's own: another thread of a cluster's worker may serve another database.
    """
    import django
    from django.apps import apps
    from django.db.utils import load_backend

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", settings_module)
    if not apps.ready:
        django.setup()
    connections[using] = load_backend(database["ENGINE"]).DatabaseWrapper(database, using)


def begin(pipe: Any) -> None:
    """Begin as a worker process: progress goes through this queue, and the process ends with the one it works for.

    It ends without a word on Ctrl-C, which a terminal sends to all processes: the other one has the word. Where that
    one takes none, as in the background of a script, neither does this one.
    """
    global _pipe  # noqa: PLW0603  (a process has one way out)
    _pipe = pipe
    if signal.getsignal(signal.SIGINT) != signal.SIG_IGN:
        signal.signal(signal.SIGINT, lambda *_: os._exit(130))
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGINT])
    employer = multiprocessing.parent_process()
    if employer is not None:
        Thread(target=_end_with, args=(employer.sentinel,), daemon=True).start()


def _end_with(sentinel: int) -> None:
    wait_for_process([sentinel])
    os._exit(1)
