"""What there is to tell users, and what first: what happened of late in communities, conversations and therapy."""

from __future__ import annotations

import uuid
from typing import Any

import numpy as np
from django.db.models import Case, F, OuterRef, Q, Subquery, When, Window
from django.db.models.functions import RowNumber
from numpy.typing import NDArray

from seeding.engine.clock import DAY, HOUR, MINUTE, moment, past, window
from seeding.engine.columns import BOOL, INT, JSON, MISSING, NULL_ID, TEXT, TIME, UUID, Frame, narrowed, read, whether
from seeding.engine.grouping import Groups, is_in, rank_within
from seeding.engine.keys import Bools, Ids, Ints, Keys, ids_of, keys_of, mix, uuids_of
from seeding.engine.run import Run
from seeding.rows.notifications import ENTITIES, TYPES, News
from seeding.world.communities import communities
from seeding.world.mentara import rows
from seeding.world.people import People

RECENT = 14 * DAY
"""Replies older than this are no news; older news of any type comes after what is recent."""
NEWEST_POSTS = 5
"""So many posts of each community are worth telling its members of."""
SOME_COMMUNITIES = 100
"""Up to so many communities are named in a query."""
HELD, CANCELLED = 1, 2
REVIEW_SHARE, REMINDER_SHARE, DUE_SHARE, WELCOME_SHARE = 0.35, 0.5, 0.5, 0.5
"""How often a session or a worksheet is told of by its later rather than its first event."""
UPDATE_SHARE = 0.15
"""How many users hear of the platform itself although there is other news for them."""


def everything_new(run: Run, everybody: People, told: Bools) -> News:
    """All news for the users told."""
    desk = _Desk(run, everybody, told)
    of_communities = desk.communities()  # first, since it takes the most memory on the way
    parts = [
        *desk.meetings(), desk.messages(), desk.assignments(), *desk.relationships(), desk.reviews(), desk.approvals(),
        desk.replies(), *of_communities, desk.updates(),
    ]  # fmt: skip
    whole = News(*(np.concatenate(column) for column in zip(*(vars(part).values() for part in parts), strict=True)))
    return whole.take(told[whole.user] & (whole.user >= 0))


def in_turn(run: Run, everybody: People, news: News, users: Ids) -> News:
    """The news of each user: what they were not told before, the newest of each type first, what is recent before that.

    `users` are those who have been told something. Most news of the platform comes later, and what is yet to come
    at the very end.
    """
    draws, keys = run.draws, everybody.keys[news.user]
    again = rank_within(news.user * len(TYPES) + news.type, _by_age(run, news, keys))
    mood = draws.bits("type", keys, news.type)
    update = (news.type == TYPES.index("SYSTEM_UPDATE")) & ~draws.chance("update", keys, UPDATE_SHARE)
    last = np.where(news.since >= run.as_of, 2, update)
    stale = news.since < run.as_of - RECENT
    return news.take(np.lexsort((mood, stale, again, last, _told(run, everybody, news, users), news.user)))


def _by_age(run: Run, news: News, keys: Keys) -> Keys:
    """One number for each of the news, higher the more hours ago it was; within the same hour drawn."""
    ages = np.clip((run.as_of - news.since) // HOUR, 0, (1 << 24) - 1).astype(np.uint64)
    return ages << np.uint64(40) | run.draws.bits("news", keys ^ keys_of(news.ids)) >> np.uint64(24)


def _told(run: Run, everybody: People, news: News, users: Ids) -> Bools:
    """Which of the news these users have been told already."""
    if not len(users):
        return np.zeros(len(news.ids), dtype=np.bool_)
    held = narrowed(run, rows(run, "Notification", type__in=TYPES), user_id=users)
    found = read(held, user_id=UUID, type=TEXT, data=JSON)
    about = [_uuid_or_none(data.get("entityId")) if isinstance(data, dict) else None for data in found.data]
    known = np.array([one is not None for one in about], dtype=np.bool_)
    types = np.array([TYPES.index(name) for name in found.type], dtype=np.int64)
    before = _events(everybody.find(found.user_id[known]), types[known], ids_of(filter(None, about)))
    return is_in(_events(news.user, news.type, news.ids), before)


def _events(user: Ints, kind: Ints, ids: Ids) -> Keys:
    """One number for each event that a user may be told of: who, which type, about which row."""
    return mix(keys_of(ids) ^ (user * len(TYPES) + kind).astype(np.uint64))


def _uuid_or_none(text: Any) -> uuid.UUID | None:
    """The id that somebody's data names, if it names one."""
    try:
        return uuid.UUID(text)
    except (AttributeError, TypeError, ValueError):
        return None


class _Desk:
    """Reads what happened, one query a table."""

    def __init__(self, run: Run, everybody: People, told: Bools) -> None:
        self.run, self.draws, self.everybody = run, run.draws, everybody
        self.told = everybody.ids[told]

    def rows(self, model: str, *paths: str, **where: Any) -> Any:
        """The rows of a model that concern the users told by one of these paths, or all if those are many."""
        return narrowed(self.run, rows(self.run, model, **where), **dict.fromkeys(paths, self.told))

    def news(self, users: Ids, kind: str | NDArray[Any], entity: str, ids: Ids, since: Ints) -> News:
        """News of one table."""
        if isinstance(kind, str):
            type_of = np.full(len(ids), TYPES.index(kind), dtype=np.int8)
        else:
            names, which = np.unique(kind, return_inverse=True)
            type_of = np.array([TYPES.index(name) for name in names], dtype=np.int8)[which]
        table = np.full(len(ids), ENTITIES.index(entity), dtype=np.int8)
        return News(self.everybody.find(users), type_of, table, ids, since)

    def meetings(self) -> tuple[News, News]:
        """Sessions confirmed, soon to come, cancelled, or held."""
        codes = [When(status="COMPLETED", then=HELD), When(status="CANCELLED", then=CANCELLED)]
        found = read(
            self.rows("Meeting", "client", "therapist").annotate(code=Case(*codes, default=0)),
            pk=UUID, client_id=UUID, therapist_id=UUID, code=INT,
            created_at=TIME, updated_at=TIME, start_time=TIME, end_time=TIME,
        )  # fmt: skip
        created, luck = found.created_at, self.draws.unit("meeting news", keys_of(found.pk))
        reminder, ended = found.start_time - DAY, found.end_time
        cancelled = found.code == CANCELLED
        held = (found.code == HELD) & (ended > created) & (ended < self.run.as_of - MINUTE)
        near = ~cancelled & (reminder > created) & (reminder < self.run.as_of - MINUTE)
        parts = []
        for users, share in ((found.client_id, REVIEW_SHARE), (found.therapist_id, 0.0)):
            there = self.everybody.created[self.everybody.find(users)] < reminder
            asked = held & (luck < share)
            reminded = near & there & ~asked & (luck > 1.0 - REMINDER_SHARE)
            kind = np.select(
                [asked, cancelled, reminded],
                ["REVIEW_REQUEST", "APPOINTMENT_CANCELLED", "APPOINTMENT_REMINDER"],
                "APPOINTMENT_CONFIRMED",
            )
            told_of_end = np.where(cancelled, past(self.run.as_of, found.updated_at, created), created)
            since = np.select([asked, reminded], [ended, reminder], told_of_end)
            parts.append(self.news(users, kind, "Meeting", found.pk, since))
        return parts[0], parts[1]

    def messages(self) -> News:
        """The newest message of each conversation, for those who did not write it, are in it and have not muted it."""
        seat = "conversation__participants"
        newest = self.rows("Message", f"{seat}__user").filter(conversation__last_message_at=F("created_at"))
        kinds = {"user_id": UUID, "joined_at": TIME, "is_active": BOOL, "is_muted": BOOL}
        of_seat = {f"{seat}__{name}": kind for name, kind in kinds.items()}
        found = read(newest, pk=UUID, sender_id=UUID, created_at=TIME, **of_seat)
        reader, joined, there, muted = (found.columns[name] for name in of_seat)
        found = found.take((reader != found.sender_id) & (joined <= found.created_at) & there & ~muted)
        return self.news(found.columns[f"{seat}__user_id"], "MESSAGE_RECEIVED", "Message", found.pk, found.created_at)

    def assignments(self) -> News:
        """Worksheets assigned, nearly due, or commented on."""
        reviewed = whether(status="REVIEWED")
        found = read(
            self.rows("WorksheetAssignment", "client").annotate(reviewed=reviewed),
            pk=UUID, client_id=UUID, reviewed=BOOL,
            assigned_at=TIME, created_at=TIME, updated_at=TIME, submitted_at=TIME, due_date=TIME,
        )  # fmt: skip
        assigned, due = past(self.run.as_of, found.created_at, found.assigned_at), found.due_date - DAY
        open_then = (found.submitted_at == MISSING) | (found.submitted_at > due)
        near = (due > assigned) & (due < self.run.as_of - MINUTE) & open_then
        near &= self.draws.chance("worksheet news", keys_of(found.pk), DUE_SHARE)
        kind = np.select([found.reviewed, near], ["WORKSHEET_FEEDBACK", "WORKSHEET_DUE"], "WORKSHEET_ASSIGNED")
        reviewed_at = past(self.run.as_of, np.maximum(found.submitted_at, found.updated_at), assigned)
        since = np.select([found.reviewed, near], [reviewed_at, due], assigned)
        return self.news(found.client_id, kind, "WorksheetAssignment", found.pk, since)

    def relationships(self) -> tuple[News, News]:
        """Clients and therapists who were brought together."""
        care = self.rows("ClientTherapist", "client", "therapist")
        found = read(care, pk=UUID, client_id=UUID, therapist_id=UUID, assigned_at=TIME)
        told = ("RELATIONSHIP_ESTABLISHED", "ClientTherapist", found.pk, found.assigned_at)
        return self.news(found.client_id, *told), self.news(found.therapist_id, *told)

    def reviews(self) -> News:
        """Reviews that therapists received."""
        found = read(self.rows("Review", "therapist"), pk=UUID, therapist_id=UUID, created_at=TIME)
        return self.news(found.therapist_id, "REVIEW_RECEIVED", "Review", found.pk, found.created_at)

    def approvals(self) -> News:
        """Applications of therapists that were approved."""
        therapists = self.rows("Therapist", "pk", status="APPROVED")
        found = read(therapists, pk=UUID, created_at=TIME, processed_at=TIME)
        since = past(self.run.as_of, found.processed_at, found.created_at)
        return self.news(found.pk, "THERAPIST_APPROVED", "Therapist", found.pk, since)

    def replies(self) -> News:
        """Comments by others that answer what users posted, or commented."""
        recent = self.rows("Comment", "post__user", "parent__user")
        recent = recent.filter(created_at__gte=moment(self.run.as_of - RECENT))
        found = read(recent, pk=UUID, user_id=UUID, post__user_id=UUID, parent__user_id=UUID, created_at=TIME)
        answered = np.where(found.parent__user_id == NULL_ID, found.post__user_id, found.parent__user_id)
        others = found.user_id != answered
        found = found.take(others)
        return self.news(answered[others], "COMMUNITY_REPLY", "Comment", found.pk, found.created_at)

    def communities(self) -> tuple[News, News]:
        """Communities joined, and one of the newest posts there by somebody else since."""
        found = read(
            self.rows("CommunityMember", "user"),
            pk=UUID, user_id=UUID, community_id=UUID, joined_at=TIME, community__created_at=TIME,
        )  # fmt: skip
        keys = keys_of(found.pk)
        welcomed = self.draws.chance("welcome", keys, WELCOME_SHARE)
        kind = np.where(welcomed, "COMMUNITY_WELCOME", "COMMUNITY_JOINED")
        since = past(self.run.as_of, found.joined_at, found.community__created_at)
        told, post, written = self.newest_posts(found)
        return (
            self.news(found.user_id, kind, "Community", found.community_id, since),
            self.news(found.user_id[told], "COMMUNITY_POST", "Post", written.pk[post], written.created_at[post]),
        )

    def newest_posts(self, members: Frame) -> tuple[Ints, Ints, Frame]:
        """The members to whom one of the newest posts of the community is news, which that is, and those posts."""
        by_age = Window(RowNumber(), F("community_id"), [F("created_at").desc(), F("pk")])
        newest = self.recent_posts().annotate(turn=by_age).filter(turn__lte=NEWEST_POSTS)
        written = read(newest, pk=UUID, user_id=UUID, community_id=UUID, created_at=TIME)
        places = communities(self.run)
        by_community = Groups(places.find(written.community_id), len(places))
        at = places.find(members.community_id)
        number = by_community.counts[at]
        told = np.flatnonzero(number)
        some = members.take(told)
        place = self.draws.below("post news", keys_of(some.pk), number[told])
        post = by_community.member(at[told], place)
        fits = (written.user_id[post] != some.user_id) & (written.created_at[post] >= some.joined_at)
        return told[fits], post[fits], written

    def recent_posts(self) -> Any:
        """All posts, or where an index tells when the newest of each community begin, these."""
        written, places = rows(self.run, "Post"), rows(self.run, "Community")
        if self.run.large or len(communities(self.run)) > SOME_COMMUNITIES:
            return written
        here = written.filter(community=OuterRef("pk")).order_by("-created_at").values("created_at")
        found = read(places.annotate(last=Subquery(here[NEWEST_POSTS - 1 : NEWEST_POSTS])), pk=UUID, last=TIME)
        recent = Q(pk__in=())
        for place, last in zip(uuids_of(found.pk), found.last.tolist(), strict=True):
            since = {} if last == MISSING else {"created_at__gte": moment(last)}
            recent |= Q(community=place, **since)
        return written.filter(recent)

    def updates(self) -> News:
        """News of the platform itself, which concern everybody at some time since they came."""
        people = self.everybody
        since = window(self.run.as_of, orders=people.created).at(self.draws.unit("update", people.keys))
        return self.news(people.ids, "SYSTEM_UPDATE", "User", people.ids, since)
