"""Worksheet: therapists have a small library, and their clients something to work on."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seeding.engine.columns import MISSING, TEXT, TIME, UUID, places_of, read
from seeding.engine.enricher import Enricher, Gaps
from seeding.engine.gaps import Subjects, subject_ids
from seeding.engine.grouping import Groups, find_unsorted
from seeding.engine.keys import Ids, Ints
from seeding.rows.worksheets import AssignmentPlan, assignment_rows, worksheet_rows
from seeding.texts.therapy import FILED, Sheet, further_sheets, sheets_of
from seeding.world.care import Relationships, relationships, sessions, therapists
from seeding.world.mentara import NOBODY, rows
from seeding.world.people import People, people

Given = dict[int, set[int]]
"""The worksheets each client has been assigned, by their places in the library."""
Asked = defaultdict[int, dict[int, list[set[str]]]]
"""The concerns each therapist's clients need a worksheet on, and for each of these clients the titles they have had."""


@dataclass(frozen=True)
class Library:
    """Worksheets: whose, when drawn up, the concern they are filed under or NOBODY, and the title."""

    ids: Ids
    therapist: Ints
    created: Ints
    concern: Ints
    title: NDArray[Any]


def concerns_filed(categories: Iterable[str]) -> Ints:
    """The concern that each category stands for, or NOBODY."""
    return np.array([FILED.get(name, NOBODY) for name in categories], dtype=np.int64)


class WorksheetsEnricher(Enricher):
    """Therapists draw up worksheets for what they are expert in, and hand each client those that fit."""

    table = "Worksheet"
    also = ("WorksheetAssignment",)
    fills = ("therapist.worksheets", "relationship.worksheets")
    after = ("ClientTherapist", "Meeting")

    def ensure_therapist_has_worksheets(self, those: Subjects = None) -> int:
        """Each approved therapist has enough worksheets."""
        return self.fill("therapist.worksheets", subjects=those)

    def ensure_client_has_assignments(self, those: Subjects = None) -> int:
        """Each relationship has enough worksheets assigned; `those` are clients, for all of theirs, or relationships.

        Returns the rows added, new worksheets of a library included.
        """
        related = None
        if those is not None:
            about = [rows(self.run, table).model for table in ("Client", "ClientTherapist")]
            named, pairs = subject_ids(those, about), read(rows(self.run, "ClientTherapist"), pk=UUID, client_id=UUID)
            related = pairs.pk[np.isin(pairs.pk, named) | np.isin(pairs.client_id, named)]
        return self.fill("relationship.worksheets", subjects=related)

    def supply(self, gaps: Gaps) -> None:
        """Worksheets first: as many as therapists lack, or as must be assigned to one client; then the assignments."""
        if not gaps:
            return
        everybody = people(self.run)
        related = relationships(self.run, everybody)
        short, unassigned = gaps["therapist.worksheets"], gaps["relationship.worksheets"]
        pairs = places_of(unassigned.ids, related.ids)
        library = self.libraries(everybody)
        given = self.given(everybody, library) if len(pairs) else {}
        had = np.bincount(library.therapist, minlength=len(everybody))
        missing = short.needed_by(everybody.ids)
        assigning = np.zeros(len(everybody), dtype=np.int64)
        assigning[related.therapist[pairs]] = unassigned.at_least
        asked = self.asked(everybody, related, library, given, pairs)
        library = self.extended(everybody, library, np.maximum(missing, assigning - had), asked)
        if len(pairs):
            self.assign(everybody, related, library, given, pairs, unassigned.needs)

    def libraries(self, everybody: People) -> Library:
        """Every worksheet of the database."""
        found = read(
            rows(self.run, "Worksheet"), pk=UUID, therapist_id=UUID, created_at=TIME, category=TEXT, title=TEXT
        )
        author, concern = everybody.find(found.therapist_id), concerns_filed(found.category)
        return Library(found.pk, author, found.created_at, concern, found.title)

    def asked(self, everybody: People, related: Relationships, library: Library, given: Given, pairs: Ints) -> Asked:
        """What clients of these relationships would need a further worksheet for: nothing new is about the concern."""
        own, found = Groups(library.therapist, len(everybody)), Asked(dict)
        clients, therapists = related.client[pairs], related.therapist[pairs].tolist()
        concerns = everybody.concerns[clients].tolist()
        for who, therapist, held in zip(clients.tolist(), therapists, concerns, strict=True):
            titles = {library.title[sheet] for sheet in given.get(who, ())}
            mine = own.of(therapist)
            new = mine[[title not in titles for title in library.title[mine]]]
            for concern in set(held) - {NOBODY, *library.concern[new].tolist()}:
                found[therapist].setdefault(concern, []).append(titles)
        return found

    def extended(self, everybody: People, library: Library, missing: Ints, asked: Asked) -> Library:
        """The library and, once they are written, the worksheets therapists are missing, for their clients first."""
        lacking = np.flatnonzero(missing > 0)
        if not len(lacking):
            return library
        staff = therapists(self.run, everybody)
        own = Groups(library.therapist, len(everybody))
        chosen: list[Sheet] = []
        for who, number in zip(lacking.tolist(), missing[lacking].tolist(), strict=True):
            titles = set(library.title[own.of(who)].tolist())
            most_wanted = sorted(asked.get(who, {}).items(), key=lambda wish: (-len(wish[1]), wish[0]))
            wanted = {concern: set().union(*had) for concern, had in most_wanted}
            chosen += further_sheets(sheets_of(everybody, staff, who), number, titles, wanted)
        therapist = np.repeat(lacking, missing[lacking])
        profile = staff.row_of[therapist]
        ids = self.new_ids("mentara.Worksheet", everybody.ids, therapist)
        columns, dated_back = worksheet_rows(self.run, ids, everybody.ids[therapist], staff.since[profile], chosen)
        self.write("mentara.Worksheet", columns, dated_back)
        return Library(
            np.concatenate([library.ids, ids]),
            np.r_[library.therapist, therapist],
            np.r_[library.created, columns["created_at"]],
            np.r_[library.concern, concerns_filed(sheet.category for sheet in chosen)],
            np.r_[library.title, np.array([sheet.title for sheet in chosen], dtype=object)],
        )

    def assign(
        self, everybody: People, related: Relationships, library: Library, given: Given, pairs: Ints, needs: Ints
    ) -> None:
        """Hand each client so many worksheets they have not had, those about their concerns first."""
        sheet = self.chosen(everybody, related, library, given, pairs, needs)
        pair = np.repeat(pairs, needs)
        ids = self.new_ids("mentara.WorksheetAssignment", related.ids, pair)
        met = self.met(everybody, related)[pair]
        plan = AssignmentPlan.of(everybody, related, pair, library.ids[sheet], library.created[sheet], met)
        columns, dated_back = assignment_rows(self.run, ids, plan)
        self.write("mentara.WorksheetAssignment", columns, dated_back)

    def met(self, everybody: People, related: Relationships) -> Ints:
        """When the first completed session of each relationship was; MISSING where there is none."""
        held = sessions(self.run, everybody, related, status="COMPLETED")
        held = held.take(held.pair != NOBODY)
        first = np.full(len(related), self.run.as_of)
        np.minimum.at(first, held.pair, held.start)
        return np.where(first < self.run.as_of, first, MISSING)

    def chosen(
        self, everybody: People, related: Relationships, library: Library, given: Given, pairs: Ints, needs: Ints
    ) -> Ints:
        """The worksheets for each pair, so many for each, one after the other.

        Those about a client's concerns come first, then those about none, then what the client has had under the same
        title, be it from another therapist; those about concerns that the client does not have come last of all.
        """
        own = Groups(library.therapist, len(everybody))
        starts = self.run.draws.below("first worksheet", related.keys[pairs], own.counts[related.therapist[pairs]])
        client = related.client[pairs]
        columns = (client, related.therapist[pairs], needs, starts)
        concerns = everybody.concerns[client].tolist()
        found: list[int] = []
        for who, therapist, need, start, held in zip(*(column.tolist() for column in columns), concerns, strict=True):
            sheets = own.of(therapist).tolist()
            taken = given.setdefault(who, set())
            titles = {library.title[sheet] for sheet in taken}
            turned = [sheet for sheet in [*sheets[start:], *sheets[:start]] if sheet not in taken]
            about = library.concern[turned]
            known = np.array([title in titles for title in library.title[turned]], dtype=np.bool_)
            fit = np.select([~np.isin(about, (NOBODY, *held)), known, about == NOBODY], [3, 2, 1], 0)
            chosen = [turned[at] for at in np.argsort(fit, kind="stable")[:need].tolist()]
            taken.update(chosen)
            found += chosen
        return np.array(found, dtype=np.int64)

    def given(self, everybody: People, library: Library) -> Given:
        """The worksheets each client has been assigned."""
        found = read(rows(self.run, "WorksheetAssignment"), worksheet_id=UUID, client_id=UUID)
        sheet = find_unsorted(found.worksheet_id, library.ids)
        given: Given = {}
        for client, at in zip(everybody.find(found.client_id).tolist(), sheet.tolist(), strict=True):
            given.setdefault(client, set()).add(at)
        return given
