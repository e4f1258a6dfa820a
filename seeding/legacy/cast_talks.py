"""What the cast write to one another: a post with its answer, and the conversations of `corpus/cast.json`."""

from __future__ import annotations

from typing import Any

import numpy as np

from seeding.corpus import load
from seeding.engine.clock import DAY, HOUR, MINUTE, SECOND
from seeding.engine.columns import NULL_ID, TEXT, TIME, UUID, places_of, read
from seeding.engine.ids import base_ids
from seeding.engine.keys import Ids, Ints, keys_of, uuids_of
from seeding.engine.values import Some
from seeding.legacy.cast_players import OWN_SLOT, Players, Who
from seeding.rows.comments import comment_rows
from seeding.rows.messages import conversation_columns, message_columns, participant_columns
from seeding.rows.posts import post_rows
from seeding.world.communities import Memberships, Posts, communities
from seeding.world.mentara import NOBODY, rows
from seeding.world.people import CLIENT, ROLES

LATE = 40 * MINUTE // SECOND
"""Seconds within which after the hour of its script a conversation begins."""
FAR_TURN = 1000
"""The turn of a post or comment, far from those that its author comes to otherwise, so that no text is said twice."""
CLIENT_1, CLIENT_2 = (CLIENT, 0), (CLIENT, 1)


def write_post(players: Players) -> None:
    """A post of the first client in the community of their concern, and the second's answer."""
    if CLIENT_1 not in players.place or CLIENT_2 not in players.place:
        return
    author, answers = (np.array([players.place[who]]) for who in (CLIENT_1, CLIENT_2))
    places = communities(players.run)
    joined = rows(players.run, "CommunityMember", user__in=uuids_of(players.ids(CLIENT_1, CLIENT_2)))
    found = read(joined, id=UUID, user_id=UUID, community_id=UUID, joined_at=TIME)
    members = Memberships.of(players.everybody, places, found)
    there = np.flatnonzero(places.topic == players.everybody.concerns[author[0], 0])[:1]
    if not len(there) or (members.row_of(np.r_[author, answers], np.repeat(there, 2)) == NOBODY).any():
        return
    ids, turn = base_ids("Post", players.everybody.ids[author], OWN_SLOT), np.array([FAR_TURN])
    columns, dated_back = post_rows(players.run, members, ids, author, there, turn)
    players.base.write_missing("mentara.Post", columns, dated_back=dated_back)
    ours = rows(players.run, "Post", pk__in=uuids_of(ids), user__in=uuids_of(players.everybody.ids[author]))
    created = read(ours.filter(community__in=uuids_of(places.ids[there])), pk=UUID, created_at=TIME).created_at
    if not len(created):
        return
    answer = base_ids("Comment", players.everybody.ids[answers], OWN_SLOT)
    columns, dated_back = comment_rows(
        players.run, members, Posts(ids, author, there, created), answer, answers, np.zeros(1, dtype=np.int64), turn,
        np.zeros(1, dtype=np.int64), np.array([NULL_ID], dtype="S16"),
    )  # fmt: skip
    players.base.write_missing("mentara.Comment", columns, dated_back=dated_back)


def scripted(players: Players) -> tuple[list[tuple[int, dict[str, Any], list[Who]]], Ids]:
    """The corpus's conversations among those who are there: number, script and who takes the seats; and their ids."""
    every = [
        (at, script, [(ROLES.index(role), ordinal) for role, ordinal in script["seats"]])
        for at, script in enumerate(load("cast"))
    ]
    some = [one for one in every if all(who in players.place for who in one[2])]
    slots = np.array([OWN_SLOT + at for at, _, _ in some], dtype=np.int64)
    return some, base_ids("Conversation", players.ids(*(seats[0] for _, _, seats in some)), slots)


def write_talks(players: Players) -> None:
    """The conversations of the corpus that are not there; nobody has a second private one with another."""
    scripts, talks = scripted(players)
    missing = players.base.missing("mentara.Conversation", talks)
    scripts = [one for one, new in zip(scripts, missing, strict=True) if new]
    everybody = sorted({who for _, _, seats in scripts for who in seats})
    ids = players.ids(*everybody)
    named = read(rows(players.run, "User", pk__in=uuids_of(ids)), pk=UUID, first_name=TEXT)
    names = dict(zip(ids.tolist(), named.first_name[places_of(ids, named.pk)].tolist(), strict=True))
    mine = rows(players.run, "Conversation", type="DIRECT")
    for at, script, seats in scripts:
        user = players.ids(*seats)
        talk = base_ids("Conversation", user[:1], OWN_SLOT + at)
        pair = mine
        for one in uuids_of(user):
            pair = pair.filter(participants__user=one)
        late = int(players.run.draws.below("begun", keys_of(talk), LATE)[0]) * SECOND
        begun = local(players, seats[0], script["days_ago"], script["hour"]) + late
        new = players.everybody.created[players.everybody.find(user)].max() < begun
        if new and not (script["type"] == "DIRECT" and pair.exists()):
            converse(players, talk, script, seats, begun, names)


def local(players: Players, who: Who, days_ago: int, hour: int) -> int:
    """The instant of an hour of somebody's day."""
    offset = int(players.everybody.utc_offset[players.place[who]])
    return (players.run.as_of + offset) // DAY * DAY - days_ago * DAY + hour * HOUR - offset


def converse(
    players: Players, talk: Ids, script: dict[str, Any], seats: list[Who], begun: int, names: dict[bytes, str]
) -> None:
    """One conversation as it is scripted: its seats, and what is sent when."""
    said, user = script["messages"], players.ids(*seats)
    seconds = players.run.draws.below("seconds", keys_of(talk), MINUTE // SECOND, np.arange(len(said)))
    sent = begun + np.cumsum([one["after"] * MINUTE for one in said]) + SECOND * seconds
    columns = conversation_columns(talk, script["type"], script.get("title"), np.array([begun]), sent[-1:])
    columns = {**columns, "is_active": not script.get("archived", False)}
    players.base.write_missing("mentara.Conversation", columns)
    take_seats(players, talk, script, seats, begun, sent)
    say(players, talk, said, user, sent, [names[one] for one in user.tolist()])


def take_seats(players: Players, talk: Ids, script: dict[str, Any], seats: list[Who], begun: int, sent: Ints) -> None:
    """Those who take part: who has read everything, who has left, who has muted it."""
    number, talks = np.arange(len(seats)), np.repeat(talk, len(seats))
    joined, speaker = begun + SECOND * (1 + number), np.array([one["from"] for one in script["messages"]])
    own = np.array([max(sent[speaker == seat], default=joined[seat]) for seat in number])
    gone = [*script.get("unread_by", []), *script.get("left", [])]
    luck = players.run.draws.below("seen", keys_of(talk), 5 * MINUTE // SECOND, number)
    seen = (1 + number) * (3 * MINUTE + SECOND * luck)
    read_at = np.where(np.isin(number, gone), own, sent[-1] + seen)
    helps = script["type"] in ("GROUP", "SUPPORT")
    roles = np.array([role if helps else NOBODY for role, _ in seats])
    ids, muted = base_ids("ConversationParticipant", talks, number), np.isin(number, script.get("muted", []))
    columns = participant_columns(ids, talks, players.ids(*seats), roles, joined, read_at, muted)
    columns = {**columns, "is_active": ~np.isin(number, script.get("left", []))}
    players.base.write_missing("mentara.ConversationParticipant", columns)


def say(players: Players, talk: Ids, said: list[dict[str, Any]], user: Ids, sent: Ints, names: list[str]) -> None:
    """What is said, and what becomes of it: some is edited or deleted afterwards."""
    talks = np.repeat(talk, len(said))
    ids = base_ids("Message", talks, np.arange(len(said)))
    senders, content = user[[one["from"] for one in said]], [one["text"].format(*names) for one in said]
    answered = np.array([one.get("reply_to", NOBODY) for one in said])
    edited = np.array([one.get("edited", 0) for one in said]) * MINUTE
    deleted = np.array([one.get("deleted", False) for one in said])
    columns = message_columns(ids, talks, senders, content, Some(ids[answered], answered != NOBODY), sent)
    changed = {
        "message_type": [one.get("type", "TEXT") for one in said],
        "is_edited": edited > 0,
        "edited_at": Some(sent + edited, edited > 0),
        "is_deleted": deleted,
        "updated_at": sent + np.maximum(edited, deleted * MINUTE),
    }
    players.base.write_missing("mentara.Message", {**columns, **changed})
