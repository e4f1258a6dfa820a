"""generate_relationships: clients and the therapists they are matched with, by expertise and caseload."""

from __future__ import annotations

import numpy as np

from seeding.cast import MATCHED
from seeding.engine.columns import UUID, read
from seeding.engine.grouping import is_in, rank_within
from seeding.engine.ids import base_ids
from seeding.engine.keys import Ints, Keys
from seeding.engine.pairs import pair_code
from seeding.engine.run import Run
from seeding.legacy.base import Base, generator
from seeding.legacy.plan import BaseWorld
from seeding.requirements import stages
from seeding.rows.accounts import therapist_status
from seeding.rows.relationships import ended, relationship_rows
from seeding.world.concerns import HELD, shared
from seeding.world.mentara import NOBODY, rows
from seeding.world.people import CLIENT, THERAPIST, locale_of, matched_from, people

CASELOAD = 24
"""No base therapist has more clients: what a calendar of some days a week has room for; chosen, not measured."""
CHOICE = 12
"""So many candidates each client compares; chosen, so that hardly anybody misses one who knows a concern of theirs."""
KNOWN, NEAR = 0.5, 2.0
"""What it counts that a therapist knows any concern of a client, and then that both live in the same locale, with its
language and time; against 1 for the main concern. Chosen."""


@generator
def generate_relationships(base: Base) -> None:
    """The share of clients that the mode has matched, each with the best of a few therapists."""
    world = base.world
    everybody = people(base.run)
    at = world.present(everybody)
    client, therapist = matches(world)
    user, other = at[client], at[therapist]
    profiles = [read(rows(base.run, model), pk=UUID).pk for model in ("Client", "Therapist")]
    approved = everybody.approved[other] & (other != NOBODY) & (user != NOBODY)
    good = np.flatnonzero(approved & is_in(everybody.ids[user], profiles[0]) & is_in(everybody.ids[other], profiles[1]))
    client, user, other = client[good], user[good], other[good]
    pairs = read(rows(base.run, "ClientTherapist"), client_id=UUID, therapist_id=UUID)
    known = pair_code(everybody.find(pairs.client_id), everybody.find(pairs.therapist_id), len(everybody))
    fresh = ~is_in(pair_code(user, other, len(everybody)), known)
    client, user, other = client[fresh], user[fresh], other[fresh]
    ids = base_ids("ClientTherapist", everybody.ids[user])
    since = np.maximum(everybody.ready[user], everybody.ready[other])
    both_open = everybody.active[user] & everybody.active[other]
    inactive = ended(base.run, everybody.keys[user], world.ordinal[client], both_open)
    columns, dated_back = relationship_rows(base.run, ids, everybody.ids[user], everybody.ids[other], since, inactive)
    base.write_missing("mentara.ClientTherapist", columns, dated_back=dated_back)


def matched_in(run: Run, keys: Keys, ordinals: Ints) -> Ints:
    """The first mode that finds each client a therapist."""
    share = matched_from(run, keys, ordinals)
    return np.sum([share >= mode for mode in stages("with_therapist")], axis=0, dtype=np.int64)


def matches(world: BaseWorld) -> tuple[Ints, Ints]:
    """Base clients and their base therapists: who knows the main concern, or else another, while there is room.

    Who finds nobody who knows a concern of theirs has no therapist yet.
    """
    clients, therapists = world.of_role(CLIENT), world.of_role(THERAPIST)
    therapists = therapists[np.array(therapist_status(world.ordinal[therapists])) == "APPROVED"]
    keys = world.keys[clients]
    matched = clients[matched_from(world.run, keys, world.ordinal[clients]) < world.sizes.with_therapist]
    if not len(therapists) or not len(matched):
        return matched[:0], matched[:0]
    by_ordinal = therapists[np.argsort(world.ordinal[therapists])]
    choice = choice_of(world, matched, len(by_ordinal))
    home = locale_of(world.run, world.keys)
    best = np.full(len(matched), NOBODY, dtype=np.int64)
    score = np.full(len(matched), -1.0)
    for turn in range(CHOICE):
        candidate = by_ordinal[world.run.draws.below("therapist", world.keys[matched], choice, turn)]
        knows = shared(world.concerns[matched, :HELD], world.concerns[candidate])
        near = home[candidate] == home[matched]
        fit = (knows[:, 0] + KNOWN + NEAR * near) * knows.any(axis=1)
        fit += 0.1 * world.run.draws.unit("fit", world.keys[matched], turn)
        best, score = np.where(fit > score, candidate, best), np.maximum(score, fit)
    for client, therapist in MATCHED.items():
        best[world.ordinal[matched] == client] = by_ordinal[min(therapist, len(by_ordinal) - 1)]
    suits = (score >= KNOWN) | np.isin(world.ordinal[matched], list(MATCHED))
    matched, best = matched[suits], best[suits]
    room = rank_within(best) < CASELOAD
    return matched[room], best[room]


def choice_of(world: BaseWorld, matched: Ints, available: int) -> Ints:
    """Among how many of the first approved therapists each client chooses: the mode's own, in proportion beyond."""
    approved = [
        sum(status == "APPROVED" for status in therapist_status(np.arange(size))) for size in stages("therapists")
    ]
    beyond = world.ordinal[matched] * approved[-1] // stages("clients")[-1]
    by_birth = np.array([*approved, 0])[world.birth[matched]]
    return np.minimum(np.where(world.birth[matched] < len(approved), by_birth, beyond), available)
