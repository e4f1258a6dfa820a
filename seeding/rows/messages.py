"""A conversation: when it is begun and its seats are taken, what is said there, and who has read it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from seeding.engine.clock import DAY, HOUR, JOIN_ROOM, MINUTE, SECOND, window
from seeding.engine.columns import MISSING, NULL_ID
from seeding.engine.keys import Bools, Ids, Ints, keys_of
from seeding.engine.run import Run
from seeding.engine.values import Column, Columns, Some
from seeding.texts import messages as texts
from seeding.world.concerns import first_shared
from seeding.world.mentara import NOBODY
from seeding.world.people import ADMIN, MODERATOR, THERAPIST, People

DIRECT, GROUP, SESSION, SUPPORT = range(4)
TYPES = ("DIRECT", "GROUP", "SESSION", "SUPPORT")
SPEAKERS = 4
"""So many take turns to write; the seat after theirs is for a moderator who listens."""
SEATS = SPEAKERS + 1
QUIET = DAY
"""Conversations are begun at least so long before as-of, and so have room for what is said."""
PAUSES = (40 * SECOND, 2 * MINUTE, 6 * MINUTE, 15 * MINUTE, 40 * MINUTE, 2 * HOUR, 6 * HOUR, 11 * HOUR, 16 * HOUR)
"""Octiles of the time until the next message, in waking hours: half come within forty minutes; chosen, not measured."""
REPLY_SHARE, READ_SHARE, MUTED_SHARE = 0.12, 0.7, 0.05
"""How often a message quotes the one before, how many seats have read everything, how many are muted."""
ON_DUTY = 3 * DAY
"""Whoever is there to help has read what is older; chosen, a long weekend."""


@dataclass(frozen=True)
class Company:
    """Conversations to begin: their type, who takes the seats (a client first), and since when they are acquainted."""

    type: Ints
    seats: Ints
    since: Ints


@dataclass(frozen=True)
class Threads:
    """Conversations that get messages.

    Up to four take part as speakers (NOBODY pads). The messages follow the instant `after` without
    exception, and the speakers' accounts if these leave room. `said` is how many messages the toolkit
    wrote before, `joins_in` whether others wrote as well, `more` how many messages are to come,
    `occasions` what there is to talk about (a column each of OCCASIONS), and `session` when the next
    session starts, or MISSING.
    """

    ids: Ids
    speakers: Ints
    after: Ints
    said: Ints
    joins_in: Bools
    more: Ints
    occasions: Bools
    session: Ints


@dataclass(frozen=True)
class Exchange:
    """Messages as numbers: thread, place in it, speaker, the pool of the line, when it is sent; each thread's reel."""

    thread: Ints
    place: Ints
    speaker: Ints
    pool: Ints
    sent: Ints
    reel: Ints


def opened(run: Run, ids: Ids, everybody: People, company: Company) -> Ints:
    """When each conversation is begun: after its people's accounts, at an hour that suits the first.

    Most people write to their therapist soon after they were matched.
    """
    frame = window(
        run.as_of,
        ages=np.maximum(company.since, newest_account(everybody, company.seats)),
        room=JOIN_ROOM,
        until=run.as_of - QUIET,
    )
    keys = keys_of(ids)
    share = run.draws.unit("opened", keys)
    treated = (company.type == DIRECT) & (everybody.role[company.seats[:, 1]] == THERAPIST)
    begun = frame.at(0.02 + 0.98 * np.where(treated, share * share * share, share))
    return everybody.at_own_hour(frame, begun, company.seats[:, 0], "opening hour", keys)


def newest_account(everybody: People, seats: Ints) -> Ints:
    """When the youngest account of each row of seats was made."""
    return np.asarray(np.where(seats >= 0, everybody.created[seats], MISSING).max(axis=1))


def joined(run: Run, ids: Ids, company: Company, begun: Ints) -> Ints:
    """When each seat is taken: one after the other, within seconds."""
    step = SECOND * (1 + run.draws.below("joining", keys_of(ids), 8))
    return np.where(company.seats >= 0, begun[:, None] + step[:, None] * np.arange(1, SEATS + 1), MISSING)


def newest(threads: Threads, talk: Exchange) -> Ints:
    """When each thread's last message is sent; MISSING where none is."""
    last = np.full(len(threads.ids), MISSING, dtype=np.int64)
    np.maximum.at(last, talk.thread, talk.sent)
    return last


@dataclass(frozen=True)
class Lines:
    """What is said in an exchange as numbers: the sender, the line, the topic, and whether it quotes the one before."""

    sender: Ints
    line: Ints
    topic: Ints
    quotes: Bools


def script_of(run: Run, ids: Ids, everybody: People, threads: Threads, talk: Exchange) -> Lines:
    """Who says which line; the same point of a scenario is put in other words wherever it comes up."""
    sender = threads.speakers[talk.thread, talk.speaker]
    quotes = run.draws.chance("quotes", keys_of(ids), REPLY_SHARE) & (talk.place > 0)
    quotes[1:] &= sender[1:] != sender[:-1]
    line = texts.lines(run.draws, everybody.keys[sender[:1]], talk.pool)
    return Lines(sender, line, _concerns(everybody, threads)[talk.thread, talk.speaker], quotes)


def message_rows(
    ids: Ids, everybody: People, names: list[str], threads: Threads, talk: Exchange, said: Lines, part: Ints
) -> tuple[Columns, Bools]:
    """The columns of some of the messages, and which of these rows are dated before their sender's account."""
    sender, sent, quotes = said.sender[part], talk.sent[part], said.quotes[part]
    seated = threads.speakers[talk.thread[part]]
    first, second = ([names[at] for at in seated[:, seat].tolist()] for seat in range(2))
    content = texts.said(said.line[part], first, second, said.topic[part])
    reply_to = Some(np.where(quotes, ids[part - 1], NULL_ID), quotes)
    columns = message_columns(ids[part], threads.ids[talk.thread[part]], everybody.ids[sender], content, reply_to, sent)
    return columns, sent < everybody.created[sender]


def message_columns(ids: Ids, talks: Ids, senders: Ids, content: list[str], reply_to: Some, sent: Ints) -> Columns:
    """The columns of texts that nobody has changed since."""
    return {
        "id": ids,
        "conversation_id": talks,
        "sender_id": senders,
        "content": content,
        "message_type": "TEXT",
        "reply_to_id": reply_to,
        "is_edited": False,
        "edited_at": None,
        "is_deleted": False,
        "created_at": sent,
        "updated_at": sent,
    }


def _concerns(everybody: People, threads: Threads) -> Ints:
    """What each speaker calls their concern: two share one if they can, with a therapist it is the client's."""
    seats = threads.speakers
    own = np.where(seats >= 0, everybody.concerns[seats, 0].astype(np.int64), NOBODY)
    first, second = everybody.concerns[seats[:, 0]], everybody.concerns[seats[:, 1]]
    common = first_shared(first, second)
    alike = (everybody.role[seats[:, 1]] == THERAPIST) | ((common[:, None] == second) & (second >= 0)).any(axis=1)
    two = (seats >= 0).sum(axis=1) == 2
    return np.where((two & alike)[:, None], common[:, None], own)


def conversation_rows(ids: Ids, company: Company, begun: Ints, threads: Threads, talk: Exchange) -> Columns:
    """The columns; a conversation of more than two people, or with a purpose, has a title."""
    types, titles = company.type.tolist(), texts.script().titles
    named = Some([titles[reel] for reel in talk.reel.tolist()], company.type != DIRECT)
    return conversation_columns(ids, [TYPES[code] for code in types], named, begun, newest(threads, talk))


def conversation_columns(ids: Ids, types: Column, titles: Column, begun: Ints, last: Ints) -> Columns:
    """The columns of conversations that go on; `last` is when each one's newest message came, or MISSING."""
    return {
        "id": ids,
        "type": types,
        "title": titles,
        "is_active": True,
        "last_message_at": Some(last, last != MISSING),
        "created_at": begun,
        "updated_at": np.maximum(begun, last),
    }


def participant_rows(
    run: Run, ids: Ids, everybody: People, company: Company, joined_at: Ints, threads: Threads, talk: Exchange
) -> tuple[Columns, Bools]:
    """The columns, seat by seat, and which rows are dated before the account; who wrote has read what was there."""
    thread, seat = np.nonzero(company.seats >= 0)
    user, keys = company.seats[thread, seat], keys_of(ids)
    wrote = joined_at.copy()
    np.maximum.at(wrote, (talk.thread, talk.speaker), talk.sent)
    last = newest(threads, talk)[thread]
    on_duty = everybody.professional[user] & (last < run.as_of - ON_DUTY)
    caught_up = (run.draws.chance("read", keys, READ_SHARE) | on_duty) & (last != MISSING)
    reading = window(run.as_of, orders=last).after(run.draws.along("reading", keys, PAUSES))
    later = np.clip(reading, last, np.maximum(last, run.as_of))
    helps = (seat > 0) & np.isin(company.type[thread], (GROUP, SUPPORT))
    roles = np.where(helps, everybody.role[user], NOBODY)
    taken, read = joined_at[thread, seat], np.where(caught_up, later, wrote[thread, seat])
    muted = run.draws.chance("muted", keys, MUTED_SHARE)
    columns = participant_columns(ids, threads.ids[thread], everybody.ids[user], roles, taken, read, muted)
    return columns, taken < everybody.created[user]


def participant_columns(
    ids: Ids, talks: Ids, users: Ids, roles: Ints, joined_at: Ints, read_at: Ints, muted: Bools
) -> Columns:
    """The columns of seats that are taken; whose role is that of a moderator or an admin looks after the others."""
    return {
        "id": ids,
        "conversation_id": talks,
        "user_id": users,
        "role": [{MODERATOR: "MODERATOR", ADMIN: "ADMIN"}.get(role, "MEMBER") for role in roles.tolist()],
        "joined_at": joined_at,
        "last_read_at": read_at,
        "is_active": True,
        "is_muted": muted,
    }
