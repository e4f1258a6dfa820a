"""A comment: somebody of the community answers a post, or the comment before, within minutes to days."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from seeding.engine.clock import DAY, HOUR, JOIN_ROOM, MINUTE, Window, window
from seeding.engine.columns import NULL_ID
from seeding.engine.grouping import grouped
from seeding.engine.keys import Bools, Ids, Ints, blocks, is_seeded, keys_of
from seeding.engine.run import Run
from seeding.engine.values import Columns, Some, parts
from seeding.texts import threads
from seeding.world.communities import Memberships, Posts
from seeding.world.people import THERAPIST, People

DELAYS = (2 * MINUTE, 12 * MINUTE, 40 * MINUTE, 2 * HOUR, 5 * HOUR, 11 * HOUR, DAY, 3 * DAY, 14 * DAY)
"""Octiles of the time until an answer: half come within five hours, with a tail of days; chosen for a small forum."""
BACK_AFTER = (2 * HOUR, 10 * HOUR, 26 * HOUR, 3 * DAY, 12 * DAY)
"""Quartiles of the time until who has posted comes back to see who answered; chosen."""
AT_ONCE = 3 * HOUR
"""What is answered within this time comes from somebody who is online anyhow, the rest when its author usually is, as
is what comes from so far away, or from who works here."""
SOON = 3 * DAY
"""Who joins within this time of a post still comes upon it as news; chosen."""
REPLY_SHARE = 0.45
"""The share of comments that answer the comment before rather than the post, where there is one."""


def comment_rows(
    run: Run,
    members: Memberships,
    posts: Posts,
    ids: Ids,
    author: Ints,
    post: Ints,
    turn: Ints,
    place: Ints,
    answered: Ids,
) -> tuple[Columns, Bools]:
    """The columns, and which rows are dated before the account or membership.

    `turn` counts each author's comments, `place` those under each post;
    `answered` are the comments replied to (zeros for none).
    """
    people = members.people
    community = posts.community[post]
    frame, created = comment_times(run, members, posts, ids, author, post)
    replies = answered != NULL_ID
    topics = members.communities.topic[community]
    explained, ours = people.professional[posts.author[post]], is_seeded(posts.ids[post])
    subjects = np.where(explained, threads.NO_SUBJECT, threads.subjects_of(posts.ids[post], topics))
    subjects = np.where(ours, subjects, threads.UNREAD)
    voice = _voices(people, author, posts.author[post], replies)
    answers = threads.Answers(topics, subjects, voice, people.keys[author], turn, keys_of(posts.ids[post]), place)
    columns = {
        "id": ids,
        "post_id": posts.ids[post],
        "user_id": people.ids[author],
        "parent_id": Some(answered, replies),
        "content": threads.comments(run.draws, answers),
        "created_at": created,
        "updated_at": created,
    }
    return columns, frame.dated_back(created)


def _voices(people: People, author: Ints, posted: Ints, replies: Bools) -> Ints:
    """In which voice each author speaks, by who has posted and by whether the comment answers another."""
    own, professional, explained = author == posted, people.professional[author], people.professional[posted]
    voices = (
        (own & professional, threads.EXPLAINER),
        (own & replies, threads.AUTHOR),
        (own, threads.ADDITION),
        (professional & explained, threads.COLLEAGUE),
        (professional & (people.role[author] == THERAPIST), threads.THERAPIST),
        (professional, threads.STAFF),
        (replies, threads.REPLY),
        (explained, threads.LISTENER),
    )
    return np.select([speaks for speaks, _ in voices], [voice for _, voice in voices], threads.PEER)


def replied_to(run: Run, members: Memberships, posts: Posts, ids: Ids, author: Ints, post: Ints) -> NDArray[np.int32]:
    """For each new comment the place of the one before it under the post that it answers, or -1."""
    created = written_at(run, members, posts, ids, author, post)
    answers, spoken = answering(run, members, posts, ids, author, post)
    order = grouped(post, created)
    answerable = spoken & (~answers | first_spoken(order, post, spoken))
    return answered(order, created, post, author, answers, answerable)


def answering(run: Run, members: Memberships, posts: Posts, ids: Ids, author: Ints, post: Ints) -> tuple[Bools, Bools]:
    """Which comments answer one before them, if there is one, rather than the post; and which can be answered.

    Who has posted always answers. Who is there to help never does: they have something to say about the post. The
    comments of other members can be answered, as long as they answer nobody themselves. Worked out part by part.
    """
    answers, spoken = np.empty((2, len(ids)), dtype=np.bool_)
    for part in parts(len(ids)):
        own, explains = posts.author[post[part]] == author[part], members.people.professional[author[part]]
        replies = run.draws.chance("reply", keys_of(ids[part]), REPLY_SHARE) | own
        answers[part], spoken[part] = replies & ~explains, ~own & ~explains
    return answers, spoken


def first_spoken(order: NDArray[Any], post: Ints, spoken: Bools) -> Bools:
    """Which are the first under their posts of those that are meant, in this order: they find nobody to answer."""
    those = order[spoken[order]]
    first = np.zeros(len(post), dtype=np.bool_)
    first[those[np.r_[True, post[those[1:]] != post[those[:-1]]][: len(those)]]] = True
    return first


def written_at(run: Run, members: Memberships, posts: Posts, ids: Ids, author: Ints, post: Ints) -> Ints:
    """When each comment is written, worked out part by part."""
    created = np.empty(len(ids), dtype=np.int64)
    for part in parts(len(ids)):
        who, where = author[part].astype(np.int64), post[part].astype(np.int64)
        created[part] = comment_times(run, members, posts, ids[part], who, where)[1]
    return created


def comment_times(
    run: Run, members: Memberships, posts: Posts, ids: Ids, author: Ints, post: Ints
) -> tuple[Window, Ints]:
    """The window of each comment, and when it is written; who has posted comes back late rather than early."""
    frame = window(
        run.as_of,
        orders=posts.created[post],
        ages=np.maximum(members.joined(author, posts.community[post]), members.people.created[author]),
        room=JOIN_ROOM,
    )
    keys = keys_of(ids)
    delay = run.draws.along("answered", keys, DELAYS)
    own = np.flatnonzero(posts.author[post] == author)
    delay[own] = run.draws.along("came back", keys[own], BACK_AFTER)
    created = frame.after(delay)
    later = members.people.at_own_hour(frame, created, author, "comment hour", keys)
    offset = members.people.utc_offset
    by_day = members.people.professional[author] | (np.abs(offset[author] - offset[posts.author[post]]) > AT_ONCE)
    night = np.flatnonzero(by_day & (later == created))
    rest = Window(frame.start[night], frame.end[night], frame.ages[night])
    next_day = members.people.at_own_hour(rest, created[night] + DAY, author[night], "comment hour", keys[night])
    later[night] = np.where(next_day <= rest.end, next_day, created[night])
    return frame, np.where((delay > AT_ONCE) | by_day, later, created)


def in_time(members: Memberships, posts: Posts, author: Ints, post: Ints) -> Bools:
    """Who was a member of the community when the post came, or soon after."""
    return members.joined(author, posts.community[post]) < posts.created[post] + SOON


def answered(
    order: NDArray[Any],
    created: Ints,
    post: Ints,
    author: Ints,
    answers: Bools,
    answerable: Bools,
    *,
    but_one: bool = False,
) -> NDArray[np.int32]:
    """For each that answers the last answerable comment before it under the same post, by somebody else; or -1.

    `order` has the comments post by post, in the order of time. With `but_one` it is the last but one.
    """
    last = np.maximum.accumulate(np.where(answerable[order], np.arange(len(order), dtype=np.int32), np.int32(-1)))
    if but_one:
        last = np.where(last > 0, last[np.maximum(last - 1, 0)], np.int32(-1))
    parent = np.full(len(order), -1, dtype=np.int32)
    for part in blocks(len(order)):
        there = np.flatnonzero(answers[order[part]] & (last[part] >= 0))
        after, before = order[part][there], order[last[part][there]]
        fits = (post[before] == post[after]) & (created[before] < created[after]) & (author[before] != author[after])
        parent[after[fits]] = before[fits]
    return parent
