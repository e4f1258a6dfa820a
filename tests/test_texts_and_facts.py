"""What is said agrees with what has happened: texts are found again in the corpus and held against the rows around."""

from __future__ import annotations

import re
from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from django.conf import settings
from django.db.models import Exists, F, Max, Min, OuterRef, Q
from django.db.models.functions import Greatest
from seeded import seeded
from test_convergence import run
from worlds import AS_OF

from mentara import models as m
from seeding.cast import MATCHED
from seeding.corpus import load
from seeding.rows.accounts import email
from seeding.rows.communities import community_slug
from seeding.texts import composing
from seeding.texts.messages import alternatives
from seeding.world.concerns import COMMUNITY_ORDER, CONCERNS, GENERAL, OTHER_TOPIC
from seeding.world.locales import locale
from seeding.world.people import CLIENT, THERAPIST

pytestmark = pytest.mark.django_db
LATELY = timedelta(days=21)
ONE_THERAPIST = {"minimums": {"client.therapists": 1}}
REVIEWED = pytest.mark.parametrize(
    ("seed_text", "minimums"), [("mentara", {}), ("two", ONE_THERAPIST)], ids=["mentara", "two"]
)


def pattern(line: str) -> str:
    """What a line of the corpus looks like once it is filled in."""
    return re.sub(r"\\\{\w+\\\}", ".+?", re.escape(line))


def scenario_of(talk: m.Conversation) -> dict[str, Any] | None:
    """The scenario that a conversation begins with, if it follows one."""
    first = talk.messages.order_by("created_at", "pk").first()
    for cast in load("dialogues").values():
        for scenario in cast:
            if any(re.fullmatch(pattern(line), first.content) for line in alternatives(scenario["turns"][0])):
                return dict(scenario)
    return None


def has_occasion(need: str, client: Any, therapist: Any, at: datetime) -> bool:
    """Whether there was what a scenario needs, between these two, or with any therapist where none is named."""
    who = {"client_id": client} | ({"therapist_id": therapist} if therapist else {})
    met = m.Meeting.objects.filter(**who)
    matched = m.ClientTherapist.objects.filter(assigned_at__lt=at, **who)
    held = met.filter(status="COMPLETED", end_time__lt=at).exists()
    ahead = met.exclude(status="CANCELLED").filter(start_time__gt=at, created_at__lt=at).exists()
    last = met.filter(status__in=("COMPLETED", "NO_SHOW"), end_time__lt=at).order_by("end_time").last()
    sheets = m.WorksheetAssignment.objects.filter(client_id=client, worksheet__therapist_id=therapist)
    return {
        "acquaintance": True,
        "match": not held and matched.filter(assigned_at__gt=at - LATELY).exists(),
        "unplanned": not held and not ahead,
        "first": not held and ahead,
        "session": held,
        "between": held and ahead,
        "free": held and not ahead,
        "appointment": ahead,
        "worksheet": sheets.filter(assigned_at__lt=at, assigned_at__gt=at - LATELY).exists(),
        "missed": last is not None and held and last.status == "NO_SHOW" and last.end_time > at - LATELY,
        "therapist": matched.exists(),
    }[need]


def test_corpus__posts_and_comments_of_anybody__claim_no_therapist_of_their_own():
    folders = [f"concerns/{slug}" for slug in CONCERNS] + [f"general/{slug}" for slug in GENERAL]
    of_clients = ("subjects", "feelings", "asks", "hopes", "advice")
    lines = [line for folder in folders for part in of_clients for line in texts_in(load(folder)[part])]
    assert len(lines) > 1000
    claims = re.compile(r"\b(my|our) (next |last )?(therap|counsel|psycholog|session)", re.IGNORECASE)
    assert [line for line in lines if claims.search(line)] == []


def texts_in(part: Any) -> list[str]:
    """Every text within a part of the corpus."""
    if isinstance(part, str):
        return [part]
    return [text for one in (part.values() if isinstance(part, dict) else part) for text in texts_in(one)]


def test_conversations__of_every_kind__are_about_what_has_happened():
    seeded("default", mode="heavy", sizes={"clients": 90, "therapists": 20})
    met: Counter[str] = Counter()
    for talk in m.Conversation.objects.filter(messages__isnull=False).distinct():
        scenario = scenario_of(talk)
        if scenario is None:  # the cast's own
            continue
        seats = talk.participants.order_by("joined_at")[:2]
        roles = [one.user.role for one in seats]
        met[scenario["name"]] += 1
        if "needs" in scenario:
            therapist = seats[1].user_id if roles[1:] == ["therapist"] else None
            assert has_occasion(scenario["needs"], seats[0].user_id, therapist, talk.created_at), scenario["name"]
    assert len(met) > 15
    assert met["first-message"] > met["scheduling"] / 4


def test_conversations__when_it_is_urgent__are_answered_at_once():
    seeded("default", mode="heavy", sizes={"clients": 90, "therapists": 20})
    urgent = next(scenario for scenario in load("dialogues")["therapist"] if scenario["name"] == "hard-week")
    asking = alternatives(urgent["turns"][1])
    waits = []
    for talk in m.Conversation.objects.filter(messages__isnull=False).distinct():
        for before, after in pairwise(talk.messages.order_by("created_at")):
            if any(re.fullmatch(pattern(line), before.content) for line in asking):
                waits.append(after.created_at - before.created_at)
    assert len(waits) > 3
    assert sorted(waits)[len(waits) * 3 // 4] <= timedelta(minutes=urgent["turns"][2]["minutes"][1])


@pytest.mark.parametrize("as_of", [AS_OF, datetime(2026, 11, 29, 10, 28, tzinfo=UTC)], ids=["march", "november"])
@pytest.mark.parametrize("mode", ["medium", "heavy"])
def test_suspended_users__of_any_world__do_nothing_after_it(mode, as_of):
    run("default", mode=mode, as_of=as_of)
    logs = m.AuditLog.objects.filter(action="SUSPEND_USER")
    assert logs
    for log in logs:
        user = m.User.objects.get(pk=log.entity_id)
        assert user.last_login is None or user.last_login < log.created_at
        for rows in (user.posts, user.comments, user.hearts, m.Message.objects.filter(sender=user)):
            assert not rows.filter(created_at__gt=log.created_at).exists()


def test_accounts__of_base_users__are_adults_and_signed_in_for_what_they_write():
    seeded("default", mode="heavy")
    wrote = m.User.objects.filter(email__endswith="@mentara.example").annotate(
        latest=Greatest(Max("posts__created_at"), Max("comments__created_at"))
    )
    assert wrote.filter(latest__isnull=False).count() > 50
    for user in wrote:
        assert user.latest is None or user.latest < user.last_login + timedelta(seconds=settings.SESSION_COOKIE_AGE)
        assert user.birth_date is None or user.birth_date <= (user.created_at - timedelta(days=18 * 365.25)).date()


def test_relationships__of_base_people__begin_once_the_therapist_is_approved():
    sizes = {"clients": 300, "therapists": 150}
    for seed_text in ("kiwi", "7", "d"):
        run("default", mode="heavy", seed=seed_text, sizes=sizes, enrich=False, reset=True)
        assert m.ClientTherapist.objects.count() > 50
        assert not m.ClientTherapist.objects.filter(assigned_at__lt=F("therapist__processed_at")).exists()


def test_comments__on_a_subject_nobody_here_knows__give_no_advice():
    long_ago = AS_OF - timedelta(days=200)
    place = m.Community.objects.create(name="Knitting", slug="knitting", description="-", created_at=long_ago)
    user = m.User.objects.create(email="a@b.example", role="client", first_name="A", last_name="B", created_at=long_ago)
    m.Client.objects.create(user=user, created_at=long_ago)
    m.CommunityMember.objects.create(user=user, community=place, joined_at=long_ago)
    post = m.Post.objects.create(
        user=user, community=place, title="Wool", content="Which wool?", created_at=AS_OF - timedelta(days=60)
    )
    run("default")
    advice = composing.topic(OTHER_TOPIC)["advice"]
    assert post.comments.count() >= 2
    assert not [one.content for one in post.comments.all() for line in advice if line in one.content]


def test_therapists__of_a_heavy_world__are_born_on_days_of_their_own():
    seeded("default", mode="heavy", enrich=False)
    born = [one for one in m.User.objects.filter(role="therapist").values_list("birth_date", flat=True) if one]
    assert len(set(born)) == len(born) > 15


def test_sessions__called_the_first__follow_on_no_other_but_where_the_calendar_was_full():
    seeded("default", mode="heavy", enrich=False)
    firsts = m.Meeting.objects.filter(title__in=load("meetings")["titles"]["first"])
    held = m.Meeting.objects.filter(client=OuterRef("client"), therapist=OuterRef("therapist"), status="COMPLETED")
    late = firsts.filter(Exists(held.filter(start_time__lt=OuterRef("start_time"))))
    assert firsts.count() > 20
    assert late.count() < 0.05 * firsts.count()


def test_introductions__of_a_heavy_world__are_made_by_those_who_have_just_come():
    seeded("default", mode="heavy")
    said = [
        post
        for post in m.Post.objects.filter(community__slug=community_slug(COMMUNITY_ORDER.index("new-members")))
        if post.user.role == "client"
    ]
    assert len(said) > 20
    waits = [post.created_at - post.user.community_memberships.get(community=post.community).joined_at for post in said]
    assert max(waits) < timedelta(days=14)
    signed_up = [post.created_at - post.user.created_at < timedelta(days=14) for post in said]
    assert sum(signed_up) > 0.8 * len(said)


@pytest.mark.parametrize("seed_text", ["mentara", "two", "three"])
def test_conversations__of_any_world__go_on_until_as_of(seed_text):
    seeded("default", mode="medium", seed=seed_text)
    sent = m.Message.objects.order_by("-created_at").values_list("created_at", flat=True)
    assert AS_OF - sent[0] < timedelta(days=4)
    assert m.Message.objects.filter(created_at__gt=AS_OF - timedelta(days=7)).count() > 10


@pytest.mark.parametrize("seed_text", ["mentara", "two", "three"])
def test_notifications__of_any_world__are_mostly_of_late_and_of_the_newest(seed_text):
    seeded("default", mode="medium", seed=seed_text)
    told = m.User.objects.filter(notifications__isnull=False).annotate(last=Max("notifications__created_at"))
    assert told.filter(last__gt=AS_OF - timedelta(days=14)).count() > 0.75 * told.count()
    reports = m.Notification.objects.filter(type="RELATIONSHIP_ESTABLISHED", user__role="therapist")
    for told_of in reports.exclude(user__email=email(THERAPIST, 0)):
        related = m.ClientTherapist.objects.filter(therapist_id=told_of.user_id)
        newest = related.order_by("-assigned_at").first()
        assert str(newest.pk) == told_of.data["entityId"]


def test_notifications__of_the_cast__tell_members_of_a_post_not_before_they_are():
    for number in range(12):
        run("default", mode="light", seed=f"r{number}", enrich=False, reset=True)
        told = m.Notification.objects.get(type="COMMUNITY_POST", user__email=email(CLIENT, 1))
        post = m.Post.objects.get(pk=told.data["entityId"])
        assert post.community.members.get(user=told.user).joined_at <= told.created_at


def test_worksheets__of_a_heavy_world__are_due_in_the_evening():
    seeded("default", mode="heavy")
    due = m.WorksheetAssignment.objects.values_list("due_date", flat=True)
    assert {one.astimezone(ZoneInfo("Asia/Manila")).hour for one in due} == {21}


def test_asides__of_somebody_who_has_said_everything__differ_and_make_each_combination_another_text():
    pools = [["a", "b", "c"], ["x", "y"]]
    for first in (0, composing.GAP_TURNS):
        turn = first + np.arange(60)
        book = composing.Book(np.zeros(60, dtype=np.int64), lambda _: pools)
        said = list(composing.in_turn("said", np.ones(60, dtype=np.uint64), turn, book))
        more = composing.asides(turn, book)
        assert not any(more[:3])
        assert all(one != other for one, other in pairwise(more[3:]))
        assert len(set(zip(said, more, strict=True))) == 60


def test_sessions__in_person__are_of_two_who_live_near_each_other():
    seeded("default", mode="heavy", locale="en_PH,de_DE")
    provinces = dict(place for name in ("en_PH", "de_DE") for place in locale(name).places)
    met = m.Meeting.objects.filter(meeting_type="in_person").select_related("client", "therapist")
    pairs = {(one.client_id, one.client.city, one.therapist.province) for one in met}
    assert len(pairs) > 3
    assert [pair for pair in pairs if pair[1] and provinces[pair[1]] != pair[2]] == []


@pytest.mark.parametrize("seed_text", ["mentara", "two"])
def test_closed_accounts__of_clients_and_therapists__have_no_therapy_that_goes_on(seed_text):
    seeded("default", mode="heavy", seed=seed_text, sizes={"clients": 250}, **ONE_THERAPIST)
    closed = m.User.objects.filter(is_active=False, role__in=("client", "therapist"))
    theirs = Q(client__user__in=closed) | Q(therapist__user__in=closed)
    related = m.ClientTherapist.objects.filter(theirs)
    assert related.count() > 3
    assert not related.filter(status="active").exists()
    assert not m.Meeting.objects.filter(theirs, start_time__gt=AS_OF).exists()


@pytest.mark.parametrize("seed_text", ["mentara", "two"])
def test_sessions_of_a_pair__in_time_order__begin_with_the_one_called_the_first(seed_text):
    seeded("default", mode="heavy", seed=seed_text)
    called = load("meetings")["titles"]["first"]
    took_place = m.Meeting.objects.exclude(status__in=("CANCELLED", "NO_SHOW")).order_by("start_time")
    titles: dict[Any, list[str]] = {}
    for one in took_place:
        titles.setdefault((one.client_id, one.therapist_id), []).append(one.title)
    assert len(titles) > 50
    wrong = [of_pair for of_pair in titles.values() if [title in called for title in of_pair] != first_of(of_pair)]
    assert len(wrong) <= 0.03 * len(titles)


def first_of(titles: list[str]) -> list[bool]:
    """Which of so many sessions is the first."""
    return [at == 0 for at in range(len(titles))]


@pytest.mark.parametrize("seed_text", ["mentara", "two"])
def test_worksheets__of_a_pair__are_handed_out_while_the_two_meet(seed_text):
    seeded("default", mode="heavy", seed=seed_text)
    given = m.WorksheetAssignment.objects.select_related("worksheet")
    odd = 0
    for one in given:
        sessions = m.Meeting.objects.exclude(status="CANCELLED").filter(
            client=one.client_id, therapist=one.worksheet.therapist_id
        )
        met = sessions.aggregate(first=Min("start_time"), last=Max("start_time"))
        odd += not met["first"] < one.assigned_at < met["last"] + timedelta(days=14)
    assert len(given) > 150
    assert odd < 0.06 * len(given)


@pytest.mark.parametrize(("seed_text", "mode"), [("mentara", "heavy"), ("two", "medium"), ("two", "light")])
def test_worksheets__of_a_pair__follow_a_session_that_took_place(seed_text, mode):
    seeded("default", mode=mode, seed=seed_text)
    held = m.Meeting.objects.filter(
        client=OuterRef("client"), therapist=OuterRef("worksheet__therapist"), status="COMPLETED"
    )
    given = m.WorksheetAssignment.objects.all()
    assert given.count() > 5
    assert given.exclude(Exists(held.filter(start_time__lt=OuterRef("assigned_at")))).count() <= 0.01 * given.count()


@REVIEWED
def test_reviews__of_one_star__are_of_the_last_session_of_a_therapy_that_has_ended(seed_text, minimums):
    seeded("default", mode="heavy", seed=seed_text, sizes={"clients": 250}, **minimums)
    this = {"client": OuterRef("client"), "therapist": OuterRef("therapist")}
    goes_on = m.ClientTherapist.objects.filter(status="active", **this)
    later = m.Meeting.objects.filter(start_time__gt=OuterRef("meeting__start_time"), status="COMPLETED", **this)
    disappointed = m.Review.objects.filter(rating=1)
    assert disappointed.count() > 1
    assert not disappointed.filter(Exists(goes_on) | Exists(later)).exists()


@REVIEWED
def test_reviews__of_two_stars__are_of_a_therapy_that_has_ended(seed_text, minimums):
    seeded("default", mode="heavy", seed=seed_text, sizes={"clients": 250}, **minimums)
    goes_on = m.ClientTherapist.objects.filter(
        client=OuterRef("client"), therapist=OuterRef("therapist"), status="active"
    )
    left = m.Review.objects.filter(rating=2)
    assert left.count() > 1
    assert not left.filter(Exists(goes_on)).exists()


def test_reviews__of_one_client__are_all_anonymous_or_none():
    seeded("default", mode="heavy")
    known: dict[Any, set[bool]] = {}
    others = m.Review.objects.exclude(client__user__email__in=[email(CLIENT, one) for one in MATCHED])
    for client, anonymous in others.values_list("client", "is_anonymous"):
        known.setdefault(client, set()).add(anonymous)
    assert len(known) > 40
    assert {len(of_client) for of_client in known.values()} == {1}


@pytest.mark.parametrize("seed_text", ["mentara", "two"])
def test_messages__of_a_heavy_seed__are_mostly_in_words_of_their_own(seed_text):
    seeded("default", mode="heavy", seed=seed_text)
    said = list(m.Message.objects.values_list("content", flat=True))
    assert len(said) > 500
    assert len(set(said)) > 0.95 * len(said)


def test_alternatives__of_a_turn_with_further_sentences__are_all_of_them_once():
    turn = {"lines": ["a", "b", "c", "d"], "then": ["1", "2"]}
    assert alternatives(turn)[:4] == ["a 1", "b 2", "c 1", "d 2"]
    assert len(set(alternatives(turn))) == 8


def test_sessions__called_the_first__are_described_as_such():
    seeded("default", mode="heavy")
    corpus = load("meetings")
    held = (
        m.Meeting.objects.exclude(status__in=("CANCELLED", "NO_SHOW")).filter(description__isnull=False).order_by("pk")
    )
    patterns = [re.compile(pattern(line)) for line in corpus["first"]]
    first = [any(one.fullmatch(text) for one in patterns) for text in held.values_list("description", flat=True)]
    called = [title in corpus["titles"]["first"] for title in held.values_list("title", flat=True)]
    assert sum(first) > 30
    assert first == called


def test_feedback__of_a_heavy_seed__repeats_little():
    seeded("default", mode="heavy")
    texts = list(m.WorksheetAssignment.objects.filter(status="REVIEWED").values_list("feedback", flat=True))
    assert len(texts) > 100
    assert len(set(texts)) > 0.6 * len(texts)
