"""Steps side by side: what one reads, no other may be writing."""

from __future__ import annotations

import os
import re
import signal
from collections import defaultdict
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
from databases import on_both
from django.db import connections
from test_properties import rolled_back
from worlds import AS_OF

from seeding.engine.errors import SeedingError, UnknownRowError
from seeding.engine.pool import processes
from seeding.engine.reports import Progress
from seeding.engine.run import Run, silent
from seeding.engine.steps import Step, carry_out, settle
from seeding.enrichers import ENRICHERS
from seeding.legacy import GENERATORS, cast_news, decisions
from seeding.legacy.base import Base, title
from seeding.orchestrator import HybridSeedOrchestrator
from seeding.request import SeedRequest
from seeding.requirements import MINIMUMS
from seeding.world.locales import DEFAULT

AFTER = {
    **{one.title(): {other.title() for other in ENRICHERS if other.table in one.after} for one in ENRICHERS},
    **{title(one): {title(other) for other in after} for one, after in GENERATORS.items()},
}
DECLARED = {one.title(): {one.table, *one.also} for one in ENRICHERS}
PHASES = ([one.title() for one in ENRICHERS], [title(one) for one in GENERATORS])


def before(step: str) -> set[str]:
    """The steps that are done when this one begins."""
    return AFTER[step] | {far for near in AFTER[step] for far in before(near)}


def test_enrichers__all_together__fill_every_minimum_once() -> None:
    filled = [key for one in ENRICHERS for key in one.fills]
    assert sorted(filled) == sorted(one.key for one in MINIMUMS)


@pytest.mark.django_db
@pytest.mark.parametrize("mode", ["light", "medium"])
def test_steps__that_may_run_side_by_side__do_not_read_what_another_writes(
    mode: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Run, "once", lambda _, __, ___, ask, **____: ask())  # a worker process keeps nothing
    reads: dict[str, set[str]] = defaultdict(set)
    writes: dict[str, set[str]] = defaultdict(set)
    current = ""

    def leave_out(owner: Any, name: str) -> None:
        asks = getattr(owner, name)

        def unwatched(*arguments: Any) -> Any:
            nonlocal current
            step, current = current, ""
            try:
                return asks(*arguments)
            finally:
                current = step

        monkeypatch.setattr(owner, name, unwatched)

    leave_out(Base, "missing")  # whether a step's own rows are there: no other writes rows of these keys
    leave_out(cast_news, "suspended")  # of these actions only this step writes logs
    leave_out(decisions, "untold")

    def listen(event: Progress) -> None:
        nonlocal current
        current = {"start": event.name, "done": ""}.get(event.kind, current)

    def watch(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        found = re.findall(r'(?:FROM|JOIN) "(\w+)"', sql)
        reads[current].update(found)
        return execute(sql, params, many, context)

    with connections["default"].execute_wrapper(watch):
        report = HybridSeedOrchestrator(SeedRequest(mode=mode, as_of=AS_OF), listen).run_hybrid_seed()
    for result in report.enrichment:
        step = next(one.title() for one in ENRICHERS if one.table == result.table)
        writes[step] = set(result.added)
        assert writes[step] <= DECLARED[step], f"{step} is not said to write all of this"
    for generate, made in zip(GENERATORS, report.legacy, strict=True):
        writes[title(generate)] = set(made.added)

    for phase in PHASES:
        for reader in phase:
            for writer in set(phase) - before(reader) - {reader}:
                if reader not in before(writer):
                    assert reads[reader] & writes[writer] == set(), f"{reader} and {writer} may run at once"


def test_settle__threads_for_two_databases__have_a_connection_each(tmp_path: Path) -> None:
    both_settled = Barrier(2)
    settings = connections["default"].settings_dict

    def name_of(name: str) -> str:
        settle("default", {**settings, "NAME": str(tmp_path / name)}, os.environ["DJANGO_SETTINGS_MODULE"])
        both_settled.wait(10)
        return str(connections["default"].settings_dict["NAME"])

    with ThreadPoolExecutor(2) as threads:
        assert list(threads.map(name_of, "ab")) == [str(tmp_path / name) for name in "ab"]
    assert connections["default"].settings_dict is settings


def numbered(name: str, seen: list[str]) -> Step:
    class Result:
        rows = 1

    def work(run: Run) -> Any:
        seen.append(name)
        return Result()

    return Step(name, frozenset(), work)


def die(_: Run) -> Any:
    os.kill(os.getpid(), signal.SIGKILL)


def test_carry_out__worker_process_killed__is_an_error_in_a_sentence(tmp_path: Path) -> None:
    run = Run("default", "mentara", 0, {}, DEFAULT)
    with processes(1, silent) as executor, pytest.raises(SeedingError, match="A worker process was ended"):
        carry_out([Step("first", frozenset(), die), Step("second", frozenset({"first"}), die)], run, executor)


class Gone(Executor):
    """An executor whose scheduler has died: Dask's gives up some of what was submitted and is silent on the rest."""

    def __init__(self) -> None:
        self.submitted = 0

    def submit(self, *_: Any, **__: Any) -> Future[Any]:
        future: Future[Any] = Future()
        self.submitted += 1
        if self.submitted == 1:
            future.cancel()
            future.set_running_or_notify_cancel()
        return future


def test_carry_out__scheduler_of_the_cluster_gone__is_an_error_in_a_sentence() -> None:
    run = Run("default", "mentara", 0, {}, DEFAULT)
    with pytest.raises(SeedingError, match="A worker process was ended"):
        carry_out([Step("first", frozenset(), die), Step("second", frozenset(), die)], run, Gone())


def lose_track(_: Run) -> Any:
    raise UnknownRowError


def test_carry_out__worker_process_finds_rows_gone_each_time__says_so() -> None:
    run = Run("default", "mentara", 0, {}, DEFAULT)
    with processes(1, silent) as executor, pytest.raises(UnknownRowError, match="when they rest"):
        carry_out([Step("first", frozenset(), lose_track)], run, executor)


def test_carry_out__without_an_executor__keeps_the_order() -> None:
    seen: list[str] = []
    told: list[Progress] = []
    run = Run("default", "mentara", 0, {}, DEFAULT, listen=told.append)
    carry_out([numbered("first", seen), numbered("second", seen)], run)
    assert seen == ["first", "second"]
    assert [(event.kind, event.name, event.at) for event in told] == [
        ("start", "first", 1), ("done", "first", 1), ("start", "second", 2), ("done", "second", 2),
    ]  # fmt: skip


@on_both
def test_progress__of_a_step_with_several_tables__is_that_of_the_table_being_written(using: str) -> None:
    events: list[Progress] = []
    request = SeedRequest(sizes={"clients": 20}, as_of=AS_OF, using=using, enrich=False)
    with rolled_back(using):
        HybridSeedOrchestrator(request, events.append).run_hybrid_seed()
    told = [(event.name, event.table, event.rows, event.of) for event in events if event.kind == "rows"]
    assert {(name, table) for name, table, *_ in told} >= {
        ("Users", "User"), ("Content", "Post"), ("Content", "Comment"), ("Content", "Heart"),
        ("Therapy data", "PreAssessmentAnswer"),
    }  # fmt: skip
    assert all(0 < rows <= of for *_, rows, of in told)
    last = {(name, table): (rows, of) for name, table, rows, of in told}
    assert {rows == of for rows, of in last.values()} == {True}
