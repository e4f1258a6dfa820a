"""Of what users are told, and of what they are not. That is reckoned in Python: one database does for each test."""

from unittest import mock

import numpy as np
import pytest
from databases import on_both, on_postgres, on_sqlite
from small_worlds import AS_OF, DAY, HOUR, LONG_AGO, World, run_of

from mentara import models as m
from seeding.engine.columns import TIME, UUID, read
from seeding.engine.keys import uuids_of
from seeding.enrichers.notifications import NotificationsEnricher
from seeding.planning import news
from seeding.world.people import people


@pytest.fixture
def world(using):
    return World(using)


@pytest.fixture
def told(using):
    """Tell everybody so many news; returns what kinds of them a person was told."""

    def told(height, *people):
        NotificationsEnricher(run_of(using, {"user.notifications": height})).enrich()
        notes = m.Notification.objects.using(using).filter(user__in=[one.user_id for one in people])
        return set(notes.values_list("type", flat=True))

    return told


def often_met(world, client, therapist, ahead=10 * DAY):
    """The two have had sessions one and two months ago, each booked so long ahead."""
    world.relate(client, therapist)
    for days in range(30, 60, 2):
        start = AS_OF - days * DAY
        world.meet(client, therapist, start, created_at=start - ahead)


@on_sqlite
def test_news__a_message_from_before_somebody_joined__is_none(world, told):
    client, other = world.client(), world.client()
    at = AS_OF - 5 * DAY
    world.talk("DIRECT", client.user, other.user, said=[(other.user, at)], joined=at + DAY)
    assert "MESSAGE_RECEIVED" not in told(20, client)


@on_postgres
@pytest.mark.parametrize(
    ("seat", "rings"), [({}, True), ({"is_muted": True}, False), ({"is_active": False}, False)], ids=str
)
def test_news__a_message_where_somebody_wants_no_bell__is_none(world, told, using, seat, rings):
    client, other = world.client(), world.client()
    at = AS_OF - 5 * DAY
    world.talk("DIRECT", client.user, other.user, said=[(other.user, at)])
    m.ConversationParticipant.objects.using(using).filter(user=client.user).update(**seat)
    assert ("MESSAGE_RECEIVED" in told(20, client)) is rings


@on_postgres
def test_news__a_post_from_before_somebody_joined__is_none(world, told):
    client, other = world.client(), world.client()
    place = world.community(other.user)
    written = AS_OF - 9 * DAY
    world.make(m.Post, user=other.user, community=place, title="On tea", content="Tea.", created_at=written)
    world.make(m.CommunityMember, user=client.user, community=place, joined_at=AS_OF - DAY)
    assert "COMMUNITY_POST" not in told(20, client)


@on_both
def test_news__of_answers__reach_whoever_is_answered(world, told, using):
    author, member, other = (world.client() for _ in range(3))
    place = world.community(author.user, member.user, other.user)
    made = {"created_at": AS_OF - 5 * DAY, "content": "Tea."}
    post = world.make(m.Post, user=author.user, community=place, title="On tea", **made)
    first = world.make(m.Comment, user=member.user, post=post, **made)
    reply = world.make(m.Comment, user=other.user, post=post, parent=first, **made)
    own = world.make(m.Comment, user=author.user, post=post, **made)
    world.make(m.Comment, user=author.user, post=post, parent=own, **made)
    told(20, author, member, other)
    rings = m.Notification.objects.using(using).filter(type="COMMUNITY_REPLY").values_list("user", "data__entityId")
    assert {*rings} == {(author.pk, str(first.pk)), (member.pk, str(reply.pk))}


@on_both
@pytest.mark.parametrize("named", [100, 1], ids=["by an index", "among all"])
def test_newest_posts__of_each_community__are_its_last_five(world, using, named):
    author = world.client()
    hours = {"anxiety": [9, 1, 5, 5, 5, 5, 2, 700], "stress": [3, 4], "insomnia": [800, 900, 850, 860, 870, 880]}
    expected = set()
    for slug, ages in hours.items():
        place = world.community(author.user, slug=slug)
        made = [
            world.make(
                m.Post, user=author.user, community=place, title="Tea", content="", created_at=AS_OF - age * HOUR
            )
            for age in ages
        ]
        last = sorted(made, key=lambda post: (AS_OF - post.created_at, post.pk))[: news.NEWEST_POSTS]
        expected |= {post.pk for post in last}
    run = run_of(using)
    desk = news._Desk(run, people(run), np.ones(1, dtype=bool))
    members = read(desk.rows("CommunityMember"), pk=UUID, user_id=UUID, community_id=UUID, joined_at=TIME)
    with mock.patch.object(news, "SOME_COMMUNITIES", named):
        *_, found = desk.newest_posts(members)
    assert {*uuids_of(found.pk)} == expected


@on_sqlite
def test_news__of_what_is_yet_to_come__is_told_last(world, told):
    client, therapist = world.client(), world.therapist()
    world.relate(client, therapist, since=AS_OF + DAY)
    assert told(1, client) == {"SYSTEM_UPDATE"}


@on_postgres
def test_news__of_sessions_held__ask_clients_for_a_review_and_no_therapist(world, told):
    client, therapist = world.client(), world.therapist()
    often_met(world, client, therapist)
    assert "REVIEW_REQUEST" in told(60, client)
    assert "REVIEW_REQUEST" not in told(60, therapist)


@on_sqlite
@pytest.mark.parametrize(("after", "due"), [(2 * DAY, False), (19 * DAY, True)], ids=["early", "late"])
def test_news__of_worksheets_due__are_of_those_not_handed_in_by_then(world, told, after, due):
    client, therapist = world.client(), world.therapist()
    world.relate(client, therapist)
    given = AS_OF - 20 * DAY
    for at in range(12):
        texts = {"title": f"Sheet {at}", "instructions": "Write.", "category": "Sleep", "estimated_minutes": 9}
        sheet = world.make(m.Worksheet, therapist=therapist, **texts)
        times = {"created_at": given, "assigned_at": given, "due_date": AS_OF - 5 * DAY, "submitted_at": given + after}
        world.make(m.WorksheetAssignment, worksheet=sheet, client=client, status="SUBMITTED", **times)
    assert ("WORKSHEET_DUE" in told(30, client)) == due


@on_postgres
@pytest.mark.parametrize(("ahead", "reminded"), [(2 * HOUR, False), (9 * DAY, True)], ids=["hours", "days"])
def test_news__of_sessions_ahead__are_of_those_booked_a_day_before(world, told, ahead, reminded):
    client, therapist = world.client(), world.therapist()
    often_met(world, client, therapist, ahead)
    assert ("APPOINTMENT_REMINDER" in told(60, client, therapist)) == reminded


@on_sqlite
def test_news__of_sessions_from_before_somebody_came__remind_them_of_none(world, told):
    client, therapist = world.client(), world.therapist(created_at=AS_OF - 25 * DAY)
    often_met(world, client, therapist)
    assert "APPOINTMENT_REMINDER" in told(60, client)
    assert "APPOINTMENT_REMINDER" not in told(60, therapist)


@on_postgres
def test_news__of_what_is_older_than_an_account__is_told_once_the_account_is_there(world, told, using):
    client, therapist = world.client(created_at=AS_OF - 100 * DAY), world.therapist()
    world.relate(client, therapist, since=AS_OF - 200 * DAY)
    world.community(client.user, since=AS_OF - 200 * DAY)
    assert "RELATIONSHIP_ESTABLISHED" in told(4, client)
    notes = m.Notification.objects.using(using).filter(user=client.user)
    assert not notes.filter(created_at__lt=client.created_at).exists()


@on_sqlite
def test_news__of_the_platform__come_at_any_time_since_the_account_was_made(world, told, using):
    told(1, *(world.client() for _ in range(8)))
    since = [note.created_at - LONG_AGO for note in m.Notification.objects.using(using)]
    assert min(since) < 100 * DAY < 200 * DAY < max(since)
