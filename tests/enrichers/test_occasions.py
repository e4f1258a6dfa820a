"""What there is to talk about, where sessions were arranged in another order than they come."""

from __future__ import annotations

import numpy as np
from databases import on_both
from small_worlds import AS_OF, DAY, HOUR, World, run_of

from seeding.engine.clock import micros
from seeding.engine.keys import ids_of
from seeding.planning.occasions import occasions
from seeding.texts.messages import OCCASIONS
from seeding.world.care import relationships, sessions
from seeding.world.mentara import NOBODY
from seeding.world.people import people

pytestmark = on_both


def test_occasions__a_nearer_session_is_arranged_later__count_the_one_that_was(using: str) -> None:
    world = World(using)
    client, therapist = world.client(), world.therapist()
    world.relate(client, therapist)
    world.meet(client, therapist, AS_OF + 8 * DAY, "CONFIRMED", created_at=AS_OF - 10 * DAY)
    world.meet(client, therapist, AS_OF + DAY, "CONFIRMED", created_at=AS_OF - HOUR)
    run = run_of(using)
    everybody = people(run)
    related = relationships(run, everybody)
    every = sessions(run, everybody, related)
    speakers = np.array([[*everybody.find(ids_of([client.pk, therapist.pk])), NOBODY, NOBODY]])
    at = np.array([micros(AS_OF - 2 * DAY)])
    there = occasions(run, everybody, related, every, speakers, np.array([True]), at)
    assert dict(zip(OCCASIONS, there[0].tolist(), strict=True))["appointment"]
