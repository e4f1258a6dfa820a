"""Questions asked side by side of a SQLite file are answered as they are one by one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from threading import get_ident
from typing import Any
from unittest import mock

import pytest
from django.core.management import call_command
from django.db import connections, transaction
from worlds import AS_OF

from mentara.models import Notification, Post
from seeding.engine import asking
from seeding.orchestrator import HybridSeedOrchestrator, SeedRequest
from seeding.verification import verify, with_heights

FILE = "file"


@pytest.fixture
def seeded_file(tmp_path: Path, django_db_blocker: Any) -> Iterator[str]:
    """The alias of a SQLite file that holds a light seed."""
    connections.settings[FILE] = {**connections.settings["default"], "NAME": str(tmp_path / "world.sqlite3")}
    with django_db_blocker.unblock():
        try:
            call_command("migrate", database=FILE, verbosity=0)
            assert HybridSeedOrchestrator(SeedRequest(as_of=AS_OF, using=FILE)).run_hybrid_seed().satisfied
            yield FILE
        finally:
            connections[FILE].close()
            del connections[FILE]
            del connections.settings[FILE]


def test_verify__side_by_side__finds_what_it_finds_one_by_one(seeded_file: str) -> None:
    Notification.objects.using(seeded_file).all().delete()
    one_by_one = verify(seeded_file, with_heights({"client.posts": 9}), filled=True)
    with mock.patch.object(asking, "LARGE", 0):
        side_by_side = verify(seeded_file, with_heights({"client.posts": 9}), filled=True)
    assert side_by_side == one_by_one
    assert {check.key for check in one_by_one.minimums if check.short} == {"client.posts", "user.notifications"}


def test_verify__within_a_transaction__reads_what_it_has_written(seeded_file: str) -> None:
    with mock.patch.object(asking, "LARGE", 0), transaction.atomic(using=seeded_file):
        Post.objects.using(seeded_file).all().delete()
        found = {check.key: check.short for check in verify(seeded_file, with_heights({})).minimums}
        transaction.set_rollback(True, using=seeded_file)
    assert found["client.posts"] > 0
    assert found["community.posts"] > 0


@pytest.mark.parametrize(("large", "apart"), [(0, True), (10**9, False)])
def test_each__by_size_of_the_database__asks_in_threads_and_leaves_no_connection(
    seeded_file: str, large: int, apart: bool
) -> None:
    used = []

    def ask(number: int) -> tuple[bool, int]:
        used.append(connections[seeded_file])
        return get_ident() != here, Post.objects.using(seeded_file).count() + number

    here, posts = get_ident(), Post.objects.using(seeded_file).count()
    with mock.patch.object(asking, "LARGE", large):
        answers = asking.each(seeded_file, ask, range(5), [Post])
    assert answers == [(apart, posts + number) for number in range(5)]
    assert all((one.connection is None) == apart for one in used)
