"""Accounts and requests that a developer's day brings, each with the rows it must get and those it must not."""

from __future__ import annotations

import re
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from databases import in_turn, on_both
from enrichers.small_worlds import World
from oracle import read_world, short_of
from oracle_rules import broken_rules
from seeded import seeded
from worlds import AS_OF

from mentara import models as m
from seeding.cast import PAIRS
from seeding.coherence import AsOf, check
from seeding.engine import large_load, setaside
from seeding.engine.errors import UsageError
from seeding.engine.reports import HybridSeedReport
from seeding.enrichers import CommentsEnricher, PostsEnricher
from seeding.models import SeedRun
from seeding.orchestrator import HybridSeedOrchestrator
from seeding.request import SeedRequest
from seeding.texts.messages import NAMELESS, spoken_name

pytestmark = on_both
LONG_AGO = AS_OF - timedelta(days=300)


@pytest.fixture
def world(using: str) -> World:
    return World(using, LONG_AGO)


def seed(using: str, **request: Any) -> HybridSeedReport:
    return HybridSeedOrchestrator(SeedRequest(**{"as_of": AS_OF, "using": using, **request})).run_hybrid_seed()


def assert_filled(using: str) -> None:
    found = read_world(using)
    assert {key: rows for key, rows in short_of(found).items() if rows} == {}
    assert broken_rules(found, AS_OF) == []
    assert check(using, AsOf(AS_OF, AS_OF)) == ()


@pytest.mark.parametrize(("using", "related"), in_turn([True, False]))
def test_admin_with_a_client_s_profile__of_no_known_concern__is_filled_like_a_client(
    using: str, world: World, related: bool
) -> None:
    therapist = world.therapist()
    for _ in range(3):
        admin = world.admin()
        world.make(m.Client, user=admin.user, created_at=LONG_AGO)
        if related:
            world.make(m.ClientTherapist, client_id=admin.pk, therapist=therapist, assigned_at=LONG_AGO)
    assert seed(using).satisfied
    assert_filled(using)


def test_profile__younger_than_the_account__is_not_younger_than_its_rows(using: str, world: World) -> None:
    old = AS_OF - timedelta(days=700)
    profiled = AS_OF - timedelta(days=110)
    client, therapist = world.client(created_at=old), world.therapist(created_at=old)
    for profile in (client, therapist):
        type(profile).objects.using(using).filter(pk=profile.pk).update(created_at=profiled)
    assert seed(using, minimums={"client.therapists": 1}).satisfied
    assert_filled(using)
    assert m.PreAssessment.objects.using(using).filter(user=client.pk, created_at__gte=profiled).exists()
    assert m.ClientTherapist.objects.using(using).filter(therapist=therapist.pk, assigned_at__gte=profiled).exists()


def test_therapist__with_a_client_s_profile__is_nobody_s_own_therapist(using: str, world: World) -> None:
    for _ in range(4):
        therapist = world.therapist()
        world.make(m.Client, user=therapist.user, created_at=LONG_AGO)
    seed(using, base=False)
    pairs = list(m.ClientTherapist.objects.using(using).values_list("client_id", "therapist_id"))
    assert pairs
    assert not [pair for pair in pairs if pair[0] == pair[1]]


def test_admin_s_profile__of_a_client_s_account__has_logs_and_keeps_the_rule(using: str, world: World) -> None:
    client = world.client()
    world.make(m.Admin, user=client.user, created_at=LONG_AGO)
    assert seed(using).satisfied
    assert_filled(using)
    assert m.AuditLog.objects.using(using).filter(user=client.pk).count() == 3


@pytest.mark.parametrize("before_that", [timedelta(days=18), timedelta(hours=3)])
def test_earlier_as_of__rows_to_be_written__is_refused_and_writes_nothing(using: str, before_that: timedelta) -> None:
    seeded(using)
    before = read_world(using)
    earlier = AS_OF - before_that
    assert seed(using, as_of=earlier).rows == 0
    with pytest.raises(UsageError, match=r"Rows as of 2026-03-02T12:00:00\+00:00 are there already"):
        seed(using, as_of=earlier, mode="medium")
    assert read_world(using).tables == before.tables
    assert SeedRun.objects.using(using).count() == 1


def test_earlier_as_of__the_later_run_was_ended_before_its_first_row__is_no_obstacle(using: str) -> None:
    SeedRun.objects.using(using).create(seed="mentara", as_of=AS_OF + timedelta(days=300))
    assert seed(using, enrich=False).rows > 0
    assert list(SeedRun.objects.using(using).values_list("as_of", flat=True)) == [AS_OF]


def test_large_load__as_of_an_earlier_instant__is_refused_with_every_index_in_place(
    using: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    seeded(using)
    aside: list[str] = []
    monkeypatch.setattr(large_load, "LARGE_LOAD", 0)
    monkeypatch.setattr(setaside, "set_aside", lambda using, _: aside.append(using))
    with pytest.raises(UsageError, match=r"would not fit among them"):
        seed(using, as_of=AS_OF - timedelta(days=9), sizes={"clients": 20})
    assert aside == []


def test_phases__of_a_dry_run__leave_nothing_and_know_nothing_of_it(using: str) -> None:
    seeded(using, enrich=False)
    before = read_world(using)
    phases = HybridSeedOrchestrator(SeedRequest(mode="medium", as_of=AS_OF, using=using, dry_run=True))
    generated = phases.run_legacy_generators()
    enriched = phases.enrich_all_tables()
    assert sum(result.rows for result in generated) > 500
    assert phases.run_table_enrichment(PostsEnricher).rows == next(one.rows for one in enriched if one.table == "Post")
    assert read_world(using) == before


def test_messages__more_than_there_is_time_for__leave_room_for_their_notifications(using: str) -> None:
    seed(using, minimums={"client.messagesPerConversation": 200})
    assert m.Message.objects.using(using).latest("created_at").created_at <= AS_OF - timedelta(minutes=1)
    assert not m.Notification.objects.using(using).filter(created_at__gt=AS_OF).exists()


def test_base_rows__dated_before_a_young_community__are_counted(using: str, world: World) -> None:
    young = AS_OF - timedelta(minutes=1)
    place = world.make(m.Community, name="Anxiety", slug="anxiety", created_at=young)
    report = seed(using)
    members = m.CommunityMember.objects.using(using).filter(community=place.pk, joined_at__lt=young).count()
    posts = m.Post.objects.using(using).filter(community=place.pk, created_at__lt=young).count()
    assert members > 0
    assert posts > 0
    assert sum(one.dated_back for one in (*report.legacy, *report.enrichment)) == members + posts


@pytest.mark.parametrize("name", ["www.real-site.com", "a@b.test", "http://x", "", "   ", "0917 555"])
def test_name__that_could_be_an_address_or_is_blank__is_not_spoken(name: str) -> None:
    assert spoken_name(name) == NAMELESS


@pytest.mark.parametrize("name", ["Ana", "Ma. Teresa", "Jean-Luc", "O’Neil", "प्रिया", "José"])
def test_name__of_any_script__is_spoken(name: str) -> None:
    assert spoken_name(f" {name} ") == name


def test_therapists__practise__after_their_training(using: str) -> None:
    seed(using, sizes={"therapists": 120}, enrich=False)
    rows = m.Therapist.objects.using(using).exclude(user__birth_date=None)
    born = rows.values_list("user__birth_date", "practice_start_date")
    assert min((began - birth).days for birth, began in born) >= 24 * 365


def test_first_comments__of_staff__thank_nobody_for_answers() -> None:
    from seeding.corpus import load

    assert not [
        line for line in load("comments")["staff_comments"] if re.search(r"answers like these|careful answers", line)
    ]


def test_client__who_is_a_therapist_too__owes_what_is_more_not_both(using: str, world: World) -> None:
    therapist = world.therapist()
    world.make(m.Client, user=therapist.user, created_at=LONG_AGO)
    others = [world.client() for _ in range(9)]
    place = world.community(therapist.user, *(other.user for other in others))
    for other in others:
        world.make(m.Post, user=other.user, community=place, title="T", content="C", created_at=AS_OF - timedelta(9))
    run = HybridSeedOrchestrator(SeedRequest(as_of=AS_OF, using=using)).run
    assert PostsEnricher(run).ensure_user_has_posts(therapist.pk) == 5
    assert CommentsEnricher(run).ensure_user_has_comments(therapist.pk) == 10


def test_reviews__none_at_all__are_written_for_the_cast_only(using: str) -> None:
    sizes = {"clients": 25, "review_rate": 0}
    HybridSeedOrchestrator(SeedRequest(as_of=AS_OF, using=using, sizes=sizes, enrich=False)).run_hybrid_seed()
    reviewed = m.Review.objects.using(using).values_list("client__user__email", flat=True).distinct()
    assert set(reviewed) <= {f"client{pair.client + 1}@mentara.example" for pair in PAIRS}


def test_meetings__none_at_all__leave_the_cast_without_reviews(using: str) -> None:
    report = seed(using, sizes={"meetings": 0}, enrich=False)
    assert report.rows
    assert not m.Meeting.objects.using(using).exists()
    assert not m.Review.objects.using(using).exists()


def test_cast__in_a_session_of_somebody_else_s_that_ends_before_it_starts__is_in_no_other(
    using: str, world: World
) -> None:
    seed(using, sizes={"meetings": 0}, enrich=False)
    client = m.Client.objects.using(using).get(user__email=f"client{PAIRS[0].client + 1}@mentara.example")
    at_once = timedelta(hours=3)
    world.meet(client, world.therapist(), AS_OF + at_once, "NO_SHOW", end_time=AS_OF - at_once, created_at=LONG_AGO)
    seed(using, enrich=False)
    assert not client.meetings.filter(start_time__range=(AS_OF - at_once, AS_OF)).exists()
    assert broken_rules(read_world(using), AS_OF) == []
    assert check(using, AsOf(AS_OF, AS_OF)) == ()


def broken(using: str, *as_ofs: datetime) -> Counter[tuple[str, str]]:
    """Which rules are broken by how many rows of which table, some perhaps by what a test has deleted."""
    return Counter({(one.table, one.statement): one.rows for one in check(using, AsOf(min(as_ofs), max(as_ofs)))})


@pytest.mark.parametrize(("using", "kind"), in_turn(["GROUP", "SUPPORT", "SESSION"]))
def test_cast_s_conversation__that_lost_its_first_message__is_not_begun_again(using: str, kind: str) -> None:
    seeded(using)
    talk = m.Conversation.objects.using(using).filter(type=kind).earliest("created_at")
    talk.messages.earliest("created_at").delete()
    later = AS_OF + timedelta(days=7)
    assert seed(using, as_of=later, seed="another").satisfied
    assert broken(using, AS_OF, later) == Counter()


@pytest.mark.parametrize(("using", "lost"), in_turn(["client1", "client3", "therapist1", "moderator1", "admin1"]))
def test_cast__somebody_who_is_gone__comes_back_without_old_conversations(using: str, lost: str) -> None:
    seeded(using)
    m.User.objects.using(using).get(email=f"{lost}@mentara.example").delete()
    before, later = broken(using, AS_OF), AS_OF + timedelta(days=7)
    assert seed(using, as_of=later).satisfied
    assert broken(using, AS_OF, later) <= before


@pytest.mark.parametrize(("using", "who"), in_turn(["moderator1", "admin1"]))
def test_cast__somebody_who_has_another_role_by_now__acts_as_staff_no_more(using: str, who: str) -> None:
    seeded(using)
    user = m.User.objects.using(using).get(email=f"{who}@mentara.example")
    m.AuditLog.objects.using(using).filter(user=user).delete()
    m.Admin.objects.using(using).filter(pk=user.pk).delete()
    m.User.objects.using(using).filter(pk=user.pk).update(role="client")
    before = broken(using, AS_OF)
    assert seed(using).satisfied
    assert broken(using, AS_OF) <= before


def test_cast_s_therapy__that_has_been_ended__has_no_further_session(using: str) -> None:
    seeded(using)
    ours = m.ClientTherapist.objects.using(using).filter(client__user__email="client1@mentara.example")
    assert ours.update(status="inactive") > 0
    later = AS_OF + timedelta(days=21)
    assert seed(using, mode="medium", as_of=later).satisfied
    assert broken(using, AS_OF, later) == Counter()


@pytest.mark.parametrize(("using", "minutes"), in_turn([20, 90, 140, 200]))
def test_cast_s_sessions__of_another_length__keep_within_the_hours(using: str, minutes: int) -> None:
    seeded(using, sizes={"clients": 2})
    therapists = m.Therapist.objects.using(using).filter(user__email="therapist1@mentara.example")
    therapists.update(session_length=minutes)
    assert seed(using).satisfied
    assert broken(using, AS_OF) == Counter()


def test_base_therapists__whom_nobody_could_approve__are_refused(using: str, world: World) -> None:
    for number in (1, 2):
        world.make(m.User, email=f"admin{number}@mentara.example", role="client", created_at=LONG_AGO)
    with pytest.raises(UsageError, match="Nobody is there to approve 4 therapists"):
        seed(using)
    assert not m.Therapist.objects.using(using).exists()


def test_base_therapist__whose_licence_number_others_have__gets_another(using: str) -> None:
    seeded(using)
    therapists = m.Therapist.objects.using(using)
    ours = therapists.get(user__email="therapist1@mentara.example")
    number = ours.license_number
    theirs = ours.user
    m.User.objects.using(using).get(pk=ours.pk).delete()
    for again, licence in enumerate((number, f"{number}-2")):
        theirs.pk, theirs.email = UUID(int=again + 1), f"me{again}@example.org"
        theirs.save(force_insert=True)
        ours.user, ours.pk, ours.license_number = theirs, theirs.pk, licence
        ours.save(force_insert=True)
    assert seed(using).satisfied
    assert therapists.get(user__email="therapist1@mentara.example").license_number == f"{number}-3"
    assert seed(using).rows == 0


def test_rows__that_belong_to_the_last_second_there_is__are_no_later(using: str, world: World) -> None:
    seeded(using)
    last = datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)
    seat = m.CommunityMember.objects.using(using).filter(user__role="moderator").first()
    post = world.make(m.Post, user=seat.user, community=seat.community, title="Pinned", content="-", created_at=last)
    assert seed(using).satisfied
    assert {comment.created_at.year for comment in post.comments.all()} == {9999}


@pytest.mark.parametrize(("minutes", "coherent"), [(30, True), (0, False)])
def test_messages__in_the_last_minutes_there_are__are_no_later(
    using: str, world: World, minutes: int, coherent: bool
) -> None:
    seeded(using)
    last = datetime(9999, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC) - timedelta(minutes=minutes)
    talk = world.talk("GROUP", world.client().user, world.client().user, at=last)
    assert seed(using).satisfied
    sent = talk.messages.values_list("created_at", flat=True)
    assert len(sent) == 5
    assert {at.year for at in sent} == {9999}
    assert (broken(using, AS_OF) == Counter()) or not coherent


def test_rows__of_the_first_day_there_is__are_no_obstacle(using: str, world: World) -> None:
    first = datetime(1, 1, 1, tzinfo=UTC)
    client, therapist = world.client(), world.therapist()
    m.User.objects.using(using).filter(pk__in=(client.pk, therapist.pk)).update(created_at=first)
    type(client).objects.using(using).filter(pk=client.pk).update(created_at=first)
    type(therapist).objects.using(using).filter(pk=therapist.pk).update(created_at=first, timezone="Europe/Paris")
    world.make(m.ClientTherapist, client=client, therapist=therapist, status="inactive", assigned_at=first)
    assert seed(using).satisfied
    assert seed(using).rows == 0


def test_window__in_a_folder_of_zones__is_judged_like_one_in_none(using: str) -> None:
    seeded(using)
    therapist = m.Therapist.objects.using(using).get(user__email="therapist1@mentara.example")
    m.TherapistAvailability.objects.using(using).create(
        therapist=therapist, day_of_week="FRIDAY", start_time="06:00", end_time="07:00", timezone="Europe"
    )
    assert broken(using, AS_OF) == Counter()


def test_base__of_nobody__adds_communities_to_what_is_there(using: str) -> None:
    seeded(using)
    nobody = {"clients": 0, "therapists": 0, "admins": 0, "moderators": 0, "communities": 12}
    assert seed(using, sizes=nobody).satisfied
    assert m.Community.objects.using(using).count() == 12


def test_client__who_is_a_therapist_as_well__joins_no_more_communities_than_either_must(
    using: str, world: World
) -> None:
    seeded(using)
    both = world.therapist()
    world.make(m.Client, user=both.user, created_at=LONG_AGO)
    assert seed(using).satisfied
    assert m.CommunityMember.objects.using(using).filter(user=both.user).count() == 1
