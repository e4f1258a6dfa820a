"""What clients can heart: where others have written too little for what a client owes, somebody says more."""

from __future__ import annotations

import numpy as np

from seeding.engine.columns import UUID, narrowed, places_of, read
from seeding.engine.keys import Ints
from seeding.engine.run import Run
from seeding.world.communities import Memberships, Posts
from seeding.world.mentara import rows


def more_to_say(
    run: Run, members: Memberships, everything: Posts, owed: Ints, author: Ints, post: Ints
) -> tuple[Ints, Ints]:
    """Who is to comment once more and in which community, beside the comments planned: by these authors on these posts.

    `owed` says how many hearts each person lacks. One comment serves everybody in the community but its author.
    """
    missing = _too_few(run, members, everything, owed, author, post)
    written = np.bincount(everything.community, minlength=len(members.communities))
    found, places = [np.empty(0, dtype=np.int64)], [np.empty(0, dtype=np.int64)]
    for client in np.flatnonzero(missing > 0).tolist():
        for place in members.community[members.by_user.of(client)].tolist():
            here = members.user[members.by_community.of(place)]
            others = here[here != client]
            if missing[client] <= 0 or not (written[place] and len(others)):
                continue
            willing = others[~members.people.quiet[others]]
            others = willing if len(willing) else others
            sociable = others[np.argsort(-members.people.sociability[others], kind="stable")]
            who = sociable[np.arange(missing[client]) % len(sociable)]
            missing[here] -= len(who)
            np.add.at(missing, who, 1)
            found.append(who)
            places.append(np.full(len(who), place, dtype=np.int64))
    return np.concatenate(found), np.concatenate(places)


def _too_few(run: Run, members: Memberships, everything: Posts, owed: Ints, author: Ints, post: Ints) -> Ints:
    """How much each person lacks to heart: nearly always nothing, as the posts of others alone are enough."""
    people = members.people
    least = run.minimums["client.hearts"].at_least
    own = np.bincount(everything.author, minlength=len(people))
    owed = np.where(_in_reach(members, everything.community) - own < least, owed, 0)
    if not owed.any():
        return owed
    said = read(rows(run, "Comment"), pk=UUID, user_id=UUID, post_id=UUID)
    said_by, said_under = people.find(said.user_id), everything.find(said.post_id)
    authors = np.concatenate([everything.author, said_by, author])
    places = np.concatenate([everything.community, everything.community[said_under], everything.community[post]])

    asked = np.flatnonzero(owed[authors])
    mine = asked[members.row_of(authors[asked], places[asked]) >= 0]
    free = _in_reach(members, places) - np.bincount(authors[mine], minlength=len(people))
    for target, ids, first in (("post", everything.ids, 0), ("comment", said.pk, len(everything))):
        hearts = rows(run, "Heart", **{f"{target}__isnull": False})
        given = read(narrowed(run, hearts, user_id=people.ids[owed > 0]), **{"user_id": UUID, f"{target}_id": UUID})
        giver, at = people.find(given.user_id), first + places_of(given.columns[f"{target}_id"], ids)
        counts = (members.row_of(giver, places[at]) >= 0) & (authors[at] != giver)
        free -= np.bincount(giver[counts], minlength=len(people))
    return np.where(owed > 0, owed - free, 0)


def _in_reach(members: Memberships, places: Ints) -> Ints:
    """How many things there are in each person's communities, given the community of each thing."""
    there = np.bincount(places, minlength=len(members.communities))
    return np.bincount(members.user, there[members.community], minlength=len(members.people)).astype(np.int64)
