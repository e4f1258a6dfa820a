"""A run that is ended from outside says so, and the next one ends like a run that nobody ended."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from databases import called
from django.core.management import call_command
from django.db import DatabaseError
from programs import (
    AS_OF,
    LIGHT,
    ROOT,
    Databases,
    begun,
    catalogue,
    environment,
    execute,
    finish,
    start,
)

SEED = ("seed", "--as-of", AS_OF)
MANY = ("--clients", "700")
LEFT = "Interrupted; the next run finishes what this one left."


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory, django_db_blocker: Any) -> Callable[..., bytes]:
    """Run on this database to the end; returns the fixture of what it holds then."""

    def run(url: str, size: tuple[str, ...]) -> bytes:
        path = tmp_path_factory.mktemp("finished") / "fixture.json"
        for words in ((*SEED, *size), ("dump_seed", str(path))):
            assert called(django_db_blocker, url, *words).returncode == 0
        return path.read_bytes()

    return run


@pytest.fixture(scope="module")
def whole(databases: Databases, finished: Callable[..., bytes]) -> Callable[[tuple[str, ...]], bytes]:
    """What a run of this size leaves that nobody interrupted."""
    return cache(lambda size: finished(databases.fresh("sqlite"), size))


@pytest.mark.parametrize(
    ("size", "sent", "code"), [((), signal.SIGTERM, 143), (MANY, signal.SIGINT, 130)], ids=["small", "large"]
)
def test_seed__ended_by_a_signal__says_so_and_the_next_run_finishes_it(
    databases: Databases,
    finished: Callable[..., bytes],
    whole: Callable[..., bytes],
    kind: str,
    size: tuple[str, ...],
    sent: signal.Signals,
    code: int,
) -> None:
    url = databases.fresh(kind)
    before = catalogue(url)
    process = begun(url, *SEED, *size, until="Therapy data")
    process.send_signal(sent)
    out, _ = process.communicate(timeout=60)
    assert (process.returncode, out.splitlines()[-1]) == (code, LEFT)
    assert "Traceback" not in out
    assert catalogue(url) == before
    assert finished(url, size) == whole(size)


@pytest.mark.parametrize(
    ("kind", "command", "sent", "code"),
    [
        ("sqlite", SEED, signal.SIGINT, 130),
        ("sqlite", ("verify_minimums",), signal.SIGTERM, 143),
        ("postgres", SEED, signal.SIGTERM, 143),
        ("postgres", ("verify_minimums",), signal.SIGINT, 130),
    ],
    ids=["sqlite-seed-ctrl_c", "sqlite-verify-terminated", "postgres-seed-terminated", "postgres-verify-ctrl_c"],
)
def test_waiting__ended_by_a_signal__says_so_and_leaves_the_other_run_alone(
    databases: Databases, tmp_path: Path, kind: str, command: tuple[str, ...], sent: signal.Signals, code: int
) -> None:
    url, go_on = databases.fresh(kind), tmp_path / "go_on"
    other = start(url, {"requests": [LIGHT], "hold_until": str(go_on), "holds": str(tmp_path / "holds")})
    while not (tmp_path / "holds").exists():
        assert other.poll() is None
    waiting = begun(url, *command, until="Waiting for another seeding run")
    waiting.send_signal(sent)
    said, _ = waiting.communicate(timeout=60)
    assert waiting.returncode == code
    assert said.startswith("Interrupted")
    go_on.touch()
    assert finish(other)[0] > 0


def test_large_load__interrupted_as_a_transaction_began__puts_everything_back(databases: Databases) -> None:
    url = databases.fresh("sqlite")
    before = catalogue(url)
    process = start(url, {"large": True, "requests": [LIGHT], "interrupt_at": "Posts"})
    _, err = process.communicate(timeout=60)
    assert err.splitlines()[-1] == "KeyboardInterrupt"
    assert catalogue(url) == before


@pytest.mark.parametrize("until", ["Users", "Posts"])
def test_large_load__interrupted_with_its_workers__ends_without_a_word_of_theirs(
    databases: Databases, until: str
) -> None:
    url = databases.fresh("postgres")
    before = catalogue(url)
    process = start(url, {"large": True, "requests": [{**LIGHT, "workers": 4}], "interrupt_all_at": until})
    _, err = process.communicate(timeout=60)
    assert err.splitlines()[-1] == "KeyboardInterrupt"
    assert err.count("Process") == 0
    assert catalogue(url) == before


@pytest.mark.parametrize(("numbers", "is_whole"), [([3], True), ([3, 6], False)])
def test_large_load__interrupted_as_indexes_are_put_back__goes_on_once(
    databases: Databases, kind: str, numbers: list[int], is_whole: bool
) -> None:
    url = databases.fresh(kind)
    before = catalogue(url)
    plan = {"large": True, "requests": [{**LIGHT, "workers": 1}], "interrupt_after": numbers}
    _, err = start(url, plan).communicate(timeout=60)
    assert err.splitlines()[-1] == "KeyboardInterrupt"
    assert (catalogue(url) == before) == is_whole
    assert finish(start(url, {"requests": [LIGHT]})) == [0]
    assert catalogue(url) == before


def test_large_load__in_the_background_of_a_script__takes_no_interruption(databases: Databases) -> None:
    plan = {"large": True, "requests": [{**LIGHT, "workers": 4}], "interrupt_all_at": "Posts", "deaf": True}
    (rows,) = finish(start(databases.fresh("postgres"), plan))
    assert rows > 900


@pytest.mark.parametrize(("size", "most"), [((), 900_000), (MANY, 20_000_000)])
def test_disk__full_in_the_middle__is_one_sentence_and_the_next_run_finishes_it(
    databases: Databases, finished: Callable[..., bytes], whole: Callable[..., bytes], size: tuple[str, ...], most: int
) -> None:
    url = databases.fresh("sqlite")
    before = catalogue(url)
    limited = (
        f"import resource, runpy, sys; resource.setrlimit(resource.RLIMIT_FSIZE, ({most}, {most}));"
        f"sys.argv = {['manage.py', *SEED, *size, '-v', '0']}; runpy.run_path('{ROOT}/manage.py', run_name='__main__')"
    )
    stopped = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-c", limited], env=environment(url), capture_output=True, text=True, timeout=60, check=False
    )
    assert (stopped.returncode, stopped.stdout) == (1, "")
    assert " stopped the command (disk I/O error)" in stopped.stderr
    assert stopped.stderr.count("\n") == 1
    assert execute(url, "PRAGMA integrity_check") == [("ok",)]
    assert finished(url, size) == whole(size)
    assert catalogue(url) == before


@pytest.mark.django_db
def test_command__an_interruption_makes_its_end_fail__stays_interrupted(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_: str) -> None:
        try:
            raise KeyboardInterrupt
        finally:
            raise DatabaseError

    monkeypatch.setattr("seeding.management.commands.verify_minimums.check_alias", fail)
    with pytest.raises(SystemExit) as ended:
        call_command("verify_minimums")
    assert ended.value.code == 130
