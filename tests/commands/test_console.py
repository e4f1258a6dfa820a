"""What a person reads."""

from __future__ import annotations

import io
import json
import re
import sys

import pytest

from seeding.console import Console, as_json, python
from seeding.demo import DemoLogin
from seeding.engine.reports import (
    Broken,
    EnrichmentResult,
    Finding,
    GeneratorResult,
    HybridSeedReport,
    MinimumCheck,
    Need,
    Progress,
    VerificationReport,
)
from seeding.engine.wording import numbered, words
from seeding.management.commands.verify_minimums import Command
from seeding.requirements import (
    CLIENT_CONVERSATIONS,
    COMMUNITIES,
    MEMBER_USERS,
    MINIMUMS,
    MODERATORS,
    THERAPISTS,
    USERS,
)

MET = MinimumCheck("client.posts", "clients", 5, 25, 0)
WHY = "needs 8 users, 6 exist; add 2 users or lower community.members"
SHORT = MinimumCheck(
    "community.members", "communities", 8, 7, 1, WHY, (Finding("community.members", "1", "Calm", 6, 8, WHY),)
)


def run(*checks: MinimumCheck, **more: object) -> HybridSeedReport:
    base = (GeneratorResult("generate_users", {"User": 4}, 0, 0.2),)
    enriched = (EnrichmentResult("Post", {"Post": 15}, 3, 0.1),)
    return HybridSeedReport(
        "light", "mentara", "2026-01-31T00:00:00+00:00", base, enriched, VerificationReport(checks), 1.25, **more
    )


def text(report: HybridSeedReport, verbosity: int = 1, *, told: bool = True) -> str:
    out = io.StringIO()
    Console(out, verbosity).report(
        report, [DemoLogin("client1@mentara.example", "a client")], "secret" if told else None
    )
    return out.getvalue()


def stream(encoding: str) -> io.TextIOWrapper:
    return io.TextIOWrapper(io.BytesIO(), encoding=encoding, write_through=True)


def written(out: io.TextIOWrapper) -> str:
    return out.buffer.getvalue().decode(out.encoding)


def test_progress__piped__is_a_line_for_each_table_done():
    out = io.StringIO()
    console = Console(out, 1)
    for event in (
        Progress("waiting", "another seeding run"),
        Progress("phase", "Enrichment"),
        Progress("start", "Posts", 4, 13),
        Progress("done", "Posts", 4, 13, 15),
    ):
        console.progress(event)
    assert [line.strip() for line in out.getvalue().splitlines() if line] == [
        "Waiting for another seeding run on this database to end…",
        "Enrichment",
        "[4/13] Posts… ✅ +15",
    ]


def test_progress__terminal__shows_what_is_under_way(monkeypatch):
    out = io.StringIO()
    monkeypatch.setattr(out, "isatty", lambda: True)
    console = Console(out, 1)
    console.progress(Progress("start", "Posts", 4, 13))
    console.progress(Progress("start", "Assessments", 5, 13))
    console.progress(Progress("rows", "Posts", rows=1500, of=6000, table="Post"))
    console.progress(Progress("done", "Assessments", 5, 13, 70))
    console.progress(Progress("rows", "Assessments", rows=70, of=70, table="PreAssessmentAnswer"))
    console.close()
    assert "[4/13] Posts… Post" in out.getvalue()
    assert "1500/6000" in out.getvalue()
    assert "[5/13] Assessments… ✅ +70" in out.getvalue()


@pytest.mark.parametrize("color", [True, False])
def test_progress__terminal__is_in_colour_unless_told_otherwise(monkeypatch, color):
    out = io.StringIO()
    monkeypatch.setattr(out, "isatty", lambda: True)
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)
    console = Console(out, 1, color=color)
    console.progress(Progress("start", "Posts", 4, 13))
    console.close()
    assert "[4/13] Posts…" in out.getvalue()
    assert bool(re.search(r"\x1b\[3\dm", out.getvalue())) is color


def test_progress__terminal_that_cannot_move_lines__is_plain_lines(monkeypatch):
    out = io.StringIO()
    monkeypatch.setattr(out, "isatty", lambda: True)
    monkeypatch.setenv("TERM", "dumb")
    console = Console(out, 1)
    console.progress(Progress("start", "Posts", 4, 13))
    console.progress(Progress("done", "Posts", 4, 13))
    console.close()
    assert "\n\n" not in out.getvalue()
    assert "\x1b" not in out.getvalue()


@pytest.mark.parametrize(("asked", "plain"), [("1", True), ("", False)])
def test_complaint__terminal__is_in_colour_unless_told_otherwise(monkeypatch, asked, plain):
    err = io.StringIO()
    monkeypatch.setattr(err, "isatty", lambda: True)
    monkeypatch.setattr("django.core.management.color.supports_color", lambda: True)
    monkeypatch.setenv("NO_COLOR", asked)
    Command(stderr=err).complain("Something is wrong.")
    assert (err.getvalue() == "Something is wrong.\n") is plain
    assert "Something is wrong." in err.getvalue()


@pytest.mark.parametrize(
    ("aside", "said"),
    [
        (("index a of Post",), "index a of Post is missing since a run did not end;"),
        (("index a of Post", "key b of Post"), "2 indexes and keys are missing since a run did not end, index a of"),
    ],
)
def test_missing_indexes__one_or_several__are_told(aside, said):
    out = io.StringIO()
    Console(out, 1).checks(VerificationReport((MET,), aside=aside))
    assert said in out.getvalue()


def test_python__the_folder_has_been_deleted__is_told_by_its_path(monkeypatch, tmp_path):
    monkeypatch.setattr("seeding.console.shutil.which", lambda _: None)
    monkeypatch.chdir(tmp_path)
    tmp_path.rmdir()
    assert python() == sys.executable


def test_progress__quiet__is_nothing():
    out = io.StringIO()
    console = Console(out, 0)
    console.progress(Progress("phase", "Enrichment"))
    console.say("something")
    assert out.getvalue() == ""


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252"])
def test_encoding__without_a_tick__says_ok(encoding):
    out = stream(encoding)
    console = Console(out, 1)
    console.progress(Progress("done", "Posts", 4, 13, 15))
    console.say("José – 静か")
    assert "[4/13] Posts... ok +15\n" in written(out)


def test_report__satisfied__says_so_for_each_kind():
    shown = text(run(MET))
    assert "✅ All 25 clients meet their minimums\n" in shown
    assert "19 rows added in 1.25 s" in shown
    assert "3 rows are dated as if young accounts had been there" in shown


def test_report__short__says_how_much_and_why():
    shown = text(run(MET, SHORT))
    assert f"❌ 1 of 7 communities short of community.members (8): {WHY}\n" in shown
    assert "Calm: has 6, needs 8" in shown
    assert "communities meet" not in shown


def test_report__more_short_than_shown__says_how_many_more():
    findings = tuple(Finding("client.posts", str(at), f"c{at}", 0, 5, WHY) for at in range(20))
    short = MinimumCheck("client.posts", "clients", 5, 2500, 1200, WHY, findings)
    assert "❌ 1,200 of 2,500 clients short" in text(run(short))
    assert "c2: has 0, needs 5\n       … and 1,197 more (-v 2 shows 20)\n" in text(run(short))
    assert "c19: has 0, needs 5\n       … and 1,180 more\n" in text(run(short), verbosity=2)


def test_report__nobody_there__says_what_to_do():
    shown = text(run(MinimumCheck("client.posts", "clients", 5, 0, 0)))
    assert "The database holds none of these; `manage.py seed` makes base data where its sizes are not 0.\n" in shown
    assert "none of these" not in text(run(MET))


def test_audit__kinds__are_counted_with_what_they_lack():
    out = io.StringIO()
    Console(out, 1).progress(Progress("audit", "Database audit", audit=(MET, SHORT)))
    shown = out.getvalue()
    assert "25 clients: nothing short\n" in shown
    assert "7 communities: short: community.members 1\n" in shown


def test_report__demo_logins__only_with_a_password_and_rows_written():
    assert "client1@mentara.example" in text(run(MET))
    assert "client1@mentara.example" not in text(run(MET), told=False)
    assert "client1@mentara.example" not in text(run(MET, dry_run=True))


def test_dry_run__many_subjects__names_twenty_unless_asked_for_all():
    needs = tuple(Need("Client", f"client{at}@mentara.example", {"client.posts": 3}) for at in range(25))
    shown = text(run(MET, dry_run=True, needs=needs))
    assert "Client client0@mentara.example: needs 3 posts\n" in shown
    assert shown.count(": needs 3 posts") == 20
    assert "and 5 more of Client" in shown
    assert "nothing was written" in shown
    assert text(run(MET, dry_run=True, needs=needs), verbosity=2).count(": needs 3 posts") == 25


def test_dry_run__no_gaps__has_no_heading_for_them():
    assert "Gaps" not in text(run(MET, dry_run=True))


def test_checks__coherence__kept_or_broken():
    out = io.StringIO()
    broken = Broken("C1", "Post", 2, "an author is a member", ("a", "b"))
    Console(out, 1).checks(VerificationReport((MET,), coherence_checked=True))
    Console(out, 1).checks(VerificationReport((MET,), (broken,), coherence_checked=True))
    assert "Every rule of coherence is kept" in out.getvalue()
    assert "C1 Post: 2 rows. an author is a member" in out.getvalue()


ONE_OF = {
    "client.communityMemberships": "1 community membership",
    "client.posts": "1 post",
    "client.comments": "1 comment",
    "client.hearts": "1 heart",
    "client.conversations": "1 conversation",
    "client.messagesPerConversation": "1 message per conversation",
    "client.completedAssessments": "1 completed assessment",
    "client.therapists": "1 therapist",
    "therapist.clientRelationships": "1 client relationship",
    "therapist.communityMemberships": "1 community membership",
    "therapist.posts": "1 post",
    "therapist.comments": "1 comment",
    "therapist.availabilityDays": "1 availability day",
    "therapist.meetings": "1 meeting",
    "therapist.worksheets": "1 worksheet",
    "therapist.sessionNotes": "1 session note",
    "therapist.reviewsReceived": "1 review received",
    "community.members": "1 member",
    "community.posts": "1 post",
    "community.moderators": "1 moderator",
    "post.comments": "1 comment",
    "post.hearts": "1 heart",
    "meeting.notesIfCompleted": "1 note if completed",
    "relationship.meetings": "1 meeting",
    "relationship.worksheets": "1 worksheet",
    "user.notifications": "1 notification",
    "admin.auditLogs": "1 audit log",
}


def test_needs__one_of_each_minimum__is_a_singular():
    assert {minimum.key: numbered(1, words(minimum.key)) for minimum in MINIMUMS} == ONE_OF
    assert numbered(2, words("client.messagesPerConversation")) == "2 messages per conversation"


def test_report__one_of_each__is_said_in_the_singular():
    one = MinimumCheck("community.posts", "communities", 10, 1, 0)
    lacking = MinimumCheck("client.posts", "clients", 5, 1, 1, "why")
    shown = text(run(one, lacking))
    assert "✅ 1 community meets its minimums\n" in shown
    assert "❌ 1 of 1 client short of client.posts (5): why\n" in shown


@pytest.mark.parametrize(
    ("rows", "one"),
    [
        (USERS, "1 user"),
        (THERAPISTS, "1 approved therapist"),
        (MODERATORS, "1 user with role moderator"),
        (COMMUNITIES, "1 community"),
        (CLIENT_CONVERSATIONS, "1 conversation of clients"),
        (MEMBER_USERS, "1 client and therapist user"),
    ],
)
def test_subjects__one_of_a_kind__is_a_singular(rows, one):
    assert numbered(1, rows.noun) == one


def test_json__report__holds_everything_and_differs_in_seconds_only():
    document = json.loads(as_json(run(MET, SHORT)))
    assert document["satisfied"] is False
    assert document["enrichment"][0]["added"] == {"Post": 15}
    assert document["verification"]["minimums"][1]["findings"][0]["has"] == 6

    def timeless(value: object) -> object:
        if isinstance(value, dict):
            return {key: timeless(one) for key, one in value.items() if key != "seconds"}
        return [timeless(one) for one in value] if isinstance(value, list) else value

    assert timeless(document) == timeless(json.loads(as_json(run(MET, SHORT))))
