"""`--reset` empties what is Mentara's, what is the toolkit's, and nothing of anybody else's."""

from __future__ import annotations

from typing import Any

import pytest
from databases import BOTH
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.models import Group
from django.contrib.contenttypes.models import ContentType
from django.db import connections
from oracle import read_world
from seeded import seeded
from worlds import AS_OF

from mentara.models import User
from seeding.engine.errors import SeedingError
from seeding.models import SeedBase, SeedRun
from seeding.orchestrator import HybridSeedOrchestrator
from seeding.request import SeedRequest
from seeding.tables import empty_tables

pytestmark = pytest.mark.django_db(databases=BOTH, transaction=True)


@pytest.fixture
def run(using: str) -> Any:
    def seed(**request: Any) -> Any:
        return HybridSeedOrchestrator(SeedRequest(as_of=AS_OF, using=using, **request)).run_hybrid_seed()

    seeded(using)
    return seed


@pytest.fixture
def elsewhere(using: str) -> Any:
    """Two tables of somebody else's: one that refers to users, and one that refers to the first."""
    connection = connections[using]
    key = "uuid" if connection.vendor == "postgresql" else "char(32)"
    with connection.cursor() as cursor:
        cursor.execute(f'CREATE TABLE near (id integer PRIMARY KEY, user_id {key} NULL REFERENCES "User" (id))')
        cursor.execute("CREATE TABLE far (id integer PRIMARY KEY, near_id integer NULL REFERENCES near (id))")
        try:
            yield cursor
        finally:
            cursor.execute("DROP TABLE far")
            cursor.execute("DROP TABLE near")


def test_reset__rows_of_the_toolkit_and_the_admin_s_log_of_them__go_and_others_stay(using: str, run: Any) -> None:
    user = User.objects.using(using).first()
    kind = ContentType.objects.using(using).get_or_create(app_label="mentara", model="user")[0]
    LogEntry.objects.using(using).create(user_id=user.pk, content_type=kind, object_id=user.pk, action_flag=CHANGE)
    Group.objects.using(using).create(name="kept")
    before = read_world(using)
    assert run(reset=True).satisfied
    assert read_world(using).tables == before.tables
    assert LogEntry.objects.using(using).count() == 0
    assert Group.objects.using(using).count() == 1
    empty_tables(using)
    assert read_world(using).size == SeedRun.objects.using(using).count() == SeedBase.objects.using(using).count() == 0


def test_reset__tables_of_somebody_else_that_are_empty__do_not_matter(using: str, run: Any, elsewhere: Any) -> None:
    User.objects.using(using).filter(email="client1@mentara.example").update(first_name="Changed")
    assert run(reset=True).satisfied
    assert not User.objects.using(using).filter(first_name="Changed").exists()


@pytest.mark.parametrize("rows", [["near"], ["far"], ["near", "far"]])
def test_reset__rows_of_somebody_else_would_go__is_refused_and_deletes_nothing(
    using: str, run: Any, elsewhere: Any, rows: list[str]
) -> None:
    for table in rows:
        elsewhere.execute(f"INSERT INTO {table} (id) VALUES (1)")  # noqa: S608  (our own text)
    before = read_world(using)
    named = ", ".join(sorted(rows))
    with pytest.raises(SeedingError, match=f"Nothing was emptied: {named} would lose rows"):
        run(reset=True)
    assert read_world(using).tables == before.tables
    for table in rows:
        elsewhere.execute(f"SELECT COUNT(*) FROM {table}")  # noqa: S608  (our own text)
        assert elsewhere.fetchone() == (1,)
