"""The cast on stage: the rows that show each state with the first base people, written before everybody else's.

What is shown stands in `cast.py` and `corpus/cast.json`. Somebody of the cast who is not there as the toolkit makes
them (the address is another account's, the calendar is kept by somebody else) plays no part.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from seeding import cast
from seeding.cast import PAIRS, Pair
from seeding.corpus import load
from seeding.engine.clock import DAY, HOUR, JOIN_ROOM, MINUTE, SECOND
from seeding.engine.columns import NULL_ID, TEXT, TIME, UUID, read
from seeding.engine.grouping import find
from seeding.engine.ids import base_ids
from seeding.engine.keys import Ids, Ints, keys_of, uuids_of
from seeding.engine.writer import Some
from seeding.legacy.base import Base
from seeding.legacy.plan import BaseWorld
from seeding.planning.diaries import CELL, CELLS
from seeding.rows.audit_logs import Deeds, audit_log_rows
from seeding.rows.availability import availability_rows
from seeding.rows.comments import comment_rows
from seeding.rows.meetings import TYPES as KINDS
from seeding.rows.meetings import MeetingPlan, meeting_rows
from seeding.rows.notifications import ENTITIES, TYPES, News, notification_rows
from seeding.rows.posts import post_rows
from seeding.rows.reviews import ReviewPlan, review_rows
from seeding.rows.worksheets import STATUSES as COURSES
from seeding.rows.worksheets import AssignmentPlan, assignment_rows
from seeding.world.care import CANCELLED, COMPLETED, STATUSES, Relationships, Sessions, Therapists, sessions
from seeding.world.communities import Memberships, Posts, communities
from seeding.world.people import ADMIN, CLIENT, MODERATOR, NOBODY, ROLES, THERAPIST, People, local_offset, rows
from seeding.world.windows import QUARTER, planned, quarters_ahead, windows, zones

OWN_SLOT = 3000
"""Slots of the cast's own rows begin here, beyond those of other base rows of the same owner."""
LONG = 150
"""Minutes of the window that is open around as-of: room for two sessions of an hour, one after the other."""
SECOND_HOUR = 75
"""Minutes after the first session of the window at which the second begins."""
BY_DAY = (6 * 60, 23 * 60)
"""Between these minutes of the local day somebody may be at work."""
ABROAD = ("Asia/Dubai", "Atlantic/Reykjavik", "Pacific/Honolulu")
"""Zones without summer time, in one of which it is day at any time: where a therapist sits when it is night at home."""
LATE = 40 * 60
"""Seconds within which after the hour of its script a conversation begins."""
FAR_TURN = 1000
"""The turn of a post or comment, far from those that its author comes to otherwise, so that no text is said twice."""
TOLD = (
    (
        "Meeting", "session",
        (
            ("", "created_at", 0), (" soon", "start_time", -HOUR), (" ended", "end_time", 0),
            (" called off", "updated_at", 0),
        ),
    ),
    (
        "WorksheetAssignment", "sheet",
        (("", "created_at", 0), (" due", "due_date", -DAY), (" answered", "updated_at", 0)),
    ),
    ("Review", "review", (("", "created_at", 0),)),
)  # fmt: skip
"""Tables of rows that belong to a pair and its turn, what their facts are called, and from when on they are facts."""
Who = tuple[int, int]
"""A role and an ordinal."""
CLIENT_1, CLIENT_2, NEWCOMER = (CLIENT, 0), (CLIENT, 1), (CLIENT, cast.NEWCOMER)


@dataclass(frozen=True)
class Hours:
    """A therapist's open hours around as-of: the zone, and the local day and quarter hour at which they begin."""

    zone: str
    day: int
    quarter: int

    @property
    def weekday(self) -> int:
        """The day of the week from Monday."""
        return (self.day + 3) % 7

    @property
    def opens(self) -> int:
        """The minute of the day."""
        return self.quarter * QUARTER

    def start(self, week: int, minutes: int = 0) -> int:
        """The instant so many minutes into these hours, so many weeks away."""
        day = self.day + 7 * week
        return (day * CELLS + self.quarter - (quarters_ahead(self.zone, day) or 0)) * CELL + minutes * MINUTE


def hours_around(instant: int, zones: tuple[str, ...], weeks: range) -> Hours | None:
    """Hours that begin at the quarter hour of the instant, in the first zone where that is by day.

    The clocks must not change on that weekday within these weeks; None where no zone will do.
    """
    cell = instant // CELL
    for zone in zones:
        for day in (cell // CELLS + step for step in (-1, 0, 1)):
            ahead = quarters_ahead(zone, day)
            if ahead is None or (cell + ahead) // CELLS != day:
                continue
            found = Hours(zone, day, (cell + ahead) % CELLS)
            steady = all(quarters_ahead(zone, day + 7 * week) is not None for week in weeks)
            if steady and BY_DAY[0] <= found.opens and found.opens + LONG <= BY_DAY[1]:
                return found
    return None


@dataclass(frozen=True)
class Fact:
    """A row that somebody can be told of or act on: since when, and who made it a fact (a place among the people)."""

    table: str
    id: bytes
    since: int
    by: int = NOBODY


class Showcase:
    """Writes what the cast shows, step by step, as base data comes to be."""

    def __init__(self, base: Base, world: BaseWorld, everybody: People, place: Ints, staff: Therapists) -> None:
        self.base, self.run, self.everybody, self.staff = base, base.run, everybody, staff
        ours = np.flatnonzero((place != NOBODY) & (world.ordinal < cast.STAGE))
        ours = ours[everybody.ids[place[ours]] == world.ids[ours]]
        who = zip(world.role[ours].tolist(), world.ordinal[ours].tolist(), strict=True)
        self.place: dict[Who, int] = dict(zip(who, place[ours].tolist(), strict=True))
        self.zones = {
            ordinal: str(staff.zone[staff.row_of[at]])
            for (role, ordinal), at in self.place.items()
            if role == THERAPIST and staff.row_of[at] != NOBODY and staff.zone[staff.row_of[at]] in zones()
        }
        self.couples: list[tuple[Pair, int]] = []

    def ids(self, *who: Who) -> Ids:
        """The ids of people of the cast."""
        return self.everybody.ids[[self.place[one] for one in who]]

    def who(self, named: tuple[str, int]) -> int:
        """The place of somebody whom cast.py names, or NOBODY."""
        return self.place.get((ROLES.index(named[0]), named[1]), NOBODY)

    # Therapy

    def hours(self, therapist: int) -> Hours | None:
        """The hours in which a therapist of the cast meets clients: one is in a session, another awaits somebody."""
        first = therapist == PAIRS[0].therapist
        begins = self.run.as_of + (-10 * MINUTE if first else 19 * MINUTE)
        return hours_around(begins, (self.zones[therapist], *ABROAD), range(-4, 3))

    def open_hours(self) -> None:
        """Windows of the cast's therapists: around as-of, on weekends, and hours that are not for sessions."""
        plan = [
            (therapist, hours.weekday, hours.opens, hours.opens + LONG, hours.zone, True)
            for therapist in sorted({pair.therapist for pair in PAIRS} & self.zones.keys())
            if (hours := self.hours(therapist))
        ]
        for who, days, opens, closes, available in cast.HOURS:
            plan += [(who, day, opens, closes, self.zones[who], available) for day in days if who in self.zones]
        known = set(windows(self.run, self.everybody).therapist.tolist())
        plan = [row for row in plan if self.place[THERAPIST, row[0]] not in known]
        if not plan:
            return
        whose, day, start, end, zone, free = (list(column) for column in zip(*plan, strict=True))
        owner = np.array([self.place[THERAPIST, one] for one in whose])
        new = planned(owner, np.array(day), np.array(start), np.array(end), zone)
        new = replace(new, available=np.array(free))
        ids = base_ids("TherapistAvailability", self.everybody.ids[owner], OWN_SLOT + np.arange(len(plan)))
        since = self.staff.since[self.staff.row_of[owner]]
        columns, dated_back = availability_rows(self.run, ids, self.everybody, new, since)
        self.base.write_missing("mentara.TherapistAvailability", columns, dated_back=dated_back)

    def meet(self, related: Relationships) -> Ints:
        """The cast's sessions, those of today among them, where nobody is taken; returns the relationships."""
        self.couples = list(self.related(related))
        pairs: Ints = np.array([row for _, row in self.couples], dtype=np.int64)
        plan = list(self.free_sessions(related, pairs))
        if plan:
            row, turn, start, status, kind, ordinal = np.array(plan, dtype=np.int64).T
            minutes = self.staff.minutes_by_person[related.therapist[row]]
            details = MeetingPlan.of(
                self.everybody, related, row, start=start, minutes=minutes, status=status, ordinal=ordinal, kinds=kind
            )
            columns, dated_back = meeting_rows(self.run, base_ids("Meeting", related.ids[row], turn), details)
            self.base.write_missing("mentara.Meeting", columns, dated_back=dated_back)
        return pairs

    def related(self, related: Relationships) -> Iterator[tuple[Pair, int]]:
        """The pairs of the cast and their relationships, where these are the base rows and leave room."""
        for pair in PAIRS:
            client, therapist = self.place.get((CLIENT, pair.client)), self.place.get((THERAPIST, pair.therapist))
            if client is None or therapist is None or pair.therapist not in self.zones:
                continue
            row = int(related.row_of(np.array([client]), np.array([therapist]))[0])
            expected = base_ids("ClientTherapist", self.everybody.ids[[client]])[0]
            if row != NOBODY and related.ids[row] == expected and related.since[row] <= self.run.as_of - JOIN_ROOM:
                yield pair, row

    def free_sessions(self, related: Relationships, pairs: Ints) -> Iterator[tuple[int, ...]]:
        """Relationship, turn, start, status, kind and place in the series of the sessions that can be."""
        known = windows(self.run, self.everybody)
        people = [uuids_of(self.everybody.ids[who[pairs]]) for who in (related.client, related.therapist)]
        held = sessions(self.run, self.everybody, related, client__in=people[0]).and_also(
            sessions(self.run, self.everybody, related, therapist__in=people[1])
        )
        held = held.take(held.status != CANCELLED)
        for pair, row in self.couples:
            hours, client, therapist = self.hours(pair.therapist), related.client[row], related.therapist[row]
            if hours is None or not (
                (known.therapist == therapist) & (known.day == hours.weekday) & (known.opens == hours.opens)
                & (known.closes == hours.opens + LONG) & (known.zone == hours.zone) & known.available
            ).any():  # fmt: skip
                continue
            length = int(self.staff.minutes_by_person[therapist]) * MINUTE
            weeks = sorted(one.week for one in pair.sessions)
            for turn, one in enumerate(pair.sessions[: self.base.sizes.meetings]):
                start = hours.start(one.week, SECOND_HOUR * pair.later)
                taken = (held.client == client) | (held.therapist == therapist)
                if not (taken & (held.start < start + length) & (start < held.end)).any():
                    yield row, turn, start, STATUSES.index(one.status), KINDS.index(one.kind), weeks.index(one.week)

    def assign(self, related: Relationships) -> None:
        """The cast's worksheets, as far as their therapists' libraries go."""
        plan = [
            (row, turn, COURSES.index(course))
            for pair, row in self.couples
            for turn, course in enumerate(pair.sheets[: self.base.sizes.worksheets])
        ]
        if not plan:
            return
        row, turn, course = np.array(plan, dtype=np.int64).T
        therapists, clients = self.everybody.ids[related.therapist[row]], self.everybody.ids[related.client[row]]
        sheets = base_ids("Worksheet", therapists, turn)
        library = read(rows(self.run, "Worksheet", pk__in=uuids_of(sheets)), pk=UUID, created_at=TIME)
        given = read(
            rows(self.run, "WorksheetAssignment", worksheet__in=uuids_of(sheets)), worksheet_id=UUID, client_id=UUID
        )
        had = set(zip(given.worksheet_id.tolist(), given.client_id.tolist(), strict=True))
        place = find(sheets, library.pk)
        good = (place != NOBODY) & [both not in had for both in zip(sheets.tolist(), clients.tolist(), strict=True)]
        drawn_up = library.created_at[place[good]]
        assigned = AssignmentPlan.of(self.everybody, related, row[good], sheets[good], drawn_up)
        ids = base_ids("WorksheetAssignment", related.ids[row[good]], turn[good])
        columns, dated_back = assignment_rows(self.run, ids, assigned, course[good])
        self.base.write_missing("mentara.WorksheetAssignment", columns, dated_back=dated_back)

    def review(self, related: Relationships, held: Sessions) -> None:
        """What the cast made of their sessions, from one star to five."""
        plan = [
            (row, turn, one.stars, one.anonymous)
            for pair, row in self.couples
            for turn, one in enumerate(pair.sessions)
            if one.stars
        ]
        if not plan or not len(held):
            return
        row, turn, stars, anonymous = np.array(plan, dtype=np.int64).T
        at = find(base_ids("Meeting", related.ids[row], turn), held.ids)
        reviewed = read(rows(self.run, "Review", meeting__in=uuids_of(held.ids[at])), meeting_id=UUID).meeting_id
        good = (at != NOBODY) & (held.status[at] == COMPLETED) & ~np.isin(held.ids[at], reviewed)
        ids = base_ids("Review", related.ids[row[good]], turn[good])
        reviews = ReviewPlan.of(self.everybody, related, held.take(at[good]))
        columns, dated_back = review_rows(self.run, ids, reviews, stars[good], anonymous[good] > 0)
        self.base.write_missing("mentara.Review", columns, dated_back=dated_back)

    # What the others of the cast read and hear

    def talk_and_tell(self, related: Relationships) -> None:
        """A post with its answer, conversations; then what all of this brought to people's bells and into the log."""
        self.post()
        self.talk()
        facts = dict(self.facts(related))
        self.tell(facts)
        self.log(facts)

    def post(self) -> None:
        """A post of the first client in the community of their concern, and the second's answer."""
        if CLIENT_1 not in self.place or CLIENT_2 not in self.place:
            return
        author, answers = (np.array([self.place[who]]) for who in (CLIENT_1, CLIENT_2))
        places = communities(self.run)
        joined = rows(self.run, "CommunityMember", user__in=uuids_of(self.ids(CLIENT_1, CLIENT_2)))
        found = read(joined, pk=UUID, user_id=UUID, community_id=UUID, joined_at=TIME)
        members = Memberships(found, self.everybody, places)
        there = np.flatnonzero(places.topic == self.everybody.concerns[author[0], 0])[:1]
        if not len(there) or (members.row_of(np.r_[author, answers], np.repeat(there, 2)) == NOBODY).any():
            return
        ids, turn = base_ids("Post", self.everybody.ids[author], OWN_SLOT), np.array([FAR_TURN])
        columns, dated_back = post_rows(self.run, members, ids, author, there, turn)
        self.base.write_missing("mentara.Post", columns, dated_back=dated_back)
        created = read(rows(self.run, "Post", pk__in=uuids_of(ids)), pk=UUID, created_at=TIME).created_at
        answer = base_ids("Comment", self.everybody.ids[answers], OWN_SLOT)
        columns, dated_back = comment_rows(
            self.run, members, Posts(ids, author, there, created), answer, answers, np.zeros(1, dtype=np.int64), turn,
            np.zeros(1, dtype=np.int64), np.array([NULL_ID], dtype="S16"),
        )  # fmt: skip
        self.base.write_missing("mentara.Comment", columns, dated_back=dated_back)

    def talk(self) -> None:
        """The conversations of the corpus, among those who are there; nobody has a second private one with another."""
        scripts = [
            (at, script, [(ROLES.index(role), ordinal) for role, ordinal in script["seats"]])
            for at, script in enumerate(load("cast"))
        ]
        scripts = [one for one in scripts if all(who in self.place for who in one[2])]
        everybody = sorted({who for _, _, seats in scripts for who in seats})
        named = read(rows(self.run, "User", pk__in=uuids_of(self.ids(*everybody))), pk=UUID, first_name=TEXT)
        names = dict(zip(named.pk.tolist(), named.first_name.tolist(), strict=True))
        mine = rows(self.run, "Conversation", type="DIRECT")
        for at, script, seats in scripts:
            user = self.ids(*seats)
            talk = base_ids("Conversation", user[:1], OWN_SLOT + at)
            pair = mine
            for one in uuids_of(user):
                pair = pair.filter(participants__user=one)
            late = int(self.run.draws.below("begun", keys_of(talk), LATE)[0]) * SECOND
            begun = self.local(script["days_ago"], script["hour"]) + late
            new = self.everybody.created[self.everybody.find(user)].max() < begun
            if new and not (script["type"] == "DIRECT" and pair.exists()):
                self.converse(talk, script, seats, begun, names)

    def local(self, days_ago: int, hour: int) -> int:
        """The instant of an hour of a local day."""
        offset = local_offset(self.run)
        return (self.run.as_of + offset) // DAY * DAY - days_ago * DAY + hour * HOUR - offset

    def converse(
        self, talk: Ids, script: dict[str, Any], seats: list[Who], begun: int, names: dict[bytes, str]
    ) -> None:
        """One conversation as it is scripted: its seats, and what is sent when."""
        user, said = self.ids(*seats), script["messages"]
        sent = begun + np.cumsum([one["after"] * MINUTE for one in said])
        speaker = np.array([one["from"] for one in said])
        number, lines = np.arange(len(seats)), np.arange(len(said))
        joined = begun + SECOND * (1 + number)
        own = np.array([max(sent[speaker == seat], default=joined[seat]) for seat in number])
        unread = np.isin(number, script.get("unread_by", []))
        titles = {MODERATOR: "MODERATOR", ADMIN: "ADMIN"} if script["type"] in ("GROUP", "SUPPORT") else {}
        self.base.write_missing("mentara.Conversation", {
            "id": talk,
            "type": script["type"],
            "title": script.get("title"),
            "is_active": not script.get("archived", False),
            "last_message_at": sent[-1:],
            "created_at": np.array([begun]),
            "updated_at": sent[-1:],
        })  # fmt: skip
        self.base.write_missing("mentara.ConversationParticipant", {
            "id": base_ids("ConversationParticipant", np.repeat(talk, len(seats)), number),
            "conversation_id": np.repeat(talk, len(seats)),
            "user_id": user,
            "role": [titles.get(role, "MEMBER") for role, _ in seats],
            "joined_at": joined,
            "last_read_at": np.where(unread, own, sent[-1] + (1 + number) * 7 * MINUTE),
            "is_active": ~np.isin(number, script.get("left", [])),
            "is_muted": np.isin(number, script.get("muted", [])),
        })  # fmt: skip
        ids = base_ids("Message", np.repeat(talk, len(said)), lines)
        called = [names[one] for one in user.tolist()]
        answered = np.array([one.get("reply_to", NOBODY) for one in said])
        edited = np.array([one.get("edited", 0) for one in said]) * MINUTE
        deleted = np.array([one.get("deleted", False) for one in said])
        self.base.write_missing("mentara.Message", {
            "id": ids,
            "conversation_id": np.repeat(talk, len(said)),
            "sender_id": user[speaker],
            "content": [one["text"].format(*called) for one in said],
            "message_type": [one.get("type", "TEXT") for one in said],
            "reply_to_id": Some(ids[answered], answered != NOBODY),
            "is_edited": edited > 0,
            "edited_at": Some(sent + edited, edited > 0),
            "is_deleted": deleted,
            "created_at": sent,
            "updated_at": sent + np.maximum(edited, deleted * MINUTE),
        })  # fmt: skip

    def facts(self, related: Relationships) -> Iterator[tuple[str, Fact]]:
        """What people can be told of and act on, by the names that cast.py uses."""
        for (role, ordinal), at in self.place.items():
            yield f"{ROLES[role]} {ordinal}", Fact("User", self.everybody.ids[at], int(self.everybody.created[at]))
        for pair, row in self.couples:
            yield f"relationship {pair.client}", Fact("ClientTherapist", related.ids[row], int(related.since[row]))
        yield from self.facts_of_staff()
        yield from self.facts_of_talk()
        ids = related.ids[[row for _, row in self.couples]]
        numbers = [pair.client for pair, _ in self.couples]
        turns = np.arange(max(len(pair.sessions) for pair in PAIRS))
        for table, name, moments in TOLD:
            rows_of = base_ids(table, np.repeat(ids, len(turns)), np.tile(turns, len(ids)))
            dates = {path for _, path, _ in moments} | {"created_at"}
            found = read(rows(self.run, table, pk__in=uuids_of(rows_of)), pk=UUID, **dict.fromkeys(dates, TIME))
            for place, at in enumerate(find(rows_of, found.pk).tolist()):
                known = f"{name} {numbers[place // len(turns)]}.{place % len(turns)}" if at != NOBODY else ""
                for suffix, path, shift in moments if known else ():
                    since = max(int(found.columns[path][at]) + shift, int(found.created_at[at]))
                    yield known + suffix, Fact(table, rows_of[place], since)

    def facts_of_staff(self) -> Iterator[tuple[str, Fact]]:
        """Decisions on the cast's therapists, and the profiles of admins."""
        profiles = {at: (role, ordinal) for (role, ordinal), at in self.place.items()}
        mine = uuids_of(self.everybody.ids[list(profiles)])
        decided = rows(self.run, "Therapist", pk__in=mine, processed_by_admin__isnull=False)
        found = read(decided, pk=UUID, processed_by_admin_id=UUID, created_at=TIME, processed_at=TIME)
        admins = self.everybody.find(found.processed_by_admin_id).tolist()
        since = np.maximum(found.created_at, found.processed_at).tolist()
        for at, id_, admin, when in zip(self.everybody.find(found.pk).tolist(), found.pk, admins, since, strict=True):
            yield f"therapist {profiles[at][1]} decided", Fact("Therapist", id_, when, admin)
        found = read(rows(self.run, "Admin", pk__in=mine), pk=UUID, created_at=TIME)
        for at, id_, when in zip(self.everybody.find(found.pk).tolist(), found.pk, found.created_at, strict=True):
            yield f"admin {profiles[at][1]} profile", Fact("Admin", id_, int(when))

    def facts_of_talk(self) -> Iterator[tuple[str, Fact]]:
        """The post and its answer, the community of the newcomer's concern, the last message of each conversation."""
        for table, name, who in (("Post", "post", CLIENT_1), ("Comment", "answer", CLIENT_2)):
            if who in self.place:
                ids = base_ids(table, self.ids(who), OWN_SLOT)
                for when in read(rows(self.run, table, pk__in=uuids_of(ids)), pk=UUID, created_at=TIME).created_at:
                    yield name, Fact(table, ids[0], int(when))
        for at, script in enumerate(load("cast")):
            role, ordinal = script["seats"][0]
            if (ROLES.index(role), ordinal) in self.place:
                talk = base_ids("Conversation", self.ids((ROLES.index(role), ordinal)), OWN_SLOT + at)
                ids = base_ids("Message", talk, len(script["messages"]) - 1)
                for when in read(rows(self.run, "Message", pk__in=uuids_of(ids)), pk=UUID, created_at=TIME).created_at:
                    yield f"message {at}", Fact("Message", ids[0], int(when))
        if NEWCOMER in self.place:
            mine = rows(self.run, "CommunityMember", user=uuids_of(self.ids(NEWCOMER))[0])
            found = read(mine, pk=UUID, community_id=UUID, joined_at=TIME)
            for id_, when in zip(found.community_id[:1], found.joined_at[:1].tolist(), strict=True):
                yield f"community {cast.NEWCOMER}", Fact("Community", id_, when)

    def tell(self, facts: dict[str, Fact]) -> None:
        """Notifications of these facts."""
        news = [
            (self.who(who), slot, kind, facts[fact], read)
            for slot, (who, kind, fact, read) in enumerate(cast.NEWS)
            if fact in facts and self.who(who) != NOBODY
        ]
        if not news:
            return
        who, slot, kind, fact, opened = (list(column) for column in zip(*news, strict=True))
        told = News(
            np.array(who),
            np.array([TYPES.index(one) for one in kind]),
            np.array([ENTITIES.index(one.table) for one in fact]),
            np.array([one.id for one in fact], dtype="S16"),
            np.array([one.since for one in fact]),
        )
        ids = base_ids("Notification", self.everybody.ids[who], OWN_SLOT + np.array(slot))
        columns, dated_back = notification_rows(self.run, ids, self.everybody, told, np.array(opened))
        self.base.write_missing("mentara.Notification", columns, dated_back=dated_back)

    def log(self, facts: dict[str, Fact]) -> None:
        """Audit logs of what the staff did about these facts."""
        deeds = [
            (
                self.place.get((ROLES.index(who[0]), who[1]), NOBODY) if who else facts[fact].by,
                slot,
                action,
                facts[fact],
            )
            for slot, (who, action, fact) in enumerate(cast.DEEDS)
            if fact in facts
        ]
        deeds = [one for one in deeds if one[0] != NOBODY]
        if not deeds:
            return
        actor, slot, action, fact = (list(column) for column in zip(*deeds, strict=True))
        done = Deeds(
            np.array(actor), action, [one.table for one in fact], np.array([one.id for one in fact], dtype="S16"),
            np.array([one.since for one in fact]),
        )  # fmt: skip
        ids = base_ids("AuditLog", self.everybody.ids[actor], OWN_SLOT + np.array(slot))
        columns, dated_back = audit_log_rows(self.run, ids, self.everybody, done)
        self.base.write_missing("mentara.AuditLog", columns, dated_back=dated_back)
