"""ClientTherapist: approved therapists have clients, shared out evenly and by what each is expert in."""

from __future__ import annotations

from typing import Any

import numpy as np

from seeding.engine.columns import BOOL, UUID, read
from seeding.engine.enricher import Enricher, Gaps
from seeding.engine.gaps import Subjects
from seeding.engine.keys import Floats
from seeding.engine.pairs import some_then_all
from seeding.rows.relationships import relationship_rows
from seeding.world.people import people

LAST = 100.0
"""More than a concern in common and a few relationships fewer can outweigh."""


class RelationshipsEnricher(Enricher):
    """Therapists with few clients and clients without a therapist find one another."""

    table = "ClientTherapist"
    fills = ("client.therapists", "therapist.clientRelationships")

    def ensure_client_has_therapist(self, clients: Subjects = None) -> int:
        """Each client has enough therapists, the least busy first."""
        return self.fill("client.therapists", subjects=clients)

    def ensure_therapist_has_clients(self, therapists: Subjects = None) -> int:
        """Each approved therapist has enough clients, those with the fewest therapists first."""
        return self.fill("therapist.clientRelationships", subjects=therapists)

    def supply(self, gaps: Gaps) -> None:
        """Clients who owe choose among therapists who lack; then therapists who still lack choose among all clients."""
        if not gaps:
            return
        self.everybody = people(self.run)
        self.clients = self.profiles(self.rows("mentara.Client"))
        looking = read(self.rows("mentara.Client"), pk=UUID, has_seen_therapist_recommendations=BOOL)
        done = read(self.rows("mentara.ClientTherapist", status="inactive"), client_id=UUID)
        self.idle = np.zeros(len(self.everybody), dtype=np.bool_)
        self.idle[self.everybody.find(looking.pk)] = ~looking.has_seen_therapist_recommendations
        self.idle[self.everybody.find(done.client_id)] = True
        self.therapists = self.profiles(self.rows("mentara.Therapist", status="APPROVED"))
        pairs = read(self.rows("mentara.ClientTherapist"), client_id=UUID, therapist_id=UUID)
        client, therapist = self.everybody.find(pairs.client_id), self.everybody.find(pairs.therapist_id)
        self.related: dict[int, set[int]] = {}
        for one, other in zip(client.tolist(), therapist.tolist(), strict=True):
            self.relate(one, other)
        self.loads = np.bincount(np.r_[client, therapist], minlength=len(self.everybody)).astype(np.float64)
        self.lacking = gaps["therapist.clientRelationships"].needed_by(self.everybody.ids)
        self.planned: list[tuple[int, int]] = []

        owing = gaps["client.therapists"]
        for user, needs in zip(self.everybody.find(owing.ids).tolist(), owing.needs.tolist(), strict=True):
            for other in self.best(user, self.therapists, needs):
                self.plan(user, other)
        for user in np.flatnonzero(self.lacking > 0).tolist():
            for other in self.best(user, self.clients, int(self.lacking[user])):
                self.plan(other, user)
        self.write_planned()

    def profiles(self, rows: Any) -> np.ndarray:
        """The places of the users behind these profile rows."""
        return self.everybody.find(read(rows, pk=UUID).pk)

    def relate(self, one: int, other: int) -> None:
        """Note that two people are in a relationship."""
        self.related.setdefault(one, set()).add(other)
        self.related.setdefault(other, set()).add(one)

    def plan(self, client: int, therapist: int) -> None:
        """Plan one relationship."""
        self.planned.append((client, therapist))
        self.relate(client, therapist)
        self.loads[[client, therapist]] += 1
        self.lacking[therapist] -= 1

    def best(self, user: int, candidates: np.ndarray, needs: int) -> list[int]:
        """The candidates who suit best: still lacking, not busy, a concern in common; nobody already related."""
        if needs <= 0 or not len(candidates):
            return []
        known = self.related.get(user, set())
        found: list[int] = []
        for some in some_then_all(self.run.draws, "candidates", user, candidates):
            score = self.fit(user, some) - 1.5 * self.loads[some] + 8.0 * (self.lacking[some] > 0)
            ranked = some[np.argsort(-score, kind="stable")].tolist()
            found = [other for other in ranked if other != user and other not in known][:needs]
            if len(found) == needs:
                break
        return found

    def fit(self, user: int, candidates: np.ndarray) -> Floats:
        """How well each candidate suits by concern and expertise, with chance to tell equals apart.

        Clients who have not looked at the therapists recommended to them, or have ended a therapy, come last.
        """
        own = self.everybody.concerns[user]
        shared = np.isin(self.everybody.concerns[candidates], own[own >= 0]).any(axis=1)
        chance = self.run.draws.unit("match", self.everybody.keys[candidates], user)
        return 2.0 * shared + chance - 4.0 * ~self.everybody.active[candidates] - LAST * self.idle[candidates]

    def write_planned(self) -> None:
        """Write the planned relationships; they are active."""
        if not self.planned:
            return
        client, therapist = np.array(self.planned, dtype=np.int64).T
        ids = self.new_ids("mentara.ClientTherapist", self.everybody.ids, client)
        since = np.maximum(self.everybody.profiled[client], self.everybody.profiled[therapist])
        inactive = np.zeros(len(ids), dtype=np.bool_)
        columns, dated_back = relationship_rows(
            self.run, ids, self.everybody.ids[client], self.everybody.ids[therapist], since, inactive
        )
        self.write("mentara.ClientTherapist", columns, dated_back)
