"""Assessments: follow-ups are spread over the time that there is, however many are asked for."""

from __future__ import annotations

from itertools import pairwise

import pytest
from databases import on_both
from small_worlds import AS_OF, DAY, World, run_of

from mentara import models as m
from seeding.enrichers.assessments import AssessmentsEnricher

pytestmark = on_both


@pytest.mark.parametrize("sat_before", [False, True])
def test_assessments__raised_minimum__keep_weeks_between_them(using: str, sat_before: bool) -> None:
    world = World(using)
    clients = [world.client(created_at=AS_OF - 250 * DAY) for _ in range(12)]
    for client in clients if sat_before else ():
        sitting = AS_OF - 240 * DAY
        world.make(m.PreAssessment, user=client, completed_at=sitting, created_at=sitting)
    AssessmentsEnricher(run_of(using, {"client.completedAssessments": 5})).enrich()
    for client in clients:
        taken = m.PreAssessment.objects.using(using).filter(user=client).order_by("completed_at")
        dates = list(taken.values_list("completed_at", flat=True))
        assert len(dates) == 5
        assert all(later - earlier >= 19 * DAY for earlier, later in pairwise(dates))
