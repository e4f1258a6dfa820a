"""Which clients and therapists are matched. That is reckoned in Python: one database does for each test."""

import pytest
from databases import on_postgres, on_sqlite
from small_worlds import World, run_of

from mentara import models as m
from seeding.enrichers.relationships import RelationshipsEnricher


@pytest.fixture
def world(using):
    return World(using)


@on_sqlite
def test_client__all_therapists_but_one_have_closed_accounts__meets_the_open_one(world, using):
    client, there = world.client(), world.therapist()
    for _ in range(5):
        world.therapist(is_active=False)
    RelationshipsEnricher(run_of(using, {"client.therapists": 1})).ensure_client_has_therapist(client)
    assert [row.therapist_id for row in m.ClientTherapist.objects.using(using)] == [there.pk]


@on_postgres
def test_therapist__clients_are_in_therapy_or_have_ended_one__meets_those_who_have_ended_one_last(world, using):
    parted, free, busy = world.therapist(), world.therapist(), world.therapist()
    clients = [world.client() for _ in range(6)]
    m.Client.objects.using(using).update(has_seen_therapist_recommendations=True)
    for client in clients[1:]:
        world.relate(client, parted, status="inactive")
    for other in (parted, busy):
        world.relate(clients[0], other)
    run = run_of(using, {"client.therapists": 0, "therapist.clientRelationships": 1})
    RelationshipsEnricher(run).ensure_therapist_has_clients(free)
    met = m.ClientTherapist.objects.using(using).filter(therapist=free)
    assert [row.client_id for row in met] == [clients[0].pk]
