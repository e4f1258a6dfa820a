"""Who says something when: who speaks in conversations that go on, and the hours and pauses of what is said."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from django.db.models import Count, Max, Q

from seeding.engine.clock import DAY, HOUR, JOIN_ROOM, LAST, MINUTE, SECOND, moment, window
from seeding.engine.columns import BOOL, INT, MISSING, TIME, UUID, Frame, places_of, read, whether
from seeding.engine.gaps import Gap
from seeding.engine.grouping import find_unsorted, first_of_each, in_order, rank_within
from seeding.engine.keys import Bools, Ids, Ints, keys_of, seeded_range
from seeding.engine.run import Run
from seeding.planning.occasions import next_session, occasions
from seeding.rows.messages import PAUSES, SPEAKERS, Exchange, Threads, newest, newest_account
from seeding.texts import messages as texts
from seeding.world.care import COMPLETED, IN_PROGRESS, Relationships, Sessions
from seeding.world.mentara import NOBODY, rows
from seeding.world.people import ADMIN, MODERATOR, ROLES, People, local_offset

OPENINGS = (20 * SECOND, MINUTE, 2 * MINUTE, 4 * MINUTE, 10 * MINUTE)
"""Quartiles of the time until the first message."""
MORNING, AWAKE = 6 * HOUR + 30 * MINUTE, 17 * HOUR
"""From when in the local day, and for how long, people write."""
MEETS = 10 * MINUTE
"""So long before a session nobody writes about it any more. Chosen."""
BRISK = 5 * MINUTE
"""So soon after one another messages come at most for the sake of a session that is near. Chosen."""
ROUNDS = 8
"""So often a conversation is put off for a session; hardly any needs it twice. Chosen."""


def going_on(run: Run, everybody: People, related: Relationships, every: Sessions, short: Gap) -> tuple[Threads, Frame]:
    """The conversations that are short of messages: who may speak there and after what; and what they were before.

    A message of somebody else's that is dated after as-of does not push others there.
    """
    group = whether(type="GROUP")
    found = rows(run, "Conversation").annotate(group=group)
    talks = read(found, pk=UUID, group=BOOL, created_at=TIME, updated_at=TIME)
    talks = talks.take(places_of(short.ids, talks.pk))
    speakers, seated = _speakers(run, everybody, short.ids, talks.group)
    ours = Count("pk", filter=Q(pk__range=seeded_range()))
    past = Max("created_at", filter=Q(created_at__lt=moment(run.as_of - MINUTE)))
    messages = rows(run, "Message").values("conversation_id")
    said = read(
        messages.annotate(ours=ours, past=past, newest=Max("created_at")),
        conversation_id=UUID, ours=INT, past=TIME, newest=TIME,
    )  # fmt: skip
    at = find_unsorted(short.ids, said.conversation_id)
    for name, nothing in (("ours", 0), ("past", MISSING), ("newest", MISSING)):
        talks.columns[name] = np.r_[said.columns[name], nothing][at]
    after = np.maximum.reduce([talks.created_at, seated, talks.past])
    joins_in = short.has > talks.ours
    begun = np.where(talks.ours > 0, talks.created_at, after)
    subjects = occasions(run, everybody, related, every, speakers, ~joins_in, begun)
    session = next_session(everybody, every, speakers, after)
    return Threads(short.ids, speakers, after, talks.ours, joins_in, short.needs, subjects, session), talks


def _speakers(run: Run, everybody: People, ids: Ids, group: Bools) -> tuple[Ints, Ints]:
    """Who speaks in each conversation, in the order of joining, and when the last of them joined.

    Who joins after as-of speaks only where nobody is there before. The active come first, and where
    there are two of them nobody else speaks; in groups those who look after it keep silent. Outside
    of groups two speak, of different roles if there are.
    """
    seats = read(
        rows(run, "ConversationParticipant"),
        conversation_id=UUID, user_id=UUID, joined_at=TIME, is_active=BOOL,
    )  # fmt: skip
    thread, user = find_unsorted(seats.conversation_id, ids), everybody.find(seats.user_id)
    late = seats.joined_at > run.as_of - MINUTE
    waiting = np.bincount(thread[(thread >= 0) & ~late], minlength=len(ids)) == 0
    order = np.lexsort((user, seats.joined_at, thread))
    order = order[(thread[order] >= 0) & (~late | waiting[thread])[order]]
    seats, thread, user = seats.take(order), thread[order], user[order]
    role, joining = everybody.role[user], rank_within(thread)
    silent = group[thread] & np.isin(role, (MODERATOR, ADMIN))
    unfit = ~seats.is_active | silent
    fit = np.bincount(thread[~unfit], minlength=len(ids))
    speak = np.where(group, np.clip(fit, 2, SPEAKERS), 2)
    of_role = np.where(group[thread], joining, rank_within(thread * len(ROLES) + role, joining))
    order = np.lexsort((joining, role, of_role, unfit, thread))
    chosen = order[rank_within(thread[order]) < speak[thread[order]]]
    chosen = chosen[np.lexsort((joining[chosen], role[chosen], thread[chosen]))]
    speakers = np.full((len(ids), SPEAKERS), NOBODY, dtype=np.int64)
    speakers[thread[chosen], rank_within(thread[chosen])] = user[chosen]
    seated = np.full(len(ids), MISSING, dtype=np.int64)
    np.maximum.at(seated, thread[chosen], seats.joined_at[chosen])
    return speakers, seated


def exchange(run: Run, everybody: People, threads: Threads) -> Exchange:
    """Who sends what when."""
    keys = keys_of(threads.ids)
    kind = texts.kinds(everybody.role, threads.speakers)
    reel = texts.reels(run.draws, keys, kind, threads.occasions)
    thread = np.repeat(np.arange(len(keys)), threads.more)
    place = np.arange(len(thread)) - np.repeat(np.cumsum(threads.more) - threads.more, threads.more)
    turn = threads.said[thread] + place
    speaker, pool = texts.script().turns(reel[thread], turn)
    opens = (turn == 0) & ~threads.joins_in[thread]
    least, most = texts.script().minutes[pool].T * MINUTE
    pauses = np.select(
        [opens, least > 0],
        [
            run.draws.along("opening", keys[thread], OPENINGS),
            least + (most - least) * run.draws.unit("soon", keys[thread], turn),
        ],
        run.draws.along("pause", keys[thread], PAUSES, turn),
    ).astype(np.int64)
    sent = _sent(run, everybody, threads, _over_by(threads, kind, reel), thread, place, pauses)
    return Exchange(thread, place, speaker, pool, sent, reel)


def _over_by(threads: Threads, kind: Ints, reel: Ints) -> Ints:
    """By when they have talked, or MISSING: by a session of the two, or one of the first that it is about."""
    minds = ((kind == texts.WITH_THERAPIST) | texts.looks_ahead(reel)) & (threads.session != MISSING)
    return np.where(minds, threads.session - MEETS, MISSING)


def _sent(
    run: Run, everybody: People, threads: Threads, over_by: Ints, thread: Ints, place: Ints, pauses: Ints
) -> Ints:
    """One message after the other, by day; where time is short faster, and where there is none at any hour.

    What there is no time for by `over_by` goes on after that.
    """
    frame = window(run.as_of, orders=threads.after, ages=newest_account(everybody, threads.speakers), room=JOIN_ROOM)
    total = np.bincount(thread, weights=pauses, minlength=len(frame.start))
    running = np.cumsum(pauses)
    elapsed = running - np.repeat((running - pauses)[place == 0], threads.more[threads.more > 0])
    share = elapsed / total[thread]
    first = threads.speakers[:, 0]
    offset = np.where(first >= 0, everybody.utc_offset[first], local_offset(run))
    begins = _waking(frame.start + offset)
    ends = _waking(frame.end + offset)
    by = _waking(np.where(over_by == MISSING, frame.end, over_by) + offset)
    room = np.where(by - begins > threads.more * BRISK, np.minimum(by, ends), ends) - begins - 1000
    by_day = begins[thread] + (share * np.minimum(total, room)[thread]).astype(np.int64)
    by_day = ((by_day // AWAKE) * DAY + MORNING + by_day % AWAKE - offset[thread]) // 1000
    spare = np.maximum((frame.end - frame.start) // 1000 - threads.more - 1, 0)
    tight = frame.start[thread] // 1000 + 1 + place + (share * spare[thread]).astype(np.int64)
    sent = np.where((room > threads.more * MINUTE)[thread], by_day, tight) * 1000
    return np.asarray(np.minimum(sent, LAST))


def after_sessions(run: Run, threads: Threads, talk: Exchange, planned: Sessions) -> Exchange:
    """The exchange, with what would be sent during a session of its sender's put off until after it, and what follows.

    A thread that would go on past as-of stays as it is.
    """
    held = planned.take(np.isin(planned.status, (COMPLETED, IN_PROGRESS)))
    whose, start, end = np.r_[held.client, held.therapist], np.tile(held.start, 2), np.tile(held.end, 2)
    order = in_order(_by_minute(whose, start))
    whose, start, end = whose[order], start[order], end[order]
    starts = _by_minute(whose, start)
    sender = threads.speakers[talk.thread, talk.speaker]
    said = np.flatnonzero(np.isin(talk.thread, talk.thread[np.isin(sender, whose)]))
    for _ in range(ROUNDS):
        sent = talk.sent[said]
        at = np.searchsorted(starts, _by_minute(sender[said], sent), side="right") - 1
        busy = np.flatnonzero((whose[at] == sender[said]) & (start[at] <= sent) & (sent < end[at]))
        first = busy[first_of_each(talk.thread[said[busy]])]
        thread = talk.thread[said[first]]
        later = (end[at[first]] + (sent[first] - start[at[first]]) // 8) // 1000 * 1000 + 1000
        wait = later - sent[first]
        fits = newest(threads, talk)[thread] + wait < run.as_of - MINUTE
        delay, since = np.zeros((2, len(threads.ids)), dtype=np.int64)
        delay[thread[fits]], since[thread[fits]] = wait[fits], said[first[fits]]
        said = said[delay[talk.thread[said]] > 0]
        if not len(said):
            break
        put_off = said[said >= since[talk.thread[said]]]
        sent = talk.sent.copy()
        sent[put_off] += delay[talk.thread[put_off]]
        talk = replace(talk, sent=sent)
    return talk


def _by_minute(person: Ints, time: Ints) -> Ints:
    """One number for a person and a minute, in the order of both."""
    return np.asarray(person << 33 | np.clip(time // MINUTE, 0, (1 << 33) - 1))


def _waking(local: Ints) -> Ints:
    """Time on a clock that runs only while people are awake."""
    day, since = local // DAY, local % DAY - MORNING
    return np.asarray(day * AWAKE + np.clip(since, 0, AWAKE))
