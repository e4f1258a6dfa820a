"""One row at a time: what the row functions need, gathered from a few instances instead of from the whole world.

Each function takes what a factory knows so far of the row (`of`, read by attribute) and the row's key or keys, and
returns the columns that the bulk path would write for it. Numbers below FREE belong to base rows.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import chain
from typing import Any

import numpy as np
from django.db.models import Model, Q

from mentara.models import Client, Meeting, Therapist, User
from seeding.engine.clock import DAY, HOUR, MINUTE, micros, moment, window
from seeding.engine.columns import MISSING, NULL_ID, Frame
from seeding.engine.ids import base_ids
from seeding.engine.keys import Bools, Ids, Ints, ids_of, keys_of, locality_of, mix, salt, uuids_of
from seeding.engine.run import Run
from seeding.engine.writer import Columns, python_rows
from seeding.planning.scheduling import CELL, HORIZON, SETTLED, Calendar, coming_wishes, past_wishes
from seeding.rows import accounts, communities, messages, notifications, worksheets
from seeding.rows.assessments import FOLLOW_UP_GAP, SCREENING, Sittings, assessment_rows, first_sitting
from seeding.rows.audit_logs import Deeds, audit_log_rows
from seeding.rows.availability import availability_rows
from seeding.rows.comments import comment_rows
from seeding.rows.hearts import comment_heart_rows, post_heart_rows
from seeding.rows.meetings import MeetingPlan, meeting_rows, note_rows
from seeding.rows.memberships import membership_rows
from seeding.rows.posts import post_rows
from seeding.rows.relationships import ended, relationship_rows
from seeding.rows.reviews import ReviewPlan, ratings, review_rows
from seeding.texts import messages as message_texts
from seeding.texts.therapy import NoteThread, main_topic, sheets
from seeding.world.care import CANCELLED, COMPLETED, NO_SHOW, STATUSES
from seeding.world.communities import Communities, Memberships, Posts
from seeding.world.concerns import CONCERNS, topic_of
from seeding.world.instruments import instruments
from seeding.world.people import ADMIN, NOBODY, ROLE_BITS, ROLES, People
from seeding.world.windows import DAYS, clock_of, minute_of, new_windows, planned

FREE = 1_000_000
"""Ordinals and slots from here on are the factories' own, beyond those that any mode or test of scale seeds."""


def is_saved(row: Model) -> bool:
    """Whether the row is in the database, so that its relations can be looked up there."""
    return not row._state.adding  # noqa: SLF001 - documented for this purpose


def key(*rows: Model) -> Ids:
    """The ids of the rows."""
    return ids_of(row.pk for row in rows)


def at(value: int, ids: Ids) -> Ints:
    """The number for each of the ids."""
    return np.full(len(ids), value, dtype=np.int64)


def each(id_: Ids, ids: Ids) -> Ids:
    """The one id for each of the ids."""
    return np.repeat(id_, len(ids))


def true(value: bool, ids: Ids) -> Bools:
    """The truth value for each of the ids."""
    return np.full(len(ids), value, dtype=np.bool_)


def code(value: str, among: Iterable[str]) -> int:
    """The place of a value among those allowed; a test may give one that is not, and gets a row like the first."""
    return {name: number for number, name in enumerate(among)}.get(value, 0)


# The world around one row


def people_of(run: Run, *users: User) -> People:
    """These users as people."""
    known = list({user.pk: user for user in users}.values())
    frame = Frame(
        {
            "pk": key(*known),
            "role_code": np.array([ROLES.index(user.role) if user.role in ROLES else NOBODY for user in known]),
            "created_at": np.array([micros(user.created_at) for user in known], dtype=np.int64),
            "is_active": np.array([user.is_active for user in known], dtype=np.bool_),
            "approved": np.zeros(len(known), dtype=np.bool_),
        }
    )
    return People(run, frame.take(np.argsort(frame.pk)))


def communities_of(community: Any) -> Communities:
    """The community alone."""
    topic = topic_of(community.slug, community.name)
    created = np.array([micros(community.created_at)], dtype=np.int64)
    return Communities(key(community), created, np.array([topic]), [community.slug], [community.name])


def members_of(of: Any, community: Any, *others: User) -> Memberships:
    """The author's membership in the community, if there is one, and others who have a part in the row."""
    there = [of.membership] if of.membership else []
    frame = Frame(
        {
            "user_id": ids_of(one.user_id for one in there),
            "community_id": ids_of(one.community_id for one in there),
            "joined_at": np.array([micros(one.joined_at) for one in there], dtype=np.int64),
        }
    )
    return Memberships(frame, people_of(of.run, of.user, *others), communities_of(community))


# Accounts


def user(of: Any, ordinals: Ints) -> Columns:
    """An account by role and ordinal."""
    return accounts.user_rows(of.run, code(of.role, ROLES), ordinals, of.password)


def ordinal_of(ids: Ids) -> Ints:
    """The ordinals of base accounts."""
    return locality_of(ids) & ((1 << ROLE_BITS) - 1)


def created(of: Any) -> Ints:
    """When the account of a profile was made."""
    return np.array([micros(of.user.created_at)], dtype=np.int64)


def client(of: Any, ids: Ids) -> Columns:
    """A client's profile."""
    return accounts.client_rows(of.run, ids, created(of))


def therapist_status(of: Any) -> str:
    """What has become of a therapist's application."""
    return accounts.therapist_status(ordinal_of(key(of.user)))[0]


def therapist(of: Any, ids: Ids) -> Columns:
    """A therapist's profile, decided on by the admin."""
    admins = [of.processed_by_admin] if of.processed_by_admin else []
    since = np.array([micros(admin.user.created_at) for admin in admins], dtype=np.int64)
    return accounts.therapist_rows(of.run, ids, ordinal_of(ids), created(of), key(*admins), since, [of.status])


def admin(of: Any, ids: Ids) -> Columns:
    """An admin's profile."""
    return accounts.admin_rows(ids, ordinal_of(ids), created(of))


def moderator(of: Any, ids: Ids) -> Columns:
    """A moderator's profile."""
    return accounts.moderator_rows(ids, created(of))


# Communities


def community(of: Any, ordinals: Ints) -> Columns:
    """A community by its ordinal."""
    return communities.community_rows(of.run, ordinals)


def membership(of: Any, ids: Ids) -> Columns:
    """A membership of the user in the community."""
    everybody, places = people_of(of.run, of.user), communities_of(of.community)
    return membership_rows(of.run, ids, everybody, at(0, ids), places, at(0, ids))[0]


def post(of: Any, ids: Ids) -> Columns:
    """A post, the author's `slot`-th."""
    members = members_of(of, of.community)
    return post_rows(of.run, members, ids, at(0, ids), at(0, ids), at(of.slot, ids))[0]


def comment(of: Any, ids: Ids) -> Columns:
    """A comment, the author's `slot`-th; a reply that would come too early for its parent counts from there."""
    members = members_of(of, of.post.community, of.post.user)
    author, writer = members.people.find(key(of.user)), members.people.find(key(of.post.user))
    answered = key(of.parent) if of.parent else np.array([NULL_ID], dtype="S16")

    def after(instant: int) -> Columns:
        posts = Posts(key(of.post), writer, at(0, ids), at(instant, ids))
        counts = at(of.slot, ids), at(of.place, ids)
        return comment_rows(of.run, members, posts, ids, author, at(0, ids), *counts, answered)[0]

    columns = after(micros(of.post.created_at))
    early = of.parent is not None and columns["created_at"][0] <= micros(of.parent.created_at)
    return after(micros(of.parent.created_at)) if early else columns


def heart(of: Any, ids: Ids) -> Columns:
    """A heart for the post or the comment."""
    members, first = members_of(of, of.place), at(0, ids)
    if of.comment:
        written = at(micros(of.comment.created_at), ids)
        return comment_heart_rows(of.run, members, ids, first, first, written, key(of.comment))[0]
    posts = Posts(key(of.post), at(NOBODY, ids), first, at(micros(of.post.created_at), ids))
    return post_heart_rows(of.run, members, posts, ids, first, first)[0]


# Therapy


def relationship(of: Any, ids: Ids) -> Columns:
    """A relationship of the client and the therapist."""
    since = max(micros(profile.user.created_at) for profile in (of.client, of.therapist))
    mine = key(of.client)
    inactive = true(of.status == "inactive", ids) if of.slot >= FREE else ended(of.run, keys_of(mine), ordinal_of(mine))
    return relationship_rows(of.run, ids, key(of.client), key(of.therapist), at(since, ids), inactive)[0]


def related_since(of: Any) -> int:
    """Since when there has been something to meet for."""
    return max(micros(of.relationship.assigned_at), micros(of.client.created_at), micros(of.therapist.created_at))


@dataclass(frozen=True)
class Hours:
    """A window's day and hours as the table has them."""

    day: str
    opens: str
    closes: str


def has_hours(of: Any) -> bool:
    """Whether the therapist takes sessions at any hour."""
    return is_saved(of.therapist) and of.therapist.availabilities.filter(is_available=True).exists()


def open_hours(of: Any) -> Hours:
    """Day, start and end of the therapist's `slot`-th base window, or else of one on a day without any."""
    keys = keys_of(key(of.therapist))
    if of.slot < FREE:
        _, *hours = new_windows(of.run.draws, keys, np.array([of.slot + 1]))
    else:
        taken: dict[int, list[tuple[int, int]]] = {}
        for known in of.therapist.availabilities.all() if is_saved(of.therapist) else ():
            opens_closes = minute_of(known.start_time), minute_of(known.end_time)
            taken.setdefault(code(known.day_of_week, DAYS), []).append(opens_closes)
        _, *hours = new_windows(of.run.draws, keys, np.array([1]), [taken])
    day, opens, closes = (int(column[-1]) for column in hours)
    return Hours(DAYS[day], clock_of(opens), clock_of(closes))


def availability(of: Any, ids: Ids) -> Columns:
    """A window at the given hours."""
    day = at(code(of.day_of_week, DAYS), ids)
    opens, closes = at(minute_of(of.start_time), ids), at(minute_of(of.end_time), ids)
    since = at(micros(of.therapist.created_at), ids)
    window = planned(at(0, ids), day, opens, closes, [of.timezone])
    return availability_rows(of.run, ids, people_of(of.run, of.therapist.user), window, since)[0]


@dataclass(frozen=True)
class Place:
    """Where a session is on the calendar."""

    start: int
    minutes: int


OVER = (COMPLETED, CANCELLED, NO_SHOW)
_CLIENT, _THERAPIST = np.zeros(1, dtype=np.int64), np.ones(1, dtype=np.int64)


def sessions_of(client: Client, therapist: Therapist) -> Any:
    """The meetings of the two; none of a client who is not in the database."""
    meetings = Meeting.objects.filter(client=client, therapist=therapist)
    return meetings if is_saved(client) and is_saved(therapist) else meetings.none()


def session_turn(of: Any) -> int:
    """The place of a session among those of its pair, from 0."""
    return int(of.slot) if of.slot < FREE else int(sessions_of(of.client, of.therapist).count())


def placed(of: Any) -> Place:
    """A free time in an open window that suits the status; any time at all where there is none."""
    status, run, minutes = code(of.status, STATUSES), of.run, of.therapist.session_length
    if of.status == "IN_PROGRESS":
        return Place((run.as_of - MINUTE) // CELL * CELL, minutes)
    pair, turn = keys_of(key(of.relationship)), np.array([of.turn])
    if status in OVER:
        since, active = np.array([related_since(of)]), np.array([of.relationship.status == "active"])
        binding = np.array([status != CANCELLED])
        wishes = past_wishes(run, pair, _THERAPIST, _CLIENT, since, active, turn, binding)
    else:
        wishes = coming_wishes(run, pair, _THERAPIST, _CLIENT, turn)
    found = calendar(of).place(wishes)
    if found.found[0]:
        return Place(int(found.start[0]), int(found.minutes[0]))
    start = run.as_of - SETTLED - minutes * MINUTE if status in OVER else run.as_of + DAY
    return Place(start // CELL * CELL, minutes)


def calendar(of: Any) -> Calendar:
    """The therapist's open hours, without what is taken of them."""
    hours = [of.window] if of.window else list(of.therapist.availabilities.filter(is_available=True))
    windows = planned(
        np.ones(len(hours), dtype=np.int64),
        np.array([code(one.day_of_week, DAYS) for one in hours], dtype=np.int64),
        np.array([minute_of(one.start_time) for one in hours], dtype=np.int64),
        np.array([minute_of(one.end_time) for one in hours], dtype=np.int64),
        [one.timezone for one in hours],
    )
    found = Calendar(windows, np.array([0, of.therapist.session_length]))
    for number, person in ((_CLIENT, of.client), (_THERAPIST, of.therapist)):
        if is_saved(person):
            taken = person.meetings.exclude(status="CANCELLED").values_list("start_time", "end_time")
            starts, ends = (np.array([micros(row[end]) for row in taken], dtype=np.int64) for end in (0, 1))
            found.block(np.repeat(number, len(starts)), starts, ends, of.run.as_of + HORIZON)
    return found


def meeting(of: Any, ids: Ids) -> Columns:
    """A session at the given time, with the given outcome."""
    plan = MeetingPlan(
        key(of.client),
        key(of.therapist),
        keys_of(key(of.relationship)),
        at(related_since(of), ids),
        at(micros(of.start_time), ids),
        at(of.duration, ids),
        at(code(of.status, STATUSES), ids),
        at(of.turn, ids),
        main_topic(people_of(of.run, of.client.user).concerns),
    )
    return meeting_rows(of.run, ids, plan)[0]


def room(of: Any) -> str | None:
    """The address of a meeting by video."""
    return str(meeting(of, ids_of([of.id]))["meeting_url"].values[0]) if of.meeting_type == "video" else None


def over(meeting: Any) -> int:
    """From when on a session has something written about it."""
    return max(micros(meeting.start_time), micros(meeting.end_time), micros(meeting.created_at))


def notes(of: Any, ids: Ids) -> Columns:
    """Notes that take up those of the pair's completed session before."""
    this, person = of.meeting, people_of(of.run, of.meeting.client.user)
    before = sessions_of(this.client, this.therapist).filter(
        Q(start_time__lt=this.start_time) | Q(start_time=this.start_time, pk__lt=this.pk), status="COMPLETED"
    )
    last = before.order_by("-start_time", "-pk").first() or this
    client, therapist = keys_of(key(this.client)), keys_of(key(this.therapist))
    thread = NoteThread(
        mix(client ^ mix(therapist)),
        therapist,
        keys_of(key(this)),
        keys_of(key(last)),
        at(before.count(), ids),
        main_topic(person.concerns),
        person.trait("adherence"),
    )
    return note_rows(of.run, ids, key(this), at(over(this), ids), thread)[0]


def expertise(therapist: Therapist) -> tuple[int, ...]:
    """What the therapist is first of all expert in."""
    return tuple(CONCERNS.index(slug) for slug in therapist.expertise if slug in CONCERNS)[:3]


def worksheet(of: Any, ids: Ids) -> Columns:
    """The `slot`-th worksheet of the therapist."""
    sheet = sheets(expertise(of.therapist), tuple(of.therapist.approaches)).at(0, of.slot)
    since = at(micros(of.therapist.created_at), ids)
    return worksheets.worksheet_rows(of.run, ids, key(of.therapist), since, [sheet])[0]


OPEN = ("ASSIGNED", "SUBMITTED")
LATELY = 10 * DAY


def assignment(of: Any, ids: Ids) -> Columns:
    """An assignment to the client; one that somebody is still to act on was given lately."""
    since = max(related_since(of), micros(of.worksheet.created_at))
    if of.slot >= FREE and of.status in OPEN:
        since = max(since, of.run.as_of - LATELY)
    active = true(of.relationship.status == "active", ids)
    adherence = np.repeat(people_of(of.run, of.client.user).trait("adherence"), len(ids))
    plan = worksheets.AssignmentPlan(
        each(key(of.worksheet), ids), each(key(of.client), ids), at(since, ids), active, adherence
    )
    return worksheets.assignment_rows(of.run, ids, plan)[0]


def fits(of: Any) -> Bools:
    """Whether the therapist knows a concern of the client."""
    known = np.isin(people_of(of.run, of.client.user).concerns, expertise(of.therapist))
    return np.asarray(known.any(axis=1))


def rating(of: Any) -> int:
    """What the client makes of the session."""
    return int(ratings(of.run, ids_of([of.id]), keys_of(key(of.relationship)), fits(of))[0])


def review(of: Any, ids: Ids) -> Columns:
    """A review with the given rating, of the meeting or of the therapist alone."""
    since = related_since(of)
    plan = ReviewPlan(
        key(of.meeting) if of.meeting else np.array([NULL_ID], dtype="S16"),
        key(of.client),
        key(of.therapist),
        at(over(of.meeting) if of.meeting else since, ids),
        at(since, ids),
        main_topic(people_of(of.run, of.client.user).concerns),
    )
    return review_rows(of.run, ids, plan, at(min(max(of.rating, 1), 5), ids))[0]


# Assessments


def sat(of: Any) -> int:
    """When the client completed the assessment; a follow-up comes weeks after the first."""
    account = np.array([micros(of.user.user.created_at)])
    if not of.follow_up:
        return int(first_sitting(of.run, ids_of([of.id]), account)[0])
    first = first_sitting(of.run, base_ids("PreAssessment", key(of.user)), account)
    frame = window(of.run.as_of, orders=first + FOLLOW_UP_GAP + HOUR)
    return int(frame.at(0.9 * of.run.draws.unit("assessed", keys_of(ids_of([of.id]))))[0])


def sitting(of: Any, ids: Ids) -> tuple[Columns, list[Columns]]:
    """The assessment, and its answers for each questionnaire."""
    done = of.completed_at is not None
    completed = micros(of.completed_at) if done else sat(of)
    sittings = Sittings(ids, at(0, ids), at(completed, ids), true(of.follow_up, ids), true(done, ids))
    return assessment_rows(of.run, people_of(of.run, of.user.user), sittings)


def assessment(of: Any, ids: Ids) -> Columns:
    """An assessment without its answers."""
    return sitting(of, ids)[0]


@dataclass(frozen=True)
class _Sitting:
    """An assessment that is there, as the functions above read one."""

    run: Run
    user: Client
    completed_at: Any
    follow_up: bool
    id: Any


def answers_to(run: Run, taken: Any, *, follow_up: bool) -> dict[tuple[str, int], dict[str, Any]]:
    """The answers of an assessment by questionnaire and item."""
    from mentara.models import PreAssessmentAnswer

    if taken.completed_at is None:
        return {}
    of = _Sitting(run, taken.user, taken.completed_at, follow_up, taken.pk)
    answers = sitting(of, key(taken))[1]
    rows = chain.from_iterable(python_rows(PreAssessmentAnswer, of_questionnaire) for of_questionnaire in answers)
    return {(row["questionnaire"], row["answer_index"]): row for row in rows}


def questionnaire(of: Any) -> str:
    """The first questionnaire of an assessment."""
    return str(next(iter(of.pre_assessment.scores), SCREENING[0]))


def items(slug: str) -> int:
    """How many items a questionnaire has; one that nobody knows has one."""
    return instruments()[slug].items if slug in CONCERNS else 1


def answer_id(of: Any) -> Any:
    """The id of the answer to an item."""
    about = CONCERNS.index(of.questionnaire) if of.questionnaire in CONCERNS else int(salt(of.questionnaire) >> 40)
    return uuids_of(base_ids("PreAssessmentAnswer", key(of.pre_assessment), about * 64 + of.answer_index))[0]


def answer_value(of: Any) -> int:
    """What the client answered; the first alternative where the questionnaire was not taken."""
    given = answers_to(of.run, of.pre_assessment, follow_up=of.follow_up)
    return int(given.get((of.questionnaire, of.answer_index), {"value": 0})["value"])


# Messages

NO_OCCASION = np.zeros((1, len(message_texts.OCCASIONS)), dtype=np.bool_)
"""What is said in a conversation that was made by hand supposes nothing."""


def seats_of(conversation: Any) -> list[Any]:
    """The participants in the order of joining; of a conversation that was only built, those built with it."""
    if is_saved(conversation):
        return list(conversation.participants.select_related("user").order_by("joined_at", "pk"))
    return list(getattr(conversation, "seats", ()))


def seated(everybody: People, users: Iterable[User]) -> Ints:
    """The places of the users on the seats of one conversation."""
    seats = np.full((1, messages.SEATS), NOBODY, dtype=np.int64)
    for number, one in enumerate(users):
        seats[0, number] = everybody.find(key(one))[0]
    return seats


def quiet(ids: Ids, seats: Ints) -> messages.Threads:
    """Conversations in which nothing is said."""
    return messages.Threads(
        ids, seats[:, : messages.SPEAKERS], at(MISSING, ids), at(0, ids), true(False, ids), at(0, ids), NO_OCCASION
    )


def conversation(of: Any, ids: Ids) -> Columns:
    """A conversation of the users, before the first message."""
    users = list(of.users)[: messages.SEATS]
    everybody = people_of(of.run, *users)
    seats = seated(everybody, users)
    company = messages.Company(at(code(of.type, messages.TYPES), ids), seats, at(MISSING, ids))
    threads = quiet(ids, seats)
    begun = messages.opened(of.run, ids, everybody, company)
    return messages.conversation_rows(ids, company, begun, threads, messages.exchange(of.run, everybody, threads))


def participant(of: Any, ids: Ids) -> Columns:
    """The user on one of the seats, who has joined once the conversation was begun."""
    everybody = people_of(of.run, of.user)
    seats = np.full((1, messages.SEATS), NOBODY, dtype=np.int64)
    seats[0, of.seat % messages.SEATS] = 0
    talk = key(of.conversation)
    company = messages.Company(at(code(of.conversation.type, messages.TYPES), ids), seats, at(MISSING, ids))
    begun = at(max(micros(of.conversation.created_at), micros(of.user.created_at)), ids)
    joined = messages.joined(of.run, talk, company, begun)
    threads = quiet(talk, seats)
    silence = messages.exchange(of.run, everybody, threads)
    return messages.participant_rows(of.run, ids, everybody, company, joined, threads, silence)[0]


@dataclass(frozen=True)
class Turn:
    """Where a conversation stands: who speaks in it, what was said, and which line of its script is next."""

    speakers: list[User]
    reel: Ints
    said: int
    next: int
    after: int


def turn(of: Any) -> Turn:
    """Where the conversation stands."""
    seats = seats_of(of.conversation)
    if not seats:
        raise ValueError("Nobody takes part in this conversation; give the message a sender.")
    speakers = [seat.user for seat in seats][: messages.SPEAKERS]
    everybody = people_of(of.run, *speakers)
    talk = messages.exchange(of.run, everybody, quiet(key(of.conversation), seated(everybody, speakers)))
    said = of.conversation.messages.count() if is_saved(of.conversation) else 0
    after = max(micros(of.conversation.created_at), *(micros(seat.joined_at) for seat in seats))
    speaker, _ = message_texts.script().turns(talk.reel, np.array([said]))
    return Turn(speakers, talk.reel, said, int(speaker[0]), after)


def sender(of: Any) -> User:
    """Whose turn it is to speak."""
    return of.turn.speakers[of.turn.next % len(of.turn.speakers)]


def message(of: Any, ids: Ids) -> Columns:
    """The sender's next line in the conversation's script."""
    speakers, said = list(of.turn.speakers), of.turn.said
    places = [number for number, one in enumerate(speakers) if one.pk == of.sender.pk]
    lines = message_texts.script().turns(np.repeat(of.turn.reel, 64), said + np.arange(64))[0].tolist()
    if places and places[0] in lines:
        said += lines.index(places[0])
    else:
        speakers[lines[0] % len(speakers)] = of.sender
    everybody = people_of(of.run, *speakers)
    known = (of.conversation.last_message_at, of.reply_to and of.reply_to.created_at, of.seat.joined_at)
    after = max([of.turn.after, *(micros(one) for one in known if one)])
    threads = messages.Threads(
        key(of.conversation),
        seated(everybody, speakers)[:, : messages.SPEAKERS],
        at(after, ids),
        at(said, ids),
        true(False, ids),
        at(1, ids),
        NO_OCCASION,
    )
    talk = messages.exchange(of.run, everybody, threads)
    by_place = {int(everybody.find(key(one))[0]): one.first_name for one in speakers}
    names = [by_place[place] for place in range(len(everybody))]
    said = messages.script_of(of.run, ids, everybody, threads, talk)
    return messages.message_rows(ids, everybody, names, threads, talk, said, np.arange(1))[0]


# Engagement

NEWS = {
    "Meeting": "APPOINTMENT_CONFIRMED",
    "Message": "MESSAGE_RECEIVED",
    "WorksheetAssignment": "WORKSHEET_ASSIGNED",
    "ClientTherapist": "RELATIONSHIP_ESTABLISHED",
    "Review": "REVIEW_RECEIVED",
    "Therapist": "THERAPIST_APPROVED",
    "Comment": "COMMUNITY_REPLY",
    "Post": "COMMUNITY_POST",
    "Community": "COMMUNITY_JOINED",
    "User": "SYSTEM_UPDATE",
}
"""What a row of each table is news of."""
WORK = {
    "User": "USER_LOGIN",
    "Admin": "ADMIN_SYSTEM_CONFIG",
    "Post": "MODERATE_POST",
    "Comment": "MODERATE_COMMENT",
    "Review": "REVIEW_MODERATE",
    "Therapist": "APPROVE_THERAPIST_APPLICATION",
}
"""What an administrator does to a row of each table; of any other, the data are exported."""


def table_of(row: Model) -> str:
    """The table of a row."""
    return row._meta.db_table


def begun(row: Any) -> int:
    """When a row came to be."""
    return micros(row.created_at if hasattr(row, "created_at") else row.assigned_at)


def news_type(of: Any) -> str:
    """What the user is told."""
    return NEWS[table_of(of.about)]


def notification(of: Any, ids: Ids) -> Columns:
    """A notification about the row."""
    news = notifications.News(
        at(0, ids),
        at(code(of.type, notifications.TYPES), ids),
        at(code(table_of(of.about), notifications.ENTITIES), ids),
        each(key(of.about), ids),
        at(begun(of.about), ids),
    )
    return notifications.notification_rows(of.run, ids, people_of(of.run, of.user), news)[0]


def audit_action(of: Any) -> str:
    """What was done."""
    if table_of(of.about) == "Therapist" and of.about.status == "REJECTED":
        return "REJECT_THERAPIST_APPLICATION"
    return WORK.get(table_of(of.about), "DATA_EXPORT")


def audit_log(of: Any, ids: Ids) -> Columns:
    """What the user did to the row; of a user who has gone, an administrator's work is left."""
    gone = User(pk=uuids_of(accounts.user_ids(ADMIN, np.zeros(1, dtype=np.int64)))[0], role=ROLES[ADMIN])
    gone.created_at = moment(begun(of.about))
    everybody = people_of(of.run, of.user or gone)
    deeds = Deeds(at(0, ids), [of.action], [table_of(of.about)], key(of.about), at(begun(of.about), ids))
    return audit_log_rows(of.run, ids, everybody, deeds)[0]
