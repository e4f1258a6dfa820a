"""Rows read and written in blocks are as the database has them; few are narrowed down to, many read as a whole."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from unittest import mock
from uuid import uuid4

import numpy as np
import pytest
from databases import on_both, on_postgres
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext
from enrichers.small_worlds import World, run_of
from seeded import seeded
from worlds import AS_OF

from mentara.models import Comment, CommunityMember, Heart, Therapist, User
from seeding.engine import columns, keys, postgres_writer
from seeding.engine.columns import TEXT, TIME, UUID, read
from seeding.engine.ids import existing
from seeding.engine.kept import Kept
from seeding.engine.keys import ids_of, is_base
from seeding.legacy.base import Base
from seeding.orchestrator import HybridSeedOrchestrator
from seeding.request import SeedRequest
from seeding.world.people import people


@pytest.mark.django_db
@pytest.mark.parametrize("zone", ["+00:00", "-05:30", "Z"])
def test_read__times_stored_with_a_zone__are_the_instants_they_are(zone):
    world = World("default")
    when = dt.datetime.fromisoformat(f"2026-01-31 23:30:00.5{zone}")
    for stored in (None, f"2026-01-31 23:30:00.5{zone}"):
        with connection.cursor() as cursor:
            cursor.execute('UPDATE "User" SET "lastLoginAt" = %s WHERE id = %s', [stored, world.client().pk.hex])
    found = read(User.objects.filter(role="client"), pk=UUID, last_login=TIME, created_at=TIME)
    assert sorted(found.last_login.tolist()) == [columns.MISSING, columns.micros(when)]


@on_both
@pytest.mark.parametrize("name", ["Ana", "", "Zoë\nO'Neil", "a\x1fb"])
@pytest.mark.parametrize("block", [1, 100_000])
def test_read__texts_and_times__come_as_they_are_stored(using, name, block):
    world = World(using)
    clients = [world.client() for _ in range(20)]
    User.objects.using(using).filter(pk=clients[3].pk).update(first_name=name)
    with mock.patch.object(columns, "_BLOCK", block):
        found = read(User.objects.using(using), pk=UUID, first_name=TEXT, created_at=TIME)
    stored = User.objects.using(using).order_by("pk").values_list("pk", "first_name", "created_at")
    assert keys.uuids_of(found.pk) == [pk for pk, _, _ in stored]
    assert found.first_name.tolist() == [text for _, text, _ in stored]
    assert found.created_at.tolist() == [columns.micros(when) for *_, when in stored]


@on_both
@pytest.mark.parametrize(("kept", "written", "seen"), [(False, "Post", 2), (True, "Post", 1), (True, "User", 2)])
def test_people__somebody_comes_meanwhile__are_as_read_until_the_run_itself_writes_some(using, kept, written, seen):
    world, run = World(using), replace(run_of(using), kept=Kept() if kept else None)
    world.client()
    people(run)
    world.client()
    run.wrote(written)
    found = people(run)
    assert len(found) == seen
    assert found.ids.flags.writeable != kept


@on_both
@pytest.mark.parametrize(("few", "large"), [(0, False), (2, False), (3, False), (3, True)])
def test_narrowed__few_or_many_ids__leaves_the_rows_they_lead_from(using, few, large):
    world = World(using)
    members = [world.client().user for _ in range(4)]
    ours = world.community(*members)
    theirs = world.community(*(world.client().user for _ in range(3)), slug="sleep")
    run = replace(run_of(using), large=large)
    asked = {"user_id": np.sort(keys.ids_of([members[1].pk, members[3].pk])), "community_id": keys.ids_of([theirs.pk])}
    with mock.patch.object(columns, "FEW", few):
        rows = columns.narrowed(run, CommunityMember.objects.using(using), **asked)
    found = set(rows.values_list("user_id", "community_id"))
    everything = set(CommunityMember.objects.using(using).values_list("user_id", "community_id"))
    mine = {(members[1].pk, ours.pk), (members[3].pk, ours.pk)} | {row for row in everything if row[1] == theirs.pk}
    assert len(mine) == 5 < len(everything)
    assert found == (mine if few == 3 and not large else everything)


@on_both
def test_narrowed__by_paths_through_other_tables__leaves_the_rows_that_either_leads_from(using):
    seeded(using)
    run, everything = run_of(using), Comment.objects.using(using).select_related("post", "parent")
    answered = [row for row in everything if row.parent is not None]
    about = {answered[0].post.user_id, answered[-1].parent.user_id}
    whom = np.sort(keys.ids_of(about))
    rows = columns.narrowed(run, Comment.objects.using(using), post__user=whom, parent__user=whom)
    mine = {row.pk for row in everything if {row.post.user_id, row.parent and row.parent.user_id} & about}
    assert {row.pk for row in rows} == mine
    assert len(rows) == len(mine) < len(everything)


@pytest.mark.django_db
def test_existing__many_ids_in_falling_order__are_all_found(monkeypatch):
    world = World("default")
    there = np.sort(keys.ids_of([world.user("client").pk for _ in range(5)]))[::-1]
    monkeypatch.setattr("seeding.engine.ids._MANY", 0)
    assert existing("default", User, there).all()


@on_both
def test_missing__many_rows_of_a_large_load__are_looked_for_by_one_query(using, monkeypatch):
    seeded(using)
    asking = HybridSeedOrchestrator(SeedRequest(as_of=AS_OF, using=using))
    base = Base(replace(asking.run, large=True), asking.sizes, "base")
    there = ids_of(Heart.objects.using(using).order_by("pk").values_list("pk", flat=True))
    theirs = there[is_base(there)]
    monkeypatch.setattr("seeding.legacy.base.AT_ONCE", 2)
    with CaptureQueriesContext(connections[using]) as asked:
        missing = base.missing("mentara.Heart", np.r_[theirs[::-1], keys.ids_of([uuid4()])])
    assert len(asked) <= 1  # on PostgreSQL it is asked past Django
    assert missing.tolist() == [False] * len(theirs) + [True]
    assert len(theirs) > 2


@on_postgres
def test_insert__amounts_of_any_length__are_as_postgresql_reads_them(using):
    cents = np.array([0, 7, 150_000, 999_999, 1_000_000, 1_234_567, 99_999_999])
    with connections[using].cursor() as cursor:
        cursor.execute('CREATE TEMPORARY TABLE "Therapist" ("hourlyRate" numeric(10, 2))')
        field = Therapist._meta.get_field("hourly_rate")
        postgres_writer.insert(using, Therapist, [field], {"hourly_rate": cents}, len(cents))
        cursor.execute('SELECT "hourlyRate" * 100 FROM "Therapist"')
        assert [hundredfold for (hundredfold,) in cursor.fetchall()] == cents.tolist()
