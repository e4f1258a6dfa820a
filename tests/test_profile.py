"""The measures agree with a world that can be counted by hand, and fit on a page."""

from __future__ import annotations

import datetime as dt
import io
import json

import numpy as np
import pytest
from databases import on_both
from django.core.management import call_command
from django.db import connections
from django.db.models import JSONField, Value
from django.test.utils import CaptureQueriesContext
from little_world import START, LittleWorld

from mentara import models
from seeding.management.commands.profile_seed import BAR, bar, levels, utc
from seeding.models import SeedRun
from seeding.profile import measure
from seeding.profile.content import gini
from seeding.reading import reading


@pytest.fixture
def world(using):
    return LittleWorld(using)


@pytest.fixture
def profile(world, using):
    return measure(reading(using))


def named(parts):
    return {part.name: part for part in parts}


def shares(parts):
    return {part.name: (part.part, part.whole) for part in parts}


@pytest.mark.parametrize(
    ("numbers", "expected"),
    [
        ([3, 3, 3, 3], 0.0),
        ([0, 0, 0, 8], 0.75),  # one of four has all: 1 - 1/4
        ([1, 2, 3, 4], 0.25),  # 2 * (1 + 4 + 9 + 16) / (4 * 10) - 5/4
        ([4, 1, 3, 2], 0.25),
        ([1, 3], 0.25),  # mean difference 1 over twice the mean 2
        ([5], 0.0),
        ([0, 0], 0.0),
        ([], 0.0),
    ],
)
def test_gini__worked_by_hand__agrees(numbers, expected):
    assert gini(np.array(numbers, dtype=np.int64)) == pytest.approx(expected)


@on_both
class TestMeasures:
    def test_rows__unseeded_tables__are_left_out(self, profile):
        assert profile.rows["Post"] == 3
        assert not {"Payment", "Invoice"} & set(profile.rows)

    def test_distinct__a_post_said_twice__counts_once(self, profile):
        assert shares(profile.distinct) == {
            "posts": (2, 3),
            "comments": (3, 3),
            "messages": (2, 2),
            "session notes": (1, 1),
            "reviews": (1, 1),
        }

    def test_spread__those_without__count_too(self, profile):
        spread = named(profile.spread)
        posts = spread["posts per client or therapist"]
        assert (posts.owners, posts.most, posts.mean) == (3, 3, 1.0)
        assert posts.gini == pytest.approx(2 / 3, abs=1e-4)
        comments = spread["comments per post"]
        assert (comments.owners, comments.most) == (3, 3)
        assert comments.gini == pytest.approx(2 / 3, abs=1e-4)
        members = spread["members per community"]
        assert (members.owners, members.most) == (4, 2)
        assert members.gini == pytest.approx(0.15)  # of 1, 1, 1, 2

    def test_agreement__each_kind__counts_what_is_the_client_s(self, profile):
        assert shares(profile.agreement) == {
            "clients in a community of a concern of theirs": (2, 2),
            "concern communities joined that are theirs": (4, 5),
            "posts in concern communities that are theirs": (2, 3),
            "clients who score higher where their concerns lie": (1, 2),
            "clients who are better at their latest follow-up": (1, 1),
            "therapists expert in a concern of the client's": (1, 2),
            "worksheets on a concern that are on the client's": (1, 2),
            "worksheets on the client's, or by an approach": (2, 4),
        }

    @pytest.mark.parametrize("expertise", [None, "anxiety", {"anxiety": 1}, [["anxiety"], {}], 7])
    def test_agreement__expertise_in_a_shape_of_somebody_else_s__is_none(self, world, using, expertise):
        models.Therapist.objects.using(using).update(expertise=Value(expertise, JSONField()))
        agreement = shares(measure(reading(using)).agreement)
        assert agreement["therapists expert in a concern of the client's"] == (0, 2)

    def test_scores__means__are_parts_of_the_range(self, profile):
        scores = profile.scores
        assert scores.concerned == pytest.approx((2 / 3 + 1 / 3) / 2, abs=1e-4)
        assert scores.others == pytest.approx(3 / 14, abs=1e-4)
        assert scores.first == pytest.approx(1.0)
        assert scores.follow_up == pytest.approx(1 / 3, abs=1e-4)

    def test_states__what_nobody_is_in__is_missing(self, profile):
        states = {one.column: one for one in profile.states}
        meetings = states["Meeting.status"]
        assert (meetings.found["COMPLETED"], meetings.found["SCHEDULED"]) == (1, 1)
        assert meetings.missing == ("CONFIRMED", "WAITING", "IN_PROGRESS", "CANCELLED", "NO_SHOW")
        assert states["Review.rating"].missing == ("1", "2", "3", "5")
        assert states["User.role"].missing == ("moderator", "admin")
        assert not {column for column in states if column.startswith(("Payment", "Invoice"))}

    def test_flags__both_values__are_looked_for(self, profile):
        flags = {one.column: one for one in profile.flags}
        assert flags["Message.isEdited"].found == {"True": 1, "False": 1}
        assert flags["Message.isDeleted"].missing == ("True",)

    def test_bands__of_every_questionnaire__are_listed(self, profile):
        bands = {one.column: one for one in profile.bands}
        assert len(bands) == 15
        assert bands["anxiety"].found == {"minimal": 0, "mild": 2, "moderate": 0, "severe": 1}
        assert bands["ocd"].missing == tuple(bands["ocd"].found)

    @pytest.mark.parametrize(
        ("scores", "bands"), [({"anxiety": None, "stress": "12"}, {}), ({"anxiety": 5}, []), ([], ["mild"]), (7, 7)]
    )
    def test_scores__in_a_shape_of_somebody_else_s__are_passed_over(self, world, using, scores, bands):
        before = measure(reading(using)).bands
        world.sit(world.ana, 80, scores, bands)
        assert measure(reading(using)).bands == before

    def test_accounts__of_the_demo_card__are_counted(self, profile):
        assert profile.accounts.found["a client who has not found a therapist"] == 0
        assert profile.accounts.found["a therapist whose application is pending"] == 0
        assert "a therapist whose application is pending" in profile.accounts.missing

    def test_rhythm__local_time__is_the_locale_s(self, profile, using):
        hours = {one.name: one.hours for one in profile.rhythm}
        assert (hours["messages"][19], profile.utc_offset) == (2, 8 * 60)
        weekdays = {one.name: one.weekdays for one in profile.rhythm}
        assert weekdays["messages"] == (2, 0, 0, 0, 0, 0, 0)
        assert weekdays["posts"] == (1, 1, 1, 0, 0, 0, 0)
        elsewhere = {one.name: one.hours for one in measure(reading(using, "en_GB")).rhythm}
        assert elsewhere["messages"][11] == 2

    def test_growth__months__are_told_from_the_first_to_the_last(self, profile):
        assert [(one.name, dict(one.months)) for one in profile.growth] == [
            ("sign-ups", {"2026-01": 3}),
            ("posts", {"2026-01": 3}),
        ]

    @pytest.mark.parametrize("year", [1, 9999])
    def test_growth__a_row_of_a_far_year__is_one_month_more(self, world, using, year):
        models.User.objects.using(using).filter(pk=world.thea.pk).update(created_at=START.replace(year=year))
        months = measure(reading(using)).growth[0].months
        assert months == {"2026-01": 2, f"{year:04d}-01": 1}
        assert list(months) == sorted(months)

    def test_reading__seeded_more_than_once__goes_by_the_first_seed(self, world, using):
        for seed, day in (("one", 2), ("two", 3)):
            SeedRun.objects.using(using).create(seed=seed, as_of=f"2026-02-0{day}T00:00:00+00:00")
        run = reading(using)
        assert (run.seed, run.as_of) == ("one", 1_770_076_800_000_000)


@on_both
class TestCommand:
    def shown(self, using, **options):
        out = io.StringIO()
        call_command("profile_seed", database=using, stdout=out, **options)
        return out.getvalue()

    def test_table__small_world__fits_in_a_hundred_columns(self, world, using):
        shown = self.shown(using)
        assert max(map(len, shown.splitlines())) <= 100
        assert f"  66.7%  {'██████████▋':<16}  {'2 of 3':>18}  posts\n" in shown
        assert "Rhythm, in local time (UTC+8)" in shown
        assert "missing NO_SHOW" in shown

    def test_table__nobody_has_posted__counts_the_months_of_sign_ups(self, world, using):
        models.Post.objects.using(using).all().delete()
        out = io.StringIO()
        call_command("profile_seed", database=using, stdout=out)
        growth = out.getvalue().partition("Growth")[2].partition("States")[0].splitlines()
        months = [line.split() for line in growth if line.strip().startswith("20")]
        assert months
        assert all("0" in month for month in months)

    def test_table__a_row_at_the_end_of_the_calendar__is_one_line_more(self, world, using):
        before = self.shown(using)
        models.Post.objects.using(using).filter(pk=models.Post.objects.using(using).first().pk).update(
            created_at=dt.datetime(9999, 12, 31, 23, 59, tzinfo=dt.UTC)
        )
        shown = self.shown(using)
        assert len(shown.splitlines()) == len(before.splitlines()) + 1
        assert shown.index("  2026-01  ") < shown.index("  10000-01  ")  # which it is by then in local time

    def test_table__nobody_there__says_so(self, using):
        shown = self.shown(using)
        assert max(map(len, shown.splitlines())) <= 100
        assert "—" in shown

    def test_table__plain_stream__is_drawn_with_plain_characters(self, world, using):
        out = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
        call_command("profile_seed", database=using, stdout=out)
        out.seek(0)
        shown = out.read()
        assert "##########" in shown
        assert "?" not in shown

    def test_json__small_world__holds_the_measures(self, world, using):
        document = json.loads(self.shown(using, format="json"))
        assert document["distinct"][0] == {"name": "posts", "part": 2, "whole": 3, "share": 0.6667}
        assert document["utc_offset"] == 480

    def test_any__is_run__only_reads(self, world, using):
        with CaptureQueriesContext(connections[using]) as queries:
            self.shown(using)
        assert {query["sql"].split()[0].strip("(").upper() for query in queries} <= {"SELECT", "WITH", "PRAGMA"}


@pytest.mark.parametrize(("offset", "called"), [(0, "UTC+0"), (480, "UTC+8"), (330, "UTC+5:30"), (-210, "UTC-3:30")])
def test_utc__minutes__are_told_where_they_are_no_whole_hour(offset, called):
    assert utc(offset) == called


def test_command__unknown_database__is_wrong_usage(capsys):
    with pytest.raises(SystemExit) as ended:
        call_command("profile_seed", database="nowhere")
    assert ended.value.code == 2
    assert "Unknown database 'nowhere'" in capsys.readouterr().err


def test_drawing__bars_and_levels__are_as_long_and_high_as_they_should():
    assert (bar(0.0), bar(None), bar(1.0), bar(0.5)) == ("", "", "█" * BAR, "█" * (BAR // 2))
    assert bar(1 / BAR + 1 / 8 / BAR) == "█▏"
    assert levels([0, 1, 8], 2) == "  ▁▁██"
    assert levels([0, 0], 1) == "  "
