"""Who is matched with whom, and when they meet. That is reckoned in Python: one database does for each test."""

from dataclasses import replace

import pytest
from databases import on_postgres, on_sqlite
from small_worlds import AS_OF, DAY, World, run_of

from mentara import models as m
from seeding.engine.keys import ids_of, keys_of
from seeding.enrichers.relationships import RelationshipsEnricher
from seeding.orchestrator import HybridSeedOrchestrator
from seeding.request import SeedRequest
from seeding.world.people import locale_of


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


@on_sqlite
def test_pairs__with_a_session_ahead__have_no_second_one_ahead(world, using):
    pairs = [(world.client(), world.therapist()) for _ in range(8)]
    for client, therapist in pairs:
        world.relate(client, therapist)
        world.meet(client, therapist, AS_OF + 3 * DAY, status="SCHEDULED", created_at=AS_OF - 5 * DAY)
    alone = dict.fromkeys(("therapist.clientRelationships", "therapist.sessionNotes", "therapist.reviewsReceived"), 0)
    request = SeedRequest(as_of=AS_OF, using=using, base=False, minimums=alone)
    HybridSeedOrchestrator(request).run_hybrid_seed()
    sessions = m.Meeting.objects.using(using)
    assert sessions.count() >= 3 * len(pairs)
    assert sessions.filter(start_time__gt=AS_OF).count() == len(pairs)


@on_postgres
def test_client__one_therapist_lacks_clients__meets_them_rather_than_one_who_suits_better(world, using):
    suits, lacks = world.therapist(), world.therapist()
    m.Therapist.objects.using(using).filter(pk=lacks.pk).update(expertise=["phobia"])
    parted, client = world.client(), world.client()
    world.relate(parted, suits)
    world.community(client.user)
    asked = {"client.therapists": 1, "therapist.clientRelationships": 1}
    assert RelationshipsEnricher(run_of(using, asked)).enrich().rows == 1
    assert m.ClientTherapist.objects.using(using).get(client=client).therapist_id == lacks.pk


@on_sqlite
@pytest.mark.parametrize("expertise", [["anxiety"], ["phobia"]], ids=["alike", "apart"])
def test_client__therapists_of_several_locales__meets_those_of_the_same(world, using, expertise):
    client, *therapists = world.client(), *(world.therapist() for _ in range(12))
    m.Therapist.objects.using(using).update(expertise=expertise)
    run = replace(run_of(using, {"client.therapists": 3}), locale="en_PH,de_DE")
    home = locale_of(run, keys_of(ids_of(one.pk for one in (client, *therapists))))
    near = {one.pk for one, at in zip(therapists, home[1:].tolist(), strict=True) if at == home[0]}
    RelationshipsEnricher(run).ensure_client_has_therapist(client)
    met = set(m.ClientTherapist.objects.using(using).values_list("therapist_id", flat=True))
    assert len(met) == 3
    assert met <= near
