"""Worker processes of this machine, or those of a Dask cluster, behind one interface: `concurrent.futures.Executor`."""

from __future__ import annotations

import logging
import multiprocessing
import os
import signal
import socket
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import contextmanager
from threading import Thread
from typing import Any

from seeding.engine.errors import SeedingError, UsageError
from seeding.engine.reports import Progress
from seeding.engine.steps import begin

PATIENCE = 10
"""So many seconds the last progress may take to come: a worker killed while it sends some keeps the queue for good."""
LAST_PORT = 65535


@contextmanager
def processes(workers: int, listen: Callable[[Progress], None]) -> Iterator[Executor]:
    """So many processes of this machine, whose progress is passed on to `listen`."""
    methods = multiprocessing.get_all_start_methods()
    context: Any = multiprocessing.get_context("forkserver" if "forkserver" in methods else "spawn")
    if "forkserver" in methods:
        context.set_forkserver_preload(["seeding.engine.preload"])
    pipe = context.Queue()

    def pass_on() -> None:
        while (event := pipe.get()) is not None:
            listen(event)

    listener = Thread(target=pass_on, daemon=True)
    listener.start()
    try:
        with ProcessPoolExecutor(workers, context, initializer=begin, initargs=(pipe,)) as executor:
            with _deaf_to_interrupts():
                for _ in range(workers):
                    executor.submit(os.getpid)  # has a process start now, not with the first step
            yield executor
    finally:
        pipe.put(None)
        listener.join(PATIENCE)
        pipe.cancel_join_thread()


@contextmanager
def _deaf_to_interrupts() -> Iterator[None]:
    """Have processes that are started meanwhile take no Ctrl-C before they know what to do on it."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def place_of(address: str) -> str:
    """HOST:PORT of an executor's address. Raises UsageError for anything but dask://HOST:PORT."""
    kind, _, place = address.partition("://")
    port = place.rpartition(":")[2]
    if kind != "dask" or not port.isdecimal() or int(port) > LAST_PORT:
        raise UsageError(f"Unknown executor {address!r}; give dask://HOST:PORT.")
    return place


@contextmanager
def cluster(address: str) -> Iterator[Executor]:
    """The workers of the executor at an address like dask://HOST:PORT.

    Raises SeedingError where no scheduler answers, and UsageError where Dask is not installed.
    """
    place = place_of(address)
    try:
        from distributed import Client
    except ImportError as error:
        raise UsageError("--executor dask://… needs Dask; install this package again with its extra `dask`.") from error
    host, _, port = place.rpartition(":")
    try:
        socket.create_connection((host.strip("[]"), int(port)), timeout=10).close()  # Dask would go on trying
        client = Client(f"tcp://{place}", timeout="10s")
    except (OSError, OverflowError, ValueError) as error:
        raise SeedingError(
            f"No Dask scheduler answers at {place} ({error}); start one or correct the address."
        ) from error
    with _silence("distributed", "distributed.client"), client:
        yield client.get_executor(pure=False)


@contextmanager
def _silence(*names: str) -> Iterator[None]:
    """Keep what is logged under these names off the screen: that a cluster has died is raised as an error."""
    loggers = [logging.getLogger(name) for name in names]
    before = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.CRITICAL + 1)
    try:
        yield
    finally:
        for logger, level in zip(loggers, before, strict=True):
            logger.setLevel(level)
