"""More clients asked for later than at first: the base data that stands is not gone through again."""

from __future__ import annotations

from datetime import timedelta
from functools import cache
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from databases import BOTH, alias_for, crossed, in_turn, on_both
from enrichers.small_worlds import World as LittleWorld
from oracle import World, read_world
from oracle_rules import broken_rules
from programs import LIGHT, LIKE_TESTS, Databases, killed, start
from seeded import seeded
from test_convergence import MODELS, added, interrupt, run
from test_properties import changed, rolled_back
from worlds import AS_OF

from mentara.models import TherapistAvailability, Worksheet
from seeding.engine import columns, ledger
from seeding.engine.errors import UsageError
from seeding.engine.reports import Progress
from seeding.orchestrator import HybridSeedOrchestrator
from seeding.request import SeedRequest
from seeding.tables import base_models

FEW, MORE = 120, 150
SIZES = ("clients", "therapists", "admins", "moderators", "communities")


def heavy(clients: int) -> dict[str, Any]:
    return {"mode": "heavy", "sizes": {"clients": clients}}


def grow(using: str, clients: int, **request: Any) -> int | None:
    """Seed heavy mode with so many clients; returns for how many it stood before."""
    orchestrator = HybridSeedOrchestrator(SeedRequest(as_of=AS_OF, using=using, **heavy(clients), **request))
    standing = orchestrator.standing(ledger.base_rows(using, base_models()))
    orchestrator.run_hybrid_seed()
    return standing


@cache
def all_at_once(using: str) -> World:
    """The base rows of more clients in an empty database, which stays empty."""
    with rolled_back(using):
        seeded(using, enrich=False, **heavy(MORE))
        return read_world(using)


@on_both
def test_base_rows__more_clients_later__are_those_of_all_at_once(using: str) -> None:
    whole = all_at_once(using)
    seeded(using, enrich=False, **heavy(FEW))
    assert grow(using, MORE, enrich=False) == FEW
    assert read_world(using).tables == whole.tables


@pytest.mark.parametrize("name", ["rows.py", "texts.json", "cast.toml"])
def test_base_digest__of_code_or_corpus_that_changes__is_another(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str
) -> None:
    found = []
    for at, content in enumerate(("one", "another", "another")):
        folder = tmp_path / str(at)
        folder.mkdir()
        (folder / name).write_text(content, encoding="utf-8")
        monkeypatch.setattr("seeding.orchestrator.__file__", str(folder / "orchestrator.py"))
        found.append(HybridSeedOrchestrator(SeedRequest(as_of=AS_OF)).base_digest)
    assert found[0] != found[1] == found[2]


@on_both
@pytest.mark.parametrize(("using", "table"), in_turn(["Post", "Comment", "Heart", "CommunityMember", "Client"]))
def test_base_rows__some_lost_before_the_growth__are_all_there_again(using: str, table: str) -> None:
    whole = all_at_once(using)
    seeded(using, enrich=False, **heavy(FEW))
    lost = sorted(read_world(using)[table])[::7]
    MODELS[table].objects.using(using).filter(pk__in=lost).delete()
    assert grow(using, MORE, enrich=False) is None
    assert {name: set(rows) for name, rows in read_world(using).tables.items()} == {
        name: set(rows) for name, rows in whole.tables.items()
    }


@on_both
def test_base_rows__one_is_deleted_while_they_are_made__is_there_after_the_next_run(using: str) -> None:
    def delete_one(event: Progress) -> None:
        if (event.kind, event.name) == ("done", "Therapy data"):
            TherapistAvailability.objects.using(using).filter(pk=lost.pk).delete()

    with rolled_back(using):
        seeded(using, enrich=False)
        lost = TherapistAvailability.objects.using(using).order_by("pk")[0]
    asked = SeedRequest(as_of=AS_OF, using=using, enrich=False)
    HybridSeedOrchestrator(asked, delete_one).run_hybrid_seed()
    assert not TherapistAvailability.objects.using(using).filter(pk=lost.pk).exists()
    assert HybridSeedOrchestrator(asked).run_hybrid_seed().rows == 1
    assert HybridSeedOrchestrator(asked).run_hybrid_seed().rows == 0


@pytest.mark.django_db
def test_base_rows__one_client_more_who_answers_alone__are_those_of_all_at_once() -> None:
    using = "default"
    with rolled_back(using):
        seeded(using, enrich=False, sizes={"clients": 97})
        whole = read_world(using)
    seeded(using, enrich=False, sizes={"clients": 96})
    HybridSeedOrchestrator(SeedRequest(as_of=AS_OF, using=using, enrich=False, sizes={"clients": 97})).run_hybrid_seed()
    assert read_world(using).tables == whole.tables


@on_both
def test_base_rows__fewer_clients_after_more__are_known_to_be_complete(using: str) -> None:
    assert grow(using, FEW, enrich=False) is None
    grow(using, MORE, enrich=False)
    before = read_world(using)
    assert [grow(using, clients, enrich=False) for clients in (FEW, MORE)] == [FEW, MORE]
    assert read_world(using).tables == before.tables


@on_both
def test_growth__of_a_whole_seed__changes_nothing_and_keeps_every_rule(
    using: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    seeded(using, **heavy(FEW))
    before = read_world(using)
    request = SeedRequest(as_of=AS_OF, using=using, **heavy(MORE))
    with rolled_back(using), monkeypatch.context() as patch:
        patch.setattr(columns, "FEW", 0)
        HybridSeedOrchestrator(request).run_hybrid_seed()
        with_all_rows_read = read_world(using)
    report = HybridSeedOrchestrator(request).run_hybrid_seed()
    after = read_world(using)
    assert after.tables == with_all_rows_read.tables
    assert report.satisfied
    assert added(report).total() == after.size - before.size
    assert changed(before, after) == []
    assert broken_rules(after, AS_OF) == []
    assert added(HybridSeedOrchestrator(request).run_hybrid_seed()) == {}


@pytest.fixture(scope="module")
def grown(databases: Databases, django_db_blocker: Any) -> World:
    """Every row after a growth that nothing interrupts."""
    with alias_for(databases.fresh("sqlite"), django_db_blocker) as apart:
        seeded(apart, **heavy(FEW))
        grow(apart, MORE)
        return read_world(apart)


@pytest.mark.parametrize(
    ("kind", "death"),
    in_turn([{"kill_at": "Content"}, {"kill_after": 6}, {"kill_at": "Comments"}], ("sqlite", "postgres")),
)
def test_next_run__killed_while_growing__ends_like_an_uninterrupted_one(
    databases: Databases, grown: World, kind: str, death: dict[str, Any], django_db_blocker: Any
) -> None:
    url = databases.fresh(kind)
    with alias_for(url, django_db_blocker) as apart:
        seeded(apart, **heavy(FEW))
        assert killed(start(url, {"requests": [{**LIGHT, **heavy(MORE)}], **death}, **LIKE_TESTS))
        grow(apart, MORE)
        assert read_world(apart).tables == grown.tables


@on_both
@pytest.mark.parametrize("at", ["Communities", "Therapy data", "Enrichment"])
def test_growth__interrupted__goes_on_as_growth(using: str, at: str) -> None:
    seeded(using, enrich=False, **heavy(FEW))
    interrupt(using, at, **heavy(MORE))
    assert grow(using, MORE, enrich=False) == (MORE if at == "Enrichment" else FEW)
    assert grow(using, FEW, enrich=False) == FEW


@on_both
@pytest.mark.parametrize(("using", "role", "numbers"), crossed(["client", "therapist"], [(3, 5), (90, 95)]))
def test_next_run__interrupted_while_growing_into_an_address_given_back__ends_like_an_uninterrupted_one(
    using: str, role: str, numbers: tuple[int, int]
) -> None:
    own = LittleWorld(using).user("client", email=f"{role}2@mentara.example")
    few, more = ({"sizes": {"clients": clients}, "enrich": False} for clients in numbers)
    run(using, **few)
    MODELS["User"].objects.using(using).filter(pk=own.pk).update(email="own@example.org")
    with rolled_back(using):
        run(using, **more)
        uninterrupted = read_world(using)
    interrupt(using, "Content", **more)
    run(using, **more)
    assert read_world(using).tables == uninterrupted.tables


@on_both
@pytest.mark.parametrize(
    ("using", "some"), [(BOTH[sum(some) % 2], some) for some in product((False, True), repeat=len(SIZES))], ids=str
)
def test_seed__some_sizes_are_zero__is_done_in_one_pass(using: str, some: tuple[bool, ...]) -> None:
    sizes = {name: 3 * present for name, present in zip(SIZES, some, strict=True)}
    request = SeedRequest(sizes=sizes, as_of=AS_OF, using=using)
    if sizes["therapists"] and not sizes["admins"]:
        with pytest.raises(UsageError, match="Nobody is there to approve 3 therapists; set the size admins to 1"):
            HybridSeedOrchestrator(request).run_hybrid_seed()
        assert read_world(using).size == 0
        return
    first = HybridSeedOrchestrator(request).run_hybrid_seed()
    world = read_world(using)
    assert added(first).total() == world.size
    assert broken_rules(world, AS_OF) == []
    assert added(HybridSeedOrchestrator(request).run_hybrid_seed()) == {}


@pytest.mark.django_db
@pytest.mark.parametrize("more", [{"sizes": {"worksheets": 5}}, {"mode": "heavy"}], ids=["more_of_each", "heavy"])
def test_worksheets__more_of_them_later__are_none_that_their_therapist_has(more: dict[str, Any]) -> None:
    seeded("default", sizes={"worksheets": 1})
    HybridSeedOrchestrator(SeedRequest(as_of=AS_OF, **more)).run_hybrid_seed()
    titles = Worksheet.objects.values_list("therapist_id", "title")
    assert len(titles) == len(set(titles)) > 20


@on_both
def test_seed__no_base_admins__lets_an_admin_of_ones_own_decide(using: str) -> None:
    own = LittleWorld(using).admin()
    HybridSeedOrchestrator(SeedRequest(sizes={"admins": 0}, as_of=AS_OF, using=using)).run_hybrid_seed()
    decided = MODELS["Therapist"].objects.using(using).exclude(status="PENDING")
    assert {therapist.processed_by_admin_id for therapist in decided} == {own.pk}
    assert broken_rules(read_world(using), AS_OF) == []


@on_both
def test_seed__an_admin_of_ones_own_who_became_one_later__decides_from_then_on(using: str) -> None:
    own = LittleWorld(using).admin()
    MODELS["Admin"].objects.using(using).update(created_at=AS_OF - timedelta(days=100))
    HybridSeedOrchestrator(SeedRequest(sizes={"admins": 0}, as_of=AS_OF, using=using)).run_hybrid_seed()
    assert MODELS["Therapist"].objects.using(using).filter(processed_by_admin_id=own.pk).exists()
    assert broken_rules(read_world(using), AS_OF) == []


@on_both
def test_seed__assessments_given_to_somebody_else__stay_as_they_are(using: str) -> None:
    seeded(using, enrich=False)
    own = LittleWorld(using).client()
    MODELS["PreAssessment"].objects.using(using).update(user_id=own.pk)
    before = read_world(using).tables["PreAssessmentAnswer"]
    report = HybridSeedOrchestrator(SeedRequest(sizes={"communities": 8}, as_of=AS_OF, using=using)).run_hybrid_seed()
    assert report.verification is not None
    assert report.verification.satisfied
    after = read_world(using).tables["PreAssessmentAnswer"]
    assert {**after, **before} == after
