"""Gaps: who is short of what, few or many, kept or asked anew."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from databases import on_both
from django.db import connections
from django.test.utils import CaptureQueriesContext
from enrichers.small_worlds import World, run_of
from seeded import seeded

from mentara.models import Post, TherapistAvailability
from seeding.engine.checks import check_minimum
from seeding.engine.gaps import Gap, find_gap, measure_gap
from seeding.engine.kept import Kept
from seeding.engine.keys import ids_of
from seeding.requirements import MINIMUMS


@on_both
@pytest.mark.parametrize(("written", "short"), [("Heart", 2), ("CommunityMember", 1), ("Client", 1)])
def test_gap__filled_meanwhile_by_somebody_else__is_as_read_until_the_run_writes_what_it_counts(using, written, short):
    world, run = World(using), replace(run_of(using), kept=Kept())
    minimum = run.minimums["client.communityMemberships"]
    member, _ = (world.client().user for _ in range(2))
    assert measure_gap(run, minimum) == measure_gap(replace(run, large=True, many=True), minimum) == (2, 2, 2)
    world.community(member)
    run.wrote(written)
    assert measure_gap(run, minimum) == (2, short, short)
    assert measure_gap(replace(run, large=True, many=True), minimum) == (2, 1, 1)


@on_both
@pytest.mark.parametrize(
    ("key", "height", "asked_again"),
    [
        ("post.hearts", 1, False),
        ("post.hearts", 0, False),
        ("relationship.meetings", 1, True),
        ("client.messagesPerConversation", 1, True),
    ],
)
def test_gap__the_run_adds_subjects__has_those_that_are_short(using, key, height, asked_again):
    world, run = World(using), replace(run_of(using, {key: height}), kept=Kept())
    client, therapist, staff = world.client(), world.therapist(), world.user("moderator")
    place = world.community(client.user)
    world.meet(client, therapist)
    find_gap(run, run.minimums[key])

    made = [
        world.make(Post, user=client.user, community=place, title="On tea", content="Tea."),
        world.relate(client, therapist),
        world.talk("DIRECT", therapist.user, staff),
    ]
    with CaptureQueriesContext(connections[using]) as captured:
        for one in made:
            run.wrote(one._meta.db_table, {"id": ids_of([one.pk])})
        kept = find_gap(run, run.minimums[key])
    assert using == "postgres" or bool(len(captured)) == asked_again
    anew = find_gap(run_of(using, {key: height}), run.minimums[key])
    assert (kept.ids.tolist(), kept.has.tolist()) == (anew.ids.tolist(), anew.has.tolist())
    assert len(kept) == (key == "post.hearts" and height)


@on_both
def test_gap__of_any_height__is_measured_in_rows_and_read_in_the_order_of_ids(using):
    world, run = World(using), replace(run_of(using), kept=Kept())
    posts = run.minimums["client.posts"]

    def measured(height):
        asked = replace(posts, at_least=height)
        assert measure_gap(run, asked) == measure_gap(replace(run, large=True), asked)
        return measure_gap(run, asked)

    assert measured(5) == (0, 0, 0)
    author, *_ = (world.client().user for _ in range(9))
    world.make(Post, user=author, community=world.community(author), title="On tea", content="Tea.")
    for table in ("Client", "Post"):
        run.wrote(table)
    assert [measured(height) for height in (5, 1, 0)] == [(9, 9, 44), (9, 8, 8), (9, 0, 0)]
    found = find_gap(run, posts).ids.tolist()
    assert found == sorted(found)


@on_both
def test_gap__of_days__counts_several_windows_of_a_day_once(using):
    world, run = World(using), run_of(using)
    therapist = world.therapist()
    for opens, closes in (("09:00", "11:00"), ("13:00", "15:00")):
        hours = {"day_of_week": "MONDAY", "start_time": opens, "end_time": closes, "timezone": "Asia/Manila"}
        world.make(TherapistAvailability, therapist=therapist, is_available=True, **hours)
    assert find_gap(run, run.minimums["therapist.availabilityDays"]).has.tolist() == [1]


def test_gap__people_asked_about__need_what_they_are_short_of_and_others_nothing():
    short, enough, new = (bytes([at]) * 16 for at in (1, 2, 3))
    gap = Gap("client.posts", np.array([short, new], dtype="S16"), np.array([2, 0]), 5)
    assert gap.needed_by(np.array([short, enough], dtype="S16")).tolist() == [3, 0]
    assert gap.needed_by(np.array([], dtype="S16")).tolist() == []
    assert [gap.among(np.array([one], dtype="S16")).needs.tolist() for one in (short, enough, new)] == [[3], [], [5]]


@on_both
@pytest.mark.parametrize("minimum", MINIMUMS, ids=[one.key for one in MINIMUMS])
def test_gap__subjects_few_or_many__is_the_same(using, minimum, monkeypatch):
    seeded(using, enrich=False)
    raised = replace(minimum, at_least=30)
    few, counted = find_gap(run_of(using), raised), check_minimum(using, raised)
    monkeypatch.setattr("seeding.engine.minimum.FEW", 0)
    many = find_gap(run_of(using), raised)
    assert len(many) > 0
    assert (few.ids.tolist(), few.has.tolist()) == (many.ids.tolist(), many.has.tolist())
    assert check_minimum(using, raised).short == counted.short == len(many)
