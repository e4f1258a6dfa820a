"""Notifications: gaps close exactly, and each names an existing row that concerns its user."""

from collections import Counter

import pytest
from databases import BOTH, on_both
from small_worlds import AS_OF, DAY, HOUR, LONG_AGO, MINUTE, World, ours, queries, run_of

from mentara import models as m
from seeding.enrichers.notifications import NotificationsEnricher

pytestmark = on_both
KEY = "user.notifications"


@pytest.fixture
def world(using):
    return World(using)


def enrich(using, height=2):
    run = run_of(using, {KEY: height})
    result = NotificationsEnricher(run).enrich()
    assert not broken(using)
    assert NotificationsEnricher(run).enrich().rows == 0
    return result


def parties(using, row):
    """Whom a row concerns, and since when it is there."""
    if isinstance(row, m.User):
        return {row.pk}, row.created_at
    if isinstance(row, m.Community):
        return set(row.members.values_list("user_id", flat=True)), row.created_at
    if isinstance(row, m.Post):
        return set(row.community.members.values_list("user_id", flat=True)) - {row.user_id}, row.created_at
    if isinstance(row, m.Comment):
        return {row.post.user_id} - {row.user_id}, row.created_at
    if isinstance(row, m.Message):
        return set(row.conversation.participants.values_list("user_id", flat=True)) - {row.sender_id}, row.created_at
    if isinstance(row, m.ClientTherapist):
        return {row.client_id, row.therapist_id}, row.assigned_at
    if isinstance(row, m.Meeting):
        return {row.client_id, row.therapist_id}, row.created_at
    if isinstance(row, m.WorksheetAssignment):
        return {row.client_id}, max(row.assigned_at, row.created_at)
    if isinstance(row, m.Review):
        return {row.therapist_id}, row.created_at
    return {row.pk}, row.created_at


def broken(using):
    """What the rows that the toolkit wrote break of N1, T1 and T2."""
    found = []
    for note in ours(m.Notification.objects.using(using).select_related("user")):
        model = getattr(m, note.data["entity"])
        row = model.objects.using(using).filter(pk=note.data["entityId"]).first()
        concerned, since = parties(using, row) if row else (set(), AS_OF)
        found += ["N1 row"] * (row is None)
        found += [f"N1 {note.type} {note.data['entity']}"] * (note.user_id not in concerned)
        found += ["N1 older"] * (note.created_at < since)
        found += ["N1 read"] * (note.is_read != (note.read_at is not None))
        found += ["read before"] * (note.is_read and not note.created_at <= note.read_at <= AS_OF)
        found += ["T2"] * (note.created_at > AS_OF and since < AS_OF - MINUTE)
        found += ["T2 updated"] * (note.updated_at < note.created_at)
        young = note.user.created_at > AS_OF - 90 * DAY
        found += ["T1"] * (note.created_at < note.user.created_at and not young)
        found += ["text"] * ("{" in note.title + note.message + note.action_url or not note.action_url.startswith("/"))
    return Counter(found)


def notes_of(using, profile):
    return list(m.Notification.objects.using(using).filter(user=profile.user_id))


def busy(world, slug="anxiety"):
    """A client and a therapist to whom everything has happened, and somebody else."""
    client, therapist, other = world.client(), world.therapist(), world.client()
    place = world.community(client.user, therapist.user, other.user, slug=slug)
    at = AS_OF - 12 * DAY
    for user in (client.user, therapist.user, other.user):
        post = world.make(m.Post, user=user, community=place, title="On tea", content="Tea helps.", created_at=at)
        for author in (client.user, therapist.user, other.user):
            world.make(m.Comment, user=author, post=post, content="I agree.", created_at=at + DAY)
    world.relate(client, therapist)
    for days, status in ((-80, "COMPLETED"), (-60, "COMPLETED"), (-40, "CANCELLED"), (20, "CONFIRMED")):
        world.meet(client, therapist, AS_OF + days * DAY, status, created_at=AS_OF - 100 * DAY)
    worksheet = world.make(
        m.Worksheet, therapist=therapist, title="T", instructions="I", category="C", estimated_minutes=9
    )
    for one, status in ((client, "REVIEWED"), (other, "ASSIGNED")):
        done = {"submitted_at": at, "feedback": "Good."} if status == "REVIEWED" else {}
        world.make(
            m.WorksheetAssignment, worksheet=worksheet, client=one, status=status, assigned_at=LONG_AGO + 50 * DAY,
            due_date=AS_OF - 10 * DAY, created_at=LONG_AGO + 50 * DAY, **done,
        )  # fmt: skip
    world.make(m.Review, client=client, therapist=therapist, rating=5, created_at=AS_OF - 50 * DAY)
    world.talk("DIRECT", client.user, therapist.user, said=[(client.user, at), (therapist.user, at + HOUR)])
    world.talk("DIRECT", therapist.user, other.user, said=[(therapist.user, at), (other.user, at + HOUR)])
    return client, therapist, other


def test_notifications__a_busy_world__everybody_has_exactly_enough_of_different_types(using, world):
    people = busy(world)
    enrich(using)
    for profile in people:
        notes = notes_of(using, profile)
        assert len(notes) == 2
        assert len({note.type for note in notes}) == 2


def test_notifications__all_that_happened__is_told_by_its_type(using, world):
    for slug in ("anxiety", "stress", "sleep", "tea"):
        busy(world, slug)
    enrich(using, height=60)
    told = {(note.type, note.data["entity"]) for note in m.Notification.objects.using(using)}
    assert {kind for kind, _ in told} == set(m.Notification.Type.values)
    assert told == {
        ("APPOINTMENT_REMINDER", "Meeting"),
        ("APPOINTMENT_CONFIRMED", "Meeting"),
        ("APPOINTMENT_CANCELLED", "Meeting"),
        ("REVIEW_REQUEST", "Meeting"),
        ("MESSAGE_RECEIVED", "Message"),
        ("WORKSHEET_ASSIGNED", "WorksheetAssignment"),
        ("WORKSHEET_DUE", "WorksheetAssignment"),
        ("WORKSHEET_FEEDBACK", "WorksheetAssignment"),
        ("REVIEW_RECEIVED", "Review"),
        ("THERAPIST_APPROVED", "Therapist"),
        ("RELATIONSHIP_ESTABLISHED", "ClientTherapist"),
        ("COMMUNITY_POST", "Post"),
        ("COMMUNITY_REPLY", "Comment"),
        ("COMMUNITY_JOINED", "Community"),
        ("COMMUNITY_WELCOME", "Community"),
        ("SYSTEM_UPDATE", "User"),
    }


def test_notifications__one_client_alone__hears_of_the_platform(using, world):
    client = world.client()
    enrich(using)
    assert {(note.type, note.data["entity"], note.data["entityId"]) for note in notes_of(using, client)} == {
        ("SYSTEM_UPDATE", "User", str(client.pk))
    }


def test_notifications__raised_minimum__rows_are_told_of_again(using, world):
    people = busy(world)
    assert enrich(using, height=30).rows == 90
    assert [len(notes_of(using, profile)) for profile in people] == [30] * 3


def test_notifications__raised_later__goes_on_with_other_news(using, world):
    client, therapist, _ = busy(world)
    enrich(using)
    enrich(using, height=6)
    for profile in (client, therapist):
        told = [(note.type, note.data["entityId"]) for note in notes_of(using, profile)]
        assert len(told) == 6 == len(set(told))


def test_notifications__some_taken_away__no_event_is_told_twice(using, world):
    client, therapist, _ = busy(world)
    enrich(using, height=8)
    for profile in (client, therapist):
        for note in sorted(notes_of(using, profile), key=lambda note: note.created_at)[:3]:
            note.delete(using=using)
    enrich(using)
    enrich(using, height=6)
    for profile in (client, therapist):
        told = [(note.type, note.data["entityId"]) for note in notes_of(using, profile)]
        assert len(told) == 6 == len(set(told))


def test_notifications__who_has_one__gets_one(using, world):
    client = world.client()
    world.make(m.Notification, user=client.user, type="SYSTEM_UPDATE", title="T", message="M")
    assert enrich(using).rows == 1


def test_notifications__other_roles__need_none(using, world):
    world.admin()
    world.user("moderator")
    assert enrich(using).rows == 0


def test_notifications__row_of_tomorrow__is_told_of_shortly_after(using, world):
    client, therapist = world.client(), world.therapist()
    world.relate(client, therapist, since=AS_OF + DAY)
    enrich(using)
    notes = [note for note in notes_of(using, client) if note.type == "RELATIONSHIP_ESTABLISHED"]
    assert len(notes) == 1
    assert AS_OF + DAY < notes[0].created_at < AS_OF + DAY + 2 * HOUR
    assert not notes[0].is_read


def test_notifications__joining_tomorrow__tells_of_the_community_today(using, world):
    client = world.client()
    world.community(client.user, since=AS_OF + DAY)
    enrich(using)
    notes = notes_of(using, client)
    assert len(notes) == 2
    assert all(note.created_at < AS_OF for note in notes)


@pytest.mark.parametrize("made", [AS_OF - MINUTE, AS_OF + DAY])
def test_notifications__account_without_a_past__is_dated_back_and_counted(using, world, made):
    client, therapist = world.client(created_at=made), world.therapist()
    world.relate(client, therapist, since=AS_OF - 20 * DAY)
    world.community(client.user, since=AS_OF - 15 * DAY)
    result = enrich(using)
    late = [note for note in notes_of(using, client) if note.created_at < made]
    assert result.dated_back == len(late) > 0


def test_notifications__users_named__only_they_are_told(using, world):
    client, therapist, _ = busy(world)
    enricher = NotificationsEnricher(run_of(using))
    assert enricher.ensure_user_has_notifications(client.user) == 2
    assert enricher.ensure_user_has_notifications([therapist.user, client.user]) == 2
    assert not broken(using)


def test_notifications__number_of_users__does_not_change_the_number_of_queries(using, world):
    busy(world)
    enrich(using)
    counts = []
    place = m.Community.objects.using(using).get()
    for number in (1, 6):
        for _ in range(number):
            world.make(m.CommunityMember, user=world.client().user, community=place, joined_at=LONG_AGO + DAY)
        counts.append(queries(using, NotificationsEnricher(run_of(using)).enrich))
    assert counts[0] == counts[1]


def test_notifications__both_databases__get_the_same_rows():
    found = []
    for using in BOTH:
        busy(World(using))
        NotificationsEnricher(run_of(using, {KEY: 12})).enrich()
        found.append(sorted(m.Notification.objects.using(using).values_list()))
    assert found[0] == found[1]
