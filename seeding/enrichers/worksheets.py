"""Worksheet: therapists have a small library, and their clients something to work on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from seeding.care import Relationships, relationships, therapists
from seeding.concerns import CONCERNS
from seeding.engine.columns import TEXT, TIME, UUID, read
from seeding.engine.enricher import Enricher, Gaps
from seeding.engine.gaps import Subjects
from seeding.engine.grouping import Groups, find, rank_within
from seeding.engine.keys import Ids, Ints
from seeding.rows.worksheets import assignment_rows, worksheet_rows
from seeding.therapy_texts import category, sheets_for
from seeding.world import People, people

FILED = {category(at): at for at in range(len(CONCERNS))}


@dataclass(frozen=True)
class Library:
    """Worksheets as numbers: whose, when drawn up, and the concern they are filed under or -1."""

    ids: Ids
    therapist: Ints
    created: Ints
    concern: Ints


class WorksheetsEnricher(Enricher):
    """Therapists draw up worksheets for what they are expert in, and hand each client those that fit."""

    table = "Worksheet"
    also = ("WorksheetAssignment",)
    fills = ("therapist.worksheets", "relationship.worksheets")
    after = ("ClientTherapist", "Comment", "Heart")

    def ensure_therapist_has_worksheets(self, those: Subjects = None) -> int:
        """Each approved therapist has enough worksheets."""
        return self.fill("therapist.worksheets", subjects=those)

    def ensure_client_has_assignments(self, those: Subjects = None) -> int:
        """Each relationship has enough worksheets assigned; returns the rows added, new worksheets included."""
        return self.fill("relationship.worksheets", subjects=those)

    def supply(self, gaps: Gaps) -> None:
        """Worksheets first: as many as therapists lack, or as must be assigned to one client; then the assignments."""
        if not gaps:
            return
        everybody = people(self.run)
        related = relationships(self.run, everybody)
        short, unassigned = gaps["therapist.worksheets"], gaps["relationship.worksheets"]
        pairs = find(unassigned.ids, related.ids)
        library = self.library(everybody)
        had = np.bincount(library.therapist, minlength=len(everybody))
        missing = np.zeros(len(everybody), dtype=np.int64)
        missing[everybody.find(short.ids)] = short.needs
        assigning = np.zeros(len(everybody), dtype=np.int64)
        assigning[related.therapist[pairs]] = unassigned.at_least
        library = self.extended(everybody, library, np.maximum(missing, assigning - had), had)
        if len(pairs):
            self.assign(everybody, related, library, pairs, unassigned.needs)

    def library(self, everybody: People) -> Library:
        """Every worksheet of the database."""
        found = read(self.rows("mentara.Worksheet"), pk=UUID, therapist_id=UUID, created_at=TIME, category=TEXT)
        concern = np.array([FILED.get(name, -1) for name in found.category], dtype=np.int64)
        return Library(found.pk, everybody.find(found.therapist_id), found.created_at, concern)

    def extended(self, everybody: People, library: Library, missing: Ints, had: Ints) -> Library:
        """The library with the worksheets that therapists are missing, once they are written."""
        therapist = np.repeat(np.arange(len(missing)), np.maximum(missing, 0))
        if not len(therapist):
            return library
        staff = therapists(self.run, everybody)
        profile = staff.row_of[therapist]
        chosen = sheets_for(everybody, staff, therapist, had[therapist] + rank_within(therapist))
        ids = self.new_ids("mentara.Worksheet", everybody.ids[therapist])
        columns, dated_back = worksheet_rows(self.run, ids, everybody.ids[therapist], staff.since[profile], chosen)
        self.write("mentara.Worksheet", columns, dated_back)
        concern = np.array([FILED.get(sheet.category, -1) for sheet in chosen], dtype=np.int64)
        return Library(
            np.concatenate([library.ids, ids]),
            np.r_[library.therapist, therapist],
            np.r_[library.created, columns["created_at"]],
            np.r_[library.concern, concern],
        )

    def assign(self, everybody: People, related: Relationships, library: Library, pairs: Ints, needs: Ints) -> None:
        """Hand each client so many worksheets they have not had, those about their concerns first."""
        sheet = self.chosen(everybody, related, library, pairs, needs)
        pair = np.repeat(pairs, needs)
        ids = self.new_ids("mentara.WorksheetAssignment", related.ids[pair])
        columns, dated_back = assignment_rows(
            self.run,
            ids,
            library.ids[sheet],
            everybody.ids[related.client[pair]],
            np.maximum(related.since[pair], library.created[sheet]),
            related.active[pair],
            everybody.trait("adherence")[related.client[pair]],
        )
        self.write("mentara.WorksheetAssignment", columns, dated_back)

    def chosen(self, everybody: People, related: Relationships, library: Library, pairs: Ints, needs: Ints) -> Ints:
        """The worksheets for each pair, so many for each, one after the other."""
        own = Groups(library.therapist, len(everybody))
        given = self.given(everybody, library)
        starts = self.run.draws.below("first worksheet", related.keys[pairs], own.counts[related.therapist[pairs]])
        client = related.client[pairs]
        columns = (client, related.therapist[pairs], needs, starts)
        concerns = everybody.concerns[client].tolist()
        found: list[int] = []
        for who, therapist, need, start, held in zip(*(column.tolist() for column in columns), concerns, strict=True):
            sheets = own.of(therapist).tolist()
            taken = given.get(who, ())
            turned = [sheet for sheet in [*sheets[start:], *sheets[:start]] if sheet not in taken]
            about = library.concern[turned].tolist()
            turned = [
                sheet
                for _, sheet in sorted(
                    zip(about, turned, strict=True), key=lambda one: one[0] < 0 or one[0] not in held
                )
            ]
            found += turned[:need]
        return np.array(found, dtype=np.int64)

    def given(self, everybody: People, library: Library) -> dict[int, set[int]]:
        """The worksheets each client has been assigned."""
        found = read(self.rows("mentara.WorksheetAssignment"), worksheet_id=UUID, client_id=UUID)
        order = np.argsort(library.ids)
        sheet = order[find(found.worksheet_id, library.ids[order])]
        given: dict[int, set[int]] = {}
        for client, at in zip(everybody.find(found.client_id).tolist(), sheet.tolist(), strict=True):
            given.setdefault(client, set()).add(at)
        return given
