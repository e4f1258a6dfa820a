"""Worksheets: what therapists draw up and hand to whom; what they share with sessions is in test_therapy.py."""

import datetime as dt
from collections import Counter

import pytest
from practice import Practice, assert_filled, broken, enrich, run_of
from small_worlds import AS_OF

from mentara import models as m
from seeding.enrichers.worksheets import WorksheetsEnricher

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    return Practice()


def test_client__of_two_therapists__has_each_worksheet_from_one_of_them(world):
    client = world.client()
    for _ in range(2):
        world.relate(client, world.therapist())
    run = run_of(relationship_worksheets=3, therapist_worksheets=8)
    enrich(run)
    assert_filled(run)
    titles = Counter(m.WorksheetAssignment.objects.values_list("worksheet__title", flat=True))
    assert titles.total() == 6
    assert max(titles.values()) == 1


def test_worksheets__of_a_concern_of_the_clients__come_first_and_those_of_a_foreign_one_last(world):
    therapist = world.therapist()
    clients = [world.client() for _ in range(6)]
    world.community(*(client.user for client in clients), slug="anxiety")
    pairs = [world.relate(client, therapist) for client in clients]
    for category in ("Phobia", "Mindfulness", "Anxiety"):
        world.make(
            m.Worksheet, therapist=therapist, category=category, title=category, instructions="", estimated_minutes=9
        )
    for number, category in enumerate(("Anxiety", "Mindfulness", "Phobia"), 1):
        assert WorksheetsEnricher(run_of(relationship_worksheets=number)).ensure_client_has_assignments(pairs) == 6
        assert m.WorksheetAssignment.objects.filter(worksheet__category=category).count() == 6


@pytest.mark.parametrize(("sheets", "anew"), [(1, False), (2, True)])
def test_worksheets__client_has_had_all_on_the_concern__are_drawn_up_under_another_title_if_any_are(
    world, sheets, anew
):
    client = world.client()
    world.community(client.user, slug="anxiety")
    for therapist in [world.therapist() for _ in range(2)]:
        pair = world.relate(client, therapist)
        world.make(
            m.Worksheet, therapist=therapist, category="Anxiety", title="Fact or forecast", instructions="",
            estimated_minutes=9,
        )  # fmt: skip
    m.Therapist.objects.update(expertise=["phobia", "stress", "anxiety", "insomnia"])
    enricher = WorksheetsEnricher(run_of(therapist_worksheets=sheets))
    assert enricher.ensure_client_has_assignments(pair) == 1
    enricher.enrich()
    handed = m.WorksheetAssignment.objects.values_list("worksheet__title", "worksheet__category")
    assert {category for _, category in handed} == {"Anxiety"}
    assert [len(handed), len({title for title, _ in handed})] == [2, 2 if anew else 1]


def test_assignments__due_on_the_evening_of_as_of__are_due_a_minute_later(world):
    as_of = AS_OF.replace(hour=13)
    therapist = world.therapist()
    for _ in range(60):
        world.relate(world.client(), therapist)
    WorksheetsEnricher(run_of(as_of, relationship_worksheets=5)).enrich()
    assert m.WorksheetAssignment.objects.filter(due_date=as_of + dt.timedelta(minutes=1)).exists()
    assert broken(as_of) == []


def test_therapist__has_a_worksheet_on_what_most_clients_have__draws_up_one_on_what_none_is_about(world):
    therapist = world.therapist()
    m.Therapist.objects.update(expertise=["anxiety", "phobia", "depression"])
    for slug, number in (("anxiety", 3), ("depression", 1)):
        clients = [world.client() for _ in range(number)]
        world.community(*(client.user for client in clients), slug=slug)
        for client in clients:
            world.relate(client, therapist)
    world.make(m.Worksheet, therapist=therapist, category="Anxiety", title="Own", instructions="", estimated_minutes=9)
    WorksheetsEnricher(run_of(therapist_worksheets=2)).enrich()
    assert set(m.Worksheet.objects.values_list("category", flat=True)) == {"Anxiety", "Depression"}
