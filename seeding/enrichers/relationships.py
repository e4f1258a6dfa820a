"""ClientTherapist: approved therapists have clients, shared out evenly and by what each is expert in."""

from __future__ import annotations

import numpy as np

from seeding.engine.columns import BOOL, UUID, read
from seeding.engine.enricher import Enricher, Gaps
from seeding.engine.gaps import Gap, Subjects
from seeding.engine.keys import Floats, Ints
from seeding.engine.pairs import some_then_all
from seeding.planning.scheduling import taken_up
from seeding.rows.relationships import relationship_rows
from seeding.world.care import relationships, sessions, sessions_lacking, unreviewed
from seeding.world.concerns import shared
from seeding.world.mentara import NOBODY, rows
from seeding.world.people import locale_of, people
from seeding.world.windows import shut

SHARED, NEAR, LACKING, LOADED, CLOSED = 3.0, 2.0, 8.0, 1.5, 4.0
"""What a concern in common, the same locale and being short of relationships count for a candidate, each relationship
held and a closed account against; chosen, against chance from 0 to 1."""
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
        """Clients who owe choose among therapists who lack, then therapists who still lack among all clients.

        Before these, therapists who lack reviews are related to clients of whom they have sessions to be reviewed.
        Whose clients all have no hour for a session that somebody's minimum needs finds one more who has.
        """
        notes, reviews, meetings = self.sessions_owed(gaps)
        if not (gaps or len(notes) or len(reviews) or len(meetings)):
            return
        self.everybody = people(self.run)
        self.there = relationships(self.run, self.everybody)
        self.held = sessions(self.run, self.everybody, self.there)
        everyone = np.arange(len(self.everybody))
        self.taken_up = taken_up(self.run, self.held, everyone, np.full(len(everyone), self.run.as_of))
        self.owing, self.lacking = (gaps[key].needed_by(self.everybody.ids) for key in self.fills)
        self.get_to_know()

        owed = [gap.needed_by(self.everybody.ids) for gap in (notes, reviews, meetings)]
        owed[1] -= self.relate_for_reviews(owed[1])
        for user in np.flatnonzero(self.owing > 0).tolist():
            for other in self.best(user, self.therapists, int(self.owing[user])):
                self.plan(user, other)
        for user in np.flatnonzero(self.lacking > 0).tolist():
            for other in self.best(user, self.clients, int(self.lacking[user])):
                self.plan(other, user)
        for user in self.without_an_hour(*owed):
            for other in self.best(user, self.clients[~self.taken_up[self.clients]], 1):
                self.plan(other, user)
        self.write_planned()

    def get_to_know(self) -> None:
        """Who is client and who therapist, who is related to whom, and who would rather not be chosen."""
        self.therapists = self.everybody.find(read(rows(self.run, "Therapist", status="APPROVED"), pk=UUID).pk)
        looking = read(rows(self.run, "Client"), pk=UUID, has_seen_therapist_recommendations=BOOL)
        idle = np.zeros(len(self.everybody), dtype=np.bool_)
        self.clients = self.everybody.find(looking.pk)
        idle[self.clients] = ~looking.has_seen_therapist_recommendations
        idle[self.there.client[~self.there.active]] = True
        self.reluctance = LAST * idle + 2 * LAST * self.taken_up
        client, therapist = self.there.client, self.there.therapist
        self.home = locale_of(self.run, self.everybody.keys)
        self.related: dict[int, set[int]] = {}
        for one, other in zip(client.tolist(), therapist.tolist(), strict=True):
            self.relate(one, other)
        self.loads = np.bincount(np.r_[client, therapist], minlength=len(self.everybody)).astype(np.float64)
        self.planned: list[tuple[int, int]] = []

    def sessions_owed(self, gaps: Gaps) -> list[Gap]:
        """The therapists short of notes, of reviews and of meetings; nobody if therapists were not asked for."""
        keys = ("therapist.sessionNotes", "therapist.reviewsReceived", "therapist.meetings")
        return [self.gap_beside(gaps, "therapist.clientRelationships", key) for key in keys]

    def relate_for_reviews(self, lacking: Ints) -> Ints:
        """Whoever lacks reviews is related first to those with whom a session is left to review; returns how many are.

        Whoever has no hours for other sessions is, however many clients they have.
        """
        left = unreviewed(self.run, self.held)
        related = self.held.pair != NOBODY
        lacking = lacking - np.bincount(self.held.therapist[left & related], minlength=len(lacking))
        found = np.zeros(len(lacking), dtype=np.int64)
        met = self.held.take(left & ~related & (self.held.client != self.held.therapist))
        met = met.take(lacking[met.therapist] > 0)
        pairs, numbers = np.unique(np.stack([met.therapist, met.client], axis=1), axis=0, return_counts=True)
        concerned = np.unique(met.therapist)
        closed = concerned[shut(self.run, self.everybody, concerned)] if len(concerned) else concerned
        for at in np.argsort(-numbers, kind="stable").tolist():
            therapist, client = pairs[at].tolist()
            if found[therapist] < lacking[therapist] and (self.lacking[therapist] > 0 or therapist in closed):
                self.plan(client, therapist)
                found[therapist] += numbers[at]
        return found

    def without_an_hour(self, notes: Ints, reviews: Ints, meetings: Ints) -> list[int]:
        """Who needs a session held and has no client with an hour for it, or lacks meetings and has no client."""
        planned = np.array(self.planned, dtype=np.int64).reshape(-1, 2)
        therapist = np.r_[self.there.therapist, planned[:, 1]]
        taken = taken_up(self.run, self.held, self.there.client, self.there.since)
        taken = np.r_[taken, self.taken_up[planned[:, 0]]]
        clients, with_an_hour = (np.bincount(therapist[some], minlength=len(notes)) for some in (slice(None), ~taken))
        needy = sessions_lacking(self.run, self.held, notes, reviews) > 0
        found: list[int] = np.flatnonzero((needy & (with_an_hour == 0)) | ((meetings > 0) & (clients == 0))).tolist()
        return found

    def relate(self, one: int, other: int) -> None:
        """Note that two people are in a relationship."""
        self.related.setdefault(one, set()).add(other)
        self.related.setdefault(other, set()).add(one)

    def plan(self, client: int, therapist: int) -> None:
        """Plan one relationship."""
        self.planned.append((client, therapist))
        self.relate(client, therapist)
        self.loads[[client, therapist]] += 1
        self.owing[client] -= 1
        self.lacking[therapist] -= 1

    def best(self, user: int, candidates: Ints, needs: int) -> list[int]:
        """The candidates who suit best: still lacking, not busy, a concern in common; nobody already related."""
        if needs <= 0 or not len(candidates):
            return []
        known = self.related.get(user, set())
        found: list[int] = []
        for some in some_then_all(self.run.draws, user, candidates):
            score = self.fit(user, some) - LOADED * self.loads[some] + LACKING * (self.lacking[some] > 0)
            ranked = some[np.argsort(-score, kind="stable")].tolist()
            found = [other for other in ranked if other != user and other not in known][:needs]
            if len(found) == needs:
                break
        return found

    def fit(self, user: int, candidates: Ints) -> Floats:
        """How well each candidate suits by concern and expertise, and by locale, with chance to tell equals apart.

        Clients who have not looked at the therapists recommended to them, or have ended a therapy, come last, and after
        them whoever has no hour left for a session.
        """
        concerns = self.everybody.concerns
        known = shared(concerns[candidates], concerns[[user]]).any(axis=1)
        chance = self.run.draws.unit("match", self.everybody.keys[candidates], user)
        near = self.home[candidates] == self.home[user]
        return (
            SHARED * known
            + NEAR * near
            + chance
            - CLOSED * ~self.everybody.active[candidates]
            - self.reluctance[candidates]
        )

    def write_planned(self) -> None:
        """Write the planned relationships; they go on where both accounts are open."""
        if not self.planned:
            return
        client, therapist = np.array(self.planned, dtype=np.int64).T
        ids = self.new_ids("mentara.ClientTherapist", self.everybody.ids, client)
        since = np.maximum(self.everybody.ready[client], self.everybody.ready[therapist])
        inactive = ~(self.everybody.active[client] & self.everybody.active[therapist])
        columns, dated_back = relationship_rows(
            self.run, ids, self.everybody.ids[client], self.everybody.ids[therapist], since, inactive
        )
        self.write("mentara.ClientTherapist", columns, dated_back)
