"""A therapist whose session has to be held finds a client with an hour for it, however busy the others are.

Who has an hour is reckoned in Python, whichever database it was read from: one does for each test.
"""

import pytest
from databases import in_turn, on_both, on_postgres, on_sqlite
from oracle import read_world, short_of
from oracle_rules import broken_rules
from small_worlds import AS_OF, DAY, HOUR, World, run_of

from mentara import models as m
from seeding.enrichers.relationships import RelationshipsEnricher
from seeding.orchestrator import HybridSeedOrchestrator
from seeding.request import SeedRequest

pytestmark = on_both
HELD = ("COMPLETED", "IN_PROGRESS", "SCHEDULED", "NO_SHOW")


def enriched(using, **heights):
    """The report of a run that only enriches, once it has been seen that nothing is short and the next adds nothing."""
    minimums = {key.replace("_", "."): height for key, height in heights.items()}
    request = SeedRequest(as_of=AS_OF, using=using, base=False, minimums=minimums)
    first, second = (HybridSeedOrchestrator(request).run_hybrid_seed() for _ in range(2))
    world = read_world(using)
    assert {key: rows for key, rows in short_of(world, minimums).items() if rows} == {}
    assert broken_rules(world, AS_OF) == []
    assert first.satisfied
    assert sum(part.rows for part in second.enrichment) == 0
    return first


class Clinic(World):
    """Clients with time, one community, and somebody who looks after it."""

    def __init__(self, using):
        super().__init__(using)
        self.free = [self.client() for _ in range(6)]
        self.gone = self.therapist(status="REJECTED")
        people = [*(client.user for client in self.free), self.user("moderator"), self.admin().user]
        self.community(*people)

    def busy(self, status="COMPLETED", start=AS_OF - 2000 * DAY, **values):
        """A client in one endless session with somebody who has left."""
        client = self.client()
        self.meet(client, self.gone, start, status, **{"end_time": AS_OF - HOUR} | values)
        return client

    def clients_of(self, therapist):
        related = m.ClientTherapist.objects.using(self.using).filter(therapist=therapist)
        return set(related.values_list("client_id", flat=True))


@pytest.fixture
def clinic(using):
    return Clinic(using)


@pytest.mark.parametrize(("using", "status"), in_turn(HELD))
def test_new_therapist__among_clients_without_an_hour__finds_those_who_have_one(clinic, using, status):
    busy = {clinic.busy(status).pk for _ in range(20)}
    therapist = clinic.therapist()
    enriched(using)
    found = clinic.clients_of(therapist)
    assert len(found) == 2
    assert not found & busy


@on_sqlite
@pytest.mark.parametrize(("open_to", "status"), [(True, "active"), (False, "inactive")])
def test_new_therapist__whose_account_may_be_closed__has_relationships_that_go_on_only_if_not(
    clinic, using, open_to, status
):
    therapist = clinic.therapist(is_active=open_to)
    RelationshipsEnricher(run_of(using)).enrich()
    assert [one.status for one in therapist.relationships.all()] == [status] * 2


@on_sqlite
def test_client__whose_endless_session_was_cancelled__is_as_free_as_others(clinic, using):
    therapist = clinic.therapist()
    for client in clinic.free[1:]:
        clinic.meet(client, clinic.gone, AS_OF - 2000 * DAY, "CANCELLED", end_time=AS_OF - HOUR)
    enriched(using)
    assert len(clinic.clients_of(therapist)) == 2


@pytest.mark.parametrize(("using", "reversed_times"), in_turn([False, True]))
def test_therapist__whose_clients_all_lack_an_hour__finds_one_more(clinic, using, reversed_times):
    start, end = AS_OF - 2000 * DAY, AS_OF - HOUR
    times = {"start": end, "end_time": start} if reversed_times else {}
    therapist = clinic.therapist()
    busy = [clinic.busy(**times) for _ in range(2)]
    for client in busy:
        clinic.relate(client, therapist)
    enriched(using)
    assert len(clinic.clients_of(therapist)) == 3


@on_postgres
def test_therapist__one_of_whose_clients_has_an_hour__finds_no_other(clinic, using):
    therapist = clinic.therapist()
    for client in (clinic.busy(), clinic.free[0]):
        clinic.relate(client, therapist)
    enriched(using)
    assert len(clinic.clients_of(therapist)) == 2


@on_sqlite
def test_therapist__whose_clients_were_free_before_the_last_weeks__finds_no_other(clinic, using):
    therapist = clinic.therapist()
    for client in (clinic.busy(start=AS_OF - 40 * DAY) for _ in range(2)):
        clinic.relate(client, therapist)
    enriched(using)
    assert len(clinic.clients_of(therapist)) == 2


@on_postgres
def test_therapist__free_only_when_the_clients_are_not__opens_another_hour(clinic, using):
    therapist = clinic.therapist()
    for day in ("MONDAY", "TUESDAY", "WEDNESDAY"):
        clinic.make(
            m.TherapistAvailability, therapist=therapist, day_of_week=day, start_time="09:00", end_time="12:00",
            timezone="UTC", is_available=True,
        )  # fmt: skip
    for client in clinic.free[:2]:
        clinic.relate(client, therapist, AS_OF - 2 * DAY)
        for week in range(9):
            monday = AS_OF.replace(hour=0) - week * 7 * DAY
            clinic.meet(client, clinic.gone, monday, end_time=monday + 3 * DAY)
    enriched(using)
    assert len(clinic.clients_of(therapist)) == 2


@on_sqlite
def test_therapist__who_needs_no_clients_but_meetings__finds_one(clinic, using):
    therapist = clinic.therapist()
    enriched(using, therapist_clientRelationships=0)
    assert len(clinic.clients_of(therapist)) == 1


@on_postgres
def test_therapist__more_reviews_wanted_than_busy_clients_leave_sessions__finds_another(clinic, using):
    therapist, client, other = clinic.therapist(), clinic.busy(), clinic.busy()
    for one in (client, other):
        clinic.relate(one, therapist)
    clinic.meet(client, therapist, AS_OF - 2100 * DAY)
    enriched(using, therapist_reviewsReceived=3)
    assert len(clinic.clients_of(therapist)) == 3


@pytest.fixture
def closed(clinic):
    """A therapist who has no open hours, nor any to open."""
    therapist = clinic.therapist()
    for day, _ in m.TherapistAvailability.Day.choices:
        clinic.make(
            m.TherapistAvailability, therapist=therapist, day_of_week=day, start_time="00:00", end_time="23:59",
            timezone="UTC", is_available=False,
        )  # fmt: skip
    return therapist


def reviews_after(using, seed="mentara", **heights):
    """Who reviewed, once the database was enriched twice, the second time without a new row."""
    minimums = {key.replace("_", "."): height for key, height in heights.items()}
    request = SeedRequest(seed=seed, as_of=AS_OF, using=using, base=False, minimums=minimums)
    _, second = (HybridSeedOrchestrator(request).run_hybrid_seed() for _ in range(2))
    assert sum(part.rows for part in second.enrichment) == 0
    assert broken_rules(read_world(using), AS_OF) == []
    return sorted(m.Review.objects.using(using).values_list("client_id", flat=True))


@pytest.mark.parametrize(("using", "seed"), in_turn(["a", "b", "c", "d"]))
def test_therapist__closed_with_a_session_to_review__is_related_to_its_client(clinic, closed, using, seed):
    met = clinic.free[3]
    clinic.meet(met, closed)
    assert reviews_after(using, seed) == [met.pk]
    assert len(clinic.clients_of(closed)) == 2
    assert met.pk in clinic.clients_of(closed)


@on_sqlite
def test_therapist__closed_with_clients_enough__finds_those_whose_sessions_are_to_be_reviewed(clinic, closed, using):
    for client in clinic.free[:2]:
        clinic.relate(client, closed)
    for at, client in enumerate((clinic.free[2], clinic.free[3], clinic.free[3])):
        clinic.meet(client, closed, AS_OF - (50 + at) * DAY)
    assert reviews_after(using, therapist_reviewsReceived=2) == [clinic.free[3].pk] * 2
    assert clinic.clients_of(closed) == {client.pk for client in (*clinic.free[:2], clinic.free[3])}


@on_postgres
def test_therapist__open_with_clients_enough__is_related_to_nobody_for_a_review(clinic, using):
    therapist = clinic.therapist()
    for client in clinic.free[:2]:
        clinic.relate(client, therapist)
    clinic.meet(clinic.free[2], therapist)
    enriched(using)
    assert clinic.clients_of(therapist) == {client.pk for client in clinic.free[:2]}


@on_sqlite
def test_client__who_is_due_a_therapist_and_a_review__is_related_once(clinic, closed, using):
    clinic.therapist()
    clinic.meet(clinic.free[0], closed)
    assert clinic.free[0].pk in reviews_after(using, client_therapists=1, therapist_clientRelationships=1)
    assert m.ClientTherapist.objects.using(using).count() == len(clinic.free)
