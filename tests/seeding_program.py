"""Seeds the database of DATABASE_URL in a process of its own, as its one argument says (JSON), and dumps it.

requests    what to run, one after the other; `as_of` is ISO 8601
kill_at     kill this process when that part begins
interrupt_at  be interrupted when that part begins, just as SQLite has begun a transaction
interrupt_all_at  interrupt this process and its workers, as a terminal does, when that part begins
deaf        take no interruption, as what a script has in the background
kill_after  kill this process after so many bulk inserts, in the middle of a transaction
interrupt_after  be interrupted after so many indexes and keys were put back, by each of these numbers once
hold_until  wait with the first part until this file exists
holds       make this file before that
waits       make this file when another run is waited for
odd         add the rows of odd_rows.py
large       treat every load as a large one, and make sure that there is one
dump        write every row of every table to this file
fixtures    write the fixtures of these names
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import count
from pathlib import Path
from typing import Any
from uuid import UUID

import django


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mentara.settings")
    django.setup()
    from django.db import connection
    from oracle import read_world

    from seeding.engine import asking, large_load, setaside
    from seeding.orchestrator import HybridSeedOrchestrator
    from seeding.request import SeedRequest

    plan = json.loads(sys.argv[1])
    if "kill_after" in plan:
        die_while_writing(plan["kill_after"])

    if "interrupt_after" in plan:
        be_interrupted_after(plan["interrupt_after"])

    if "interrupt_all_at" in plan:
        os.setpgrp()
        signal.signal(signal.SIGINT, signal.SIG_IGN if plan.get("deaf") else signal.default_int_handler)

    if plan.get("large"):
        large_load.LARGE_LOAD = large_load.LOAD_OF_MANY = asking.LARGE = 0

    phases: set[str] = set()

    def listen(progress: Any) -> None:
        phases.add(progress.name)
        if progress.kind == "waiting":
            Path(plan["waits"]).touch()
        if progress.kind in ("start", "phase") and progress.name == plan.get("kill_at"):
            die()
        if progress.kind == "start" and progress.name == plan.get("interrupt_all_at"):
            assert setaside.is_any("default")
            os.killpg(0, signal.SIGINT)
        if progress.kind == "start" and progress.name == plan.get("interrupt_at"):
            assert setaside.is_any("default")
            connection.connection.execute("BEGIN IMMEDIATE")
            raise KeyboardInterrupt
        if progress.kind == "start":
            if "holds" in plan:
                Path(plan["holds"]).touch()
            while "hold_until" in plan and not Path(plan["hold_until"]).exists():
                time.sleep(0.01)

    rows = []
    for request in plan["requests"]:
        as_of = datetime.fromisoformat(request["as_of"])
        rows.append(HybridSeedOrchestrator(SeedRequest(**{**request, "as_of": as_of}), listen).run_hybrid_seed().rows)
    assert not plan.get("large") or "Indexes and foreign keys" in phases
    if "odd" in plan:
        from odd_rows import add_odd_rows

        add_odd_rows()
    sys.stdout.write(json.dumps(rows))
    if "dump" in plan:
        Path(plan["dump"]).write_text("".join(lines_of(read_world("default"))), encoding="utf-8")
    for path in plan.get("fixtures", ()):
        from seeding.fixtures.dump import dump

        dump("default", path)


def lines_of(world: Any) -> Iterator[str]:
    for table in sorted(world.tables):
        for _, row in sorted(world[table].items()):
            yield f"{table} {json.dumps(row, default=plain, ensure_ascii=False)}\n"


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def die_while_writing(inserts: int) -> None:
    """Let the process die within the transaction of the insert of that number."""
    from seeding.engine import writing

    insert, numbers = writing.bulk_insert, count(1)

    def insert_and_die(*arguments: Any) -> int:
        rows = insert(*arguments)
        if next(numbers) == inserts:
            die()
        return rows

    writing.bulk_insert = insert_and_die


def be_interrupted_after(numbers: list[int]) -> None:
    """Be interrupted as soon as so many indexes and keys have been put back, in all."""
    from seeding.engine import setaside

    make, made = setaside.make, count(1)

    def make_and_stop(*arguments: Any) -> None:
        make(*arguments)
        if next(made) in numbers:
            raise KeyboardInterrupt

    setaside.make = make_and_stop


def plain(value: object) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, UUID | Decimal):
        return str(value)
    raise TypeError(type(value))


if __name__ == "__main__":
    main()
