"""Stories are told whole, in order, and the same ones for the same text."""

from __future__ import annotations

import datetime as dt
import io

import pytest
from databases import on_both
from django.core.management import call_command
from django.db import connections
from django.db.models import JSONField, Value
from django.test.utils import CaptureQueriesContext
from little_world import START, LittleWorld

from mentara.models import Comment, Post, PreAssessment, Therapist, User
from seeding import stories
from seeding.management.commands.read_seed import Clock
from seeding.reading import reading

pytestmark = on_both


@pytest.fixture
def run(using):
    world = LittleWorld(using)
    found = reading(using)
    assert world.first
    return found


def test_choice__same_text__chooses_the_same_and_another_others(run):
    first = stories.chosen(run, "Comment", 2, "a")
    assert first == stories.chosen(run, "Comment", 2, "a")
    assert len(first) == 2
    assert first == stories.chosen(run, "Comment", 3, "a")[:2]
    assert len({tuple(stories.chosen(run, "Comment", 1, text)) for text in "abcdefgh"}) > 1


def test_threads__answers__stand_below_what_they_answer(run):
    told = {thread.lines[0].at: thread for thread in stories.threads(run, 9, "a")}
    assert len(told) == 3
    thread = told[min(told)]
    assert (thread.community, thread.title) == ("Anxiety", "IT IS LOUD TODAY.")
    assert [(line.depth, line.who, line.text, line.hearts) for line in thread.lines] == [
        (0, "Ana Cruz", "It is loud today.", 1),
        (1, "Ben Cruz", "I hear you.", 0),
        (2, "Ana Cruz", "Thank you.", 0),
        (1, "Thea Cruz (therapist)", "Go gently.", 0),
    ]


def test_talks__replies_and_marks__are_shown(run):
    (talk,) = stories.talks(run, 5, "a")
    assert (talk.type, talk.title, talk.people) == ("DIRECT", "", ("Ana Cruz", "Ben Cruz"))
    assert [(line.who, line.text) for line in talk.lines] == [
        ("Ana Cruz", "Hello Ben."),
        ("Ben Cruz", "[to “Hello Ben.”] [edited] Hello Ana."),
    ]


def test_stories__client__are_whole_and_in_order(run):
    story = next(story for story in stories.stories(run, 2, "a") if story.name == "Ana Cruz")
    assert story.concerns == ("anxiety", "stress", "insomnia")
    assert story.about == "Cebu, Philippines; Ana sings."
    assert [event.at for event in story.events] == sorted(event.at for event in story.events)
    assert story.events[0].at == START
    told = [(event.what, event.text) for event in story.events]
    assert told[:2] == [("signed up", "Ana@example.org"), ("joined", "Anxiety")]
    assert ("assessed", "GAD-7 21/21 (severe), PHQ-9 0/27 (minimal)") in told
    assert ("matched", "Thea Cruz (therapist), expert in anxiety; active") in told
    assert ("session", "COMPLETED, video, 50 min, with Thea Cruz (therapist): First session") in told
    assert ("notes", "S: Spoke of work.\nP: Breathe.") in told
    assert ("worksheet", "REVIEWED: “Anxiety page” (Anxiety). Write.") in told
    assert [event.due.date() for event in story.events if event.text.startswith("REVIEWED: “Anxiety page”")] == [
        dt.date(2026, 2, 2)
    ]
    assert ("handed in", "“Anxiety page”") in told
    assert ("feedback", "“Anxiety page”: Well seen.") in told
    assert told[-2:] == [
        ("feedback", "“Knitting page”: Well seen."),
        ("assessed", "GAD-7 7/21 (mild), PHQ-9 0/27 (minimal)"),
    ]
    assert ("review", "4/5 of Thea Cruz (therapist): Kind. I was heard.") in told


@pytest.mark.parametrize("using", ["default"])
def test_stories__events_of_one_instant__come_in_one_order_whatever_the_database_s(run):
    told = list(stories.stories(run, 2, "a"))
    with connections[run.using].cursor() as cursor:
        cursor.execute("PRAGMA reverse_unordered_selects = ON")
        try:
            assert list(stories.stories(run, 2, "a")) == told
        finally:
            cursor.execute("PRAGMA reverse_unordered_selects = OFF")


def test_stories__unfinished_assessment__is_told_as_such(run):
    story = next(story for story in stories.stories(run, 2, "a") if story.name == "Ben Cruz")
    assert ("assessed", "begun, not finished") in [(event.what, event.text) for event in story.events]


@pytest.mark.parametrize(
    ("scores", "told", "expertise"),
    [({"anxiety": 5, "stress": None}, "GAD-7 5/21 (no band)", []), ([], "", None), ("none", "", 7)],
)
def test_stories__columns_in_a_shape_of_somebody_else_s__tell_what_they_say(run, scores, told, expertise):
    ana = User.objects.using(run.using).get(first_name="Ana")
    sitting = PreAssessment.objects.using(run.using).filter(user=ana.pk).latest("completed_at")
    PreAssessment.objects.using(run.using).filter(pk=sitting.pk).update(scores=scores, severity_levels=[])
    Therapist.objects.using(run.using).update(expertise=Value(expertise, JSONField()))
    story = next(story for story in stories.stories(run, 2, "a") if story.name == "Ana Cruz")
    assert ("assessed", told) in [(event.what, event.text) for event in story.events]
    assert any("expert in nothing" in event.text for event in story.events)


class TestCommand:
    def shown(self, using, **options):
        out = io.StringIO()
        call_command("read_seed", database=using, stdout=out, **options)
        return out.getvalue()

    def test_all__small_world__fits_in_a_hundred_columns_in_local_time(self, run):
        shown = self.shown(run.using)
        assert max(map(len, shown.splitlines())) <= 100
        assert "Mon 2026-01-12 19:30  Ana Cruz  ♥ 1\n  It is loud today.\n" in shown
        assert "\n        Mon 2026-01-12 20:00  Ana Cruz\n          Thank you.\n" in shown
        assert "── client: Ana Cruz ─" in shown

    @pytest.mark.parametrize(
        ("instant", "locale", "told"),
        [
            (dt.datetime(9999, 12, 31, 23, 59, tzinfo=dt.UTC), "en_PH", "Fri 9999-12-31 23:59  Ana Cruz"),
            (dt.datetime(1, 1, 1, 0, 1, tzinfo=dt.UTC), "en_US", "1-01-01 00:01  Ana Cruz"),
        ],
    )
    def test_times__where_the_calendar_has_none_in_local_time__are_those_of_utc(self, run, instant, locale, told):
        User.objects.using(run.using).update(created_at=instant)
        Post.objects.using(run.using).update(created_at=instant)
        assert told in self.shown(run.using, locale=locale)

    def test_numbers__nought__leaves_the_part_out(self, run):
        assert self.shown(run.using, posts=0, conversations=0, clients=0) == ""
        assert self.shown(run.using, posts=0, clients=0).count("──\n") == 1

    def test_any__is_run__only_reads(self, run):
        with CaptureQueriesContext(connections[run.using]) as queries:
            self.shown(run.using)
        assert {query["sql"].split()[0].strip("(").upper() for query in queries} <= {"SELECT", "WITH", "PRAGMA"}

    def test_reading__nothing_there__is_said(self, using):
        said = "Nothing of this is there yet; `manage.py seed` makes base data.\n"
        assert self.shown(using) == said

    @pytest.mark.parametrize("wrong", [{"posts": -1}, {"database": "nowhere"}])
    def test_reading__wrong_usage__is_refused_in_a_sentence(self, wrong, capsys):
        with pytest.raises(SystemExit) as ended:
            call_command("read_seed", **wrong)
        assert ended.value.code == 2
        assert len(capsys.readouterr().err.strip().splitlines()) == 1


def test_clock__a_worksheet__is_due_by_local_time():
    due = dt.datetime(2026, 11, 8, 2, tzinfo=dt.UTC)
    event = stories.Event(START, "worksheet", "ASSIGNED: “Page”", due)
    told = list(Clock(-5 * 3600 * 1_000_000).story(stories.Story("Ana", "", (), (event,))))
    assert told[-1].endswith("worksheet   due Sat 2026-11-07 21:00, ASSIGNED: “Page”")


def test_threads__of_a_very_long_chain_of_answers__are_told(run, using):
    post = Post.objects.using(using).first()
    parent = None
    for number in range(1100):
        parent = Comment(post=post, user_id=post.user_id, parent=parent, content=str(number), created_at=START)
        parent.save(using=using)
    lines = [line for thread in stories.threads(run, 50, "a") for line in thread.lines]
    assert ("1099", 1100) in {(line.text, line.depth) for line in lines}
