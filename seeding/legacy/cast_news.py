"""What the cast is told of and has on record: notifications and audit logs of what happened to them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from seeding import cast
from seeding.cast import PAIRS, Pair
from seeding.engine.clock import DAY, HOUR, past
from seeding.engine.columns import NULL_ID, TIME, UUID, read
from seeding.engine.grouping import find
from seeding.engine.ids import base_ids
from seeding.engine.keys import uuids_of
from seeding.legacy.cast_players import OWN_SLOT, Players
from seeding.legacy.cast_talks import CLIENT_1, CLIENT_2, scripted
from seeding.rows.audit_logs import Deeds, audit_log_rows
from seeding.rows.notifications import ENTITIES, TYPES, News, notification_rows
from seeding.world.care import Relationships
from seeding.world.decisions import SUSPENSION, suspended
from seeding.world.mentara import NOBODY, rows
from seeding.world.people import CLIENT, ROLES

TOLD = (
    (
        "Meeting", "session", "therapist_id",
        (
            ("", "created_at", 0), (" soon", "start_time", -HOUR), (" ended", "end_time", 0),
            (" called off", "updated_at", 0),
        ),
    ),
    (
        "WorksheetAssignment", "sheet", "worksheet__therapist_id",
        (("", "created_at", 0), (" due", "due_date", -DAY), (" answered", "updated_at", 0)),
    ),
    ("Review", "review", "therapist_id", (("", "created_at", 0),)),
)  # fmt: skip
"""Tables of rows that belong to a pair and its turn, what their facts are called, where the therapist is, and from when
on they are facts."""
UPDATED = 12 * DAY
"""So long ago the platform was updated; chosen."""
NEWCOMER = (CLIENT, cast.NEWCOMER)
Couples = Sequence[tuple[Pair, int]]
"""Pairs of the cast and their relationships."""


@dataclass(frozen=True)
class Fact:
    """A row that somebody can be told of or act on, and since when."""

    table: str
    id: bytes
    since: int


def tell_and_log(players: Players, named: Iterable[tuple[str, Fact]]) -> None:
    """Write notifications of these facts, by the names that cast.py uses, and audit logs of what the staff did then."""
    facts = dict(named)
    tell(players, facts)
    log(players, facts)


def facts_of_post(players: Players) -> Iterator[tuple[str, Fact]]:
    """The post and its answer, and the post from when on its reader is a member of the community."""
    if CLIENT_1 not in players.place:
        return
    author, ids = uuids_of(players.ids(CLIENT_1)), base_ids("Post", players.ids(CLIENT_1), OWN_SLOT)
    mine = rows(players.run, "Post", pk__in=uuids_of(ids), user__in=author)
    for when in read(mine, pk=UUID, created_at=TIME).created_at:
        yield "post", Fact("Post", ids[0], int(when))
    if CLIENT_2 in players.place:
        answers = base_ids("Comment", players.ids(CLIENT_2), OWN_SLOT)
        given = rows(players.run, "Comment", pk__in=uuids_of(answers), user__in=uuids_of(players.ids(CLIENT_2)))
        for when in read(given.filter(post__in=mine), pk=UUID, created_at=TIME).created_at:
            yield "answer", Fact("Comment", answers[0], int(when))
        seen = rows(players.run, "CommunityMember", user__in=uuids_of(players.ids(CLIENT_2)))
        seen = seen.filter(community__posts__in=mine)
        found = read(seen, pk=UUID, joined_at=TIME, community__posts__created_at=TIME)
        for when in np.maximum(found.joined_at, found.community__posts__created_at).tolist():
            yield "post seen", Fact("Post", ids[0], when)


def facts_of_therapy(players: Players, couples: Couples, related: Relationships) -> Iterator[tuple[str, Fact]]:
    """Everything else: people, decisions, talks, and what happens between a client and a therapist."""
    for (role, ordinal), at in players.place.items():
        account = Fact("User", players.everybody.ids[at], int(players.everybody.created[at]))
        yield f"{ROLES[role]} {ordinal}", account
        yield f"{ROLES[role]} {ordinal} lately", replace(account, since=max(account.since, players.run.as_of - UPDATED))
        if not players.everybody.active[at]:
            yield f"{ROLES[role]} {ordinal} closed", account
    for pair, row in couples:
        yield f"relationship {pair.client}", Fact("ClientTherapist", related.ids[row], int(related.since[row]))
    yield from facts_of_staff(players)
    yield from facts_of_talk(players)
    yield from facts_of_pairs(players, couples, related)


def facts_of_pairs(players: Players, couples: Couples, related: Relationships) -> Iterator[tuple[str, Fact]]:
    """Sessions, worksheets and reviews of each pair, as far as these are theirs still."""
    turns = np.arange(max(len(pair.sessions) for pair in PAIRS))
    which, turn = np.repeat(np.arange(len(couples)), len(turns)), np.tile(turns, len(couples))
    row = np.array([row for _, row in couples], dtype=np.int64)[which]
    client, therapist = (players.everybody.ids[side[row]] for side in (related.client, related.therapist))
    for table, name, by, moments in TOLD:
        ids = base_ids(table, related.ids[row], turn)
        kinds = {**{path: TIME for _, path, _ in moments}, "created_at": TIME, "client_id": UUID, by: UUID}
        found = read(rows(players.run, table, pk__in=uuids_of(ids)), pk=UUID, **kinds)
        at = find(ids, found.pk)
        theirs = np.append(found.client_id, NULL_ID)[at] == client
        theirs &= np.append(found.columns[by], NULL_ID)[at] == therapist
        for place in np.flatnonzero(theirs).tolist():
            for suffix, path, shift in moments:
                since = max(int(found.columns[path][at[place]]) + shift, int(found.created_at[at[place]]))
                known = f"{name} {couples[which[place]][0].client}.{turn[place]}{suffix}"
                yield known, Fact(table, ids[place], since)


def facts_of_staff(players: Players) -> Iterator[tuple[str, Fact]]:
    """Approvals of the cast's therapists, and the profiles of admins."""
    profiles = {at: (role, ordinal) for (role, ordinal), at in players.place.items()}
    mine = uuids_of(players.everybody.ids[list(profiles)])
    approved = rows(players.run, "Therapist", pk__in=mine, status="APPROVED", processed_by_admin__isnull=False)
    found = read(approved, pk=UUID, created_at=TIME, processed_at=TIME)
    since = past(players.run.as_of, found.processed_at, found.created_at).tolist()
    for at, id_, when in zip(players.everybody.find(found.pk).tolist(), found.pk, since, strict=True):
        yield f"therapist {profiles[at][1]} approved", Fact("Therapist", id_, when)
    found = read(rows(players.run, "Admin", pk__in=mine), pk=UUID, created_at=TIME)
    for at, id_, when in zip(players.everybody.find(found.pk).tolist(), found.pk, found.created_at, strict=True):
        yield f"admin {profiles[at][1]} profile", Fact("Admin", id_, int(when))


def facts_of_talk(players: Players) -> Iterator[tuple[str, Fact]]:
    """The community of the newcomer's concern, the last message of each conversation."""
    scripts, talks = scripted(players)
    lasts = np.array([len(script["messages"]) - 1 for _, script, _ in scripts], dtype=np.int64)
    ids = base_ids("Message", talks, lasts)
    sent = read(rows(players.run, "Message", pk__in=uuids_of(ids)), pk=UUID, created_at=TIME)
    seats = rows(players.run, "ConversationParticipant", conversation__in=uuids_of(talks))
    taken = read(seats, conversation_id=UUID, user_id=UUID)
    seated = set(zip(taken.conversation_id.tolist(), taken.user_id.tolist(), strict=True))
    since = dict(zip(sent.pk.tolist(), sent.created_at.tolist(), strict=True))
    for (at, _, those), talk, last in zip(scripts, talks.tolist(), ids.tolist(), strict=True):
        if last in since and all((talk, user) in seated for user in players.ids(*those).tolist()):
            yield f"message {at}", Fact("Message", last, since[last])
    if NEWCOMER in players.place:
        first = base_ids("CommunityMember", players.ids(NEWCOMER), 0)
        joined = rows(players.run, "CommunityMember", pk__in=uuids_of(first), user__in=uuids_of(players.ids(NEWCOMER)))
        found = read(joined, community_id=UUID, joined_at=TIME, community__created_at=TIME)
        since = np.maximum(found.joined_at, found.community__created_at)
        for id_, when in zip(found.community_id, since.tolist(), strict=True):
            yield f"community {cast.NEWCOMER}", Fact("Community", id_, when)


def tell(players: Players, facts: dict[str, Fact]) -> None:
    """Notifications of these facts."""
    news = [
        (players.who(who), slot, kind, facts[fact], is_read)
        for slot, (who, kind, fact, is_read) in enumerate(cast.NEWS)
        if fact in facts and players.who(who) != NOBODY
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
    ids = base_ids("Notification", players.everybody.ids[who], OWN_SLOT + np.array(slot))
    columns, dated_back = notification_rows(players.run, ids, players.everybody, told, np.array(opened))
    players.base.write_missing("mentara.Notification", columns, dated_back=dated_back)


def log(players: Players, facts: dict[str, Fact]) -> None:
    """Audit logs of what the staff did about these facts; an account is closed once."""
    due = [
        (players.who(who), slot, action, facts[fact])
        for slot, (who, action, fact) in enumerate(cast.DEEDS)
        if fact in facts
    ]
    closed = suspended(players.run) if any(action == SUSPENSION for _, _, action, _ in due) else set()
    deeds = [
        (actor, slot, action, fact)
        for actor, slot, action, fact in due
        if actor != NOBODY and not (action == SUSPENSION and bytes(fact.id) in closed)
    ]
    if not deeds:
        return
    actor, slot, action, fact = (list(column) for column in zip(*deeds, strict=True))
    done = Deeds(
        np.array(actor), action, [one.table for one in fact], np.array([one.id for one in fact], dtype="S16"),
        np.array([one.since for one in fact]),
    )  # fmt: skip
    ids = base_ids("AuditLog", players.everybody.ids[actor], OWN_SLOT + np.array(slot))
    columns, dated_back = audit_log_rows(players.run, ids, players.everybody, done)
    players.base.write_missing("mentara.AuditLog", columns, dated_back=dated_back)
