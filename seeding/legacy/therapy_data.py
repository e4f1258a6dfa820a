"""generate_therapy_data: base people's hours, sessions, notes, worksheets, reviews, assessments, and what is logged."""

from __future__ import annotations

import numpy as np

from seeding.engine.columns import MISSING, NULL_ID, TIME, UUID, read
from seeding.engine.grouping import find, is_in, rank_within
from seeding.engine.ids import base_ids
from seeding.engine.keys import Ints, is_base, keys_of
from seeding.engine.pairs import pair_code
from seeding.legacy.base import Base, generator
from seeding.legacy.decisions import log_decisions
from seeding.legacy.meetings import Meetings
from seeding.legacy.plan import turns_of_pairs
from seeding.legacy.showcase import Showcase
from seeding.requirements import stages
from seeding.rows.accounts import therapist_status
from seeding.rows.assessments import Sittings, first_sitting, in_the_cast, write_assessments
from seeding.rows.availability import availability_rows
from seeding.rows.meetings import note_rows
from seeding.rows.reviews import ReviewPlan, fits, luck, ratings, review_rows
from seeding.rows.worksheets import AssignmentPlan, assignment_rows, worksheet_rows
from seeding.texts.therapy import NoteThread, sheets_of, turns_for
from seeding.world.care import (
    COMPLETED,
    Relationships,
    Sessions,
    relationships,
    reviewable,
    sessions,
    therapists,
)
from seeding.world.mentara import NOBODY, rows
from seeding.world.people import CLIENT, THERAPIST, people
from seeding.world.windows import new_windows, planned, windows


@generator
def generate_therapy_data(base: Base) -> None:
    """What happens between base clients and their therapists, and the first assessments."""
    Therapy(base).generate()


class Therapy:
    """The steps in their order: hours, sessions, notes, worksheets, reviews, assessments; the cast's come first."""

    def __init__(self, base: Base) -> None:
        self.base, self.run, self.sizes = base, base.run, base.sizes
        self.draws = base.run.draws
        self.world = base.world
        self.everybody = people(base.run)
        self.place = self.world.present(self.everybody)
        self.staff = therapists(base.run, self.everybody)
        self.meetings = Meetings(base, self.everybody, self.place, self.staff)

    def generate(self) -> None:
        """Write what is missing."""
        cast = Showcase(self.base, self.world, self.everybody, self.place, self.staff)
        cast.open_hours()
        self.add_windows()
        related = relationships(self.run, self.everybody)
        played = cast.meet(related)
        pairs = np.flatnonzero(is_base(related.ids) & ~np.isin(np.arange(len(related)), played))
        self.meetings.add(related, pairs)
        held = sessions(self.run, self.everybody, related)
        self.add_notes(related, held)
        self.add_worksheets(related, pairs, held, cast)
        cast.review(related, held)
        self.add_reviews(related, pairs, held)
        self.add_assessments()
        cast.talk_and_tell(related)
        log_decisions(self.base, self.everybody)

    def base_therapists(self) -> Ints:
        """The approved base therapists, by their places among the people."""
        mine = self.world.of_role(THERAPIST)
        approved = np.array(therapist_status(self.world.ordinal[mine])) == "APPROVED"
        place = self.place[mine[approved]]
        place = place[place != NOBODY]
        return place[self.staff.row_of[place] != NOBODY]

    def add_windows(self) -> None:
        """Three to five days of open hours for each therapist, none on a day that has a window already."""
        who = self.base_therapists()
        keys = self.everybody.keys[who]
        if not len(who):
            return
        row, day, opens, closes = new_windows(self.draws, keys, 3 + self.draws.below("open days", keys, 3))
        ids = base_ids("TherapistAvailability", self.everybody.ids[who[row]], rank_within(row))
        known = windows(self.run, self.everybody)
        free = ~np.isin(who[row] * 7 + day, known.therapist * 7 + known.day)
        profile = self.staff.row_of[who[row]]
        new = planned(who[row], day, opens, closes, self.staff.zone[profile].tolist())
        columns, dated_back = availability_rows(self.run, ids, self.everybody, new, self.staff.since[profile])
        self.base.write_missing("mentara.TherapistAvailability", columns, free, dated_back=dated_back)

    def add_notes(self, related: Relationships, held: Sessions) -> None:
        """Notes on a share of the completed base sessions; the enricher writes the rest."""
        ids = base_ids("MeetingNotes", held.ids)
        noted = is_base(held.ids) & (held.status == COMPLETED) & (held.pair != NOBODY)
        noted &= self.draws.chance("noted", keys_of(held.ids), self.sizes.with_notes) & self.base.missing(
            "mentara.MeetingNotes", ids
        )
        documented = read(rows(self.run, "MeetingNotes"), meeting_id=UUID).meeting_id
        which = np.flatnonzero(noted & ~np.isin(held.ids, documented))
        ordinal = self.meetings.earlier(related, held, which, held.status == COMPLETED)
        thread = NoteThread.of(self.everybody, held, which, ordinal)
        columns, dated_back = note_rows(self.run, ids[which], held.ids[which], held.after(self.run)[which], thread)
        self.base.write("mentara.MeetingNotes", columns, dated_back)

    def add_worksheets(self, related: Relationships, pairs: Ints, held: Sessions, cast: Showcase) -> None:
        """A library for each therapist, small but for what their clients need, and what clients are handed from it."""
        shown, shown_turn, course = cast.sheets()
        shown_number = self.sheet_numbers(related, shown, shown_turn)
        pairs = pairs[np.isin(related.therapist[pairs], self.base_therapists())]
        at, turn, _ = turns_of_pairs(
            self.draws, "worksheets", related.keys[pairs], stages("worksheets"), self.sizes.worksheets
        )
        pair = pairs[at]
        number = self.sheet_numbers(related, pair, turn)
        self.add_library(related.therapist[np.r_[shown, pair]], np.r_[shown_number, number])
        cast.assign(related, shown, shown_turn, shown_number, course)
        self.add_assignments(related, held, pair, turn, number)

    def sheet_numbers(self, related: Relationships, pair: Ints, turn: Ints) -> Ints:
        """Which of the therapist's worksheets each relationship's `turn`-th is: by the client's concerns first.

        Once all have been handed out, they are drawn up again.
        """
        clients, therapists = related.client[pair], related.therapist[pair].tolist()
        numbers = []
        for who, held, place in zip(therapists, self.everybody.concerns[clients].tolist(), turn.tolist(), strict=True):
            concerns = tuple(sorted(one for one in held if one != NOBODY))
            turns = turns_for(sheets_of(self.everybody, self.staff, who), concerns)
            numbers.append(turns[place] if place < len(turns) else place)
        return np.array(numbers, dtype=np.int64)

    def add_library(self, therapist: Ints, number: Ints) -> None:
        """The first worksheets of every base therapist, and those of these numbers in their therapists' order."""
        mine, first = self.base_therapists(), np.arange(self.sizes.worksheets)
        therapist, number = np.r_[np.repeat(mine, len(first)), therapist], np.r_[np.tile(first, len(mine)), number]
        who, number = np.unique(np.stack([therapist, number]), axis=1)
        ids = base_ids("Worksheet", self.everybody.ids[who], number)
        new = np.flatnonzero(self.base.missing("mentara.Worksheet", ids))
        who, number, ids = who[new], number[new], ids[new]
        chosen = [
            sheets_of(self.everybody, self.staff, at).at(turn)
            for at, turn in zip(who.tolist(), number.tolist(), strict=True)
        ]
        since = self.staff.since[self.staff.row_of[who]]
        columns, dated_back = worksheet_rows(self.run, ids, self.everybody.ids[who], since, chosen)
        self.base.write("mentara.Worksheet", columns, dated_back)

    def met(self, related: Relationships, held: Sessions) -> Ints:
        """When the first base session of each relationship was, which every mode has; MISSING where there is none."""
        first = self.sessions_of(related, np.arange(len(related)), held, 0)
        return np.r_[held.start, MISSING][first]

    def sessions_of(self, related: Relationships, pair: Ints, held: Sessions, turn: int) -> Ints:
        """The base session of each pair's `turn` that was completed and is theirs still, or NOBODY."""
        at = find(base_ids("Meeting", related.ids[pair], turn), held.ids)
        status, whose = np.r_[held.status, NOBODY][at], np.r_[held.pair, NOBODY][at]
        return np.where((status == COMPLETED) & (whose == pair), at, NOBODY)

    def add_assignments(self, related: Relationships, held: Sessions, pair: Ints, turn: Ints, number: Ints) -> None:
        """Worksheets in clients' hands, once the two have met."""
        sheet_ids = base_ids("Worksheet", self.everybody.ids[related.therapist[pair]], number)
        ids = base_ids("WorksheetAssignment", related.ids[pair], turn)
        library = read(rows(self.run, "Worksheet"), pk=UUID, created_at=TIME, therapist_id=UUID)
        there = find(sheet_ids, library.pk)
        owned = np.append(library.therapist_id, NULL_ID)[there] == self.everybody.ids[related.therapist[pair]]
        given = read(rows(self.run, "WorksheetAssignment"), worksheet_id=UUID, client_id=UUID)
        owner, people = self.everybody.find(given.client_id), len(self.everybody)
        known = pair_code(find(given.worksheet_id, library.pk), owner, people)
        fresh = ~is_in(pair_code(there, related.client[pair], people), known)
        new = np.flatnonzero(owned & fresh & self.base.missing("mentara.WorksheetAssignment", ids))
        drawn_up = library.created_at[there[new]]
        met = self.met(related, held)[pair[new]]
        plan = AssignmentPlan.of(self.everybody, related, pair[new], sheet_ids[new], drawn_up, met)
        columns, dated_back = assignment_rows(self.run, ids[new], plan)
        self.base.write("mentara.WorksheetAssignment", columns, dated_back)

    def add_reviews(self, related: Relationships, pairs: Ints, held: Sessions) -> None:
        """For a share of relationships a review of the first base session that was completed.

        It is one of those that enrichment would let be reviewed, so that it adds nothing to their share.
        """
        session = self.first_completed(related, pairs, held)
        known = session != NOBODY
        pair, session = pairs[known], session[known]
        ids = base_ids("Review", related.ids[pair])
        good = (luck(held.ids[session]) < self.sizes.review_rate) & self.base.missing("mentara.Review", ids)
        good &= reviewable(self.run, held)[session]
        pair, ids, session = pair[good], ids[good], session[good]
        fitting = fits(self.everybody, related, pair)
        client_keys = self.everybody.keys[related.client[pair]]
        stars = ratings(self.run, ids, related.keys[pair], client_keys, fitting, related.active[pair])
        plan = ReviewPlan.of(self.run, self.everybody, related, held.take(session))
        columns, dated_back = review_rows(self.run, ids, plan, stars)
        self.base.write("mentara.Review", columns, dated_back)

    def first_completed(self, related: Relationships, pair: Ints, held: Sessions) -> Ints:
        """The completed base session with the lowest turn of each relationship, or NOBODY."""
        found = np.full(len(pair), NOBODY, dtype=np.int64)
        for turn in reversed(range(self.sizes.meetings)):
            at = self.sessions_of(related, pair, held, turn)
            found[at != NOBODY] = at[at != NOBODY]
        return found

    def add_assessments(self) -> None:
        """The first assessment of a share of base clients, soon after they signed up; the cast's in a row."""
        mine = self.place[self.world.of_role(CLIENT)]
        mine = mine[mine != NOBODY]
        mine = mine[~is_in(self.everybody.ids[mine], read(rows(self.run, "PreAssessment"), user_id=UUID).user_id)]
        mine = mine[is_in(self.everybody.ids[mine], read(rows(self.run, "Client"), pk=UUID).pk)]
        cast = in_the_cast(self.run, self.everybody, mine)
        assessed = self.draws.chance("assessed", self.everybody.keys[mine], self.sizes.assessed)
        mine = mine[assessed & ~is_in(mine, cast.client)]
        ids = base_ids("PreAssessment", self.everybody.ids[mine])
        completed = first_sitting(self.run, ids, self.everybody.ids[mine], self.everybody.ready[mine])
        done = np.ones(len(ids), dtype=np.bool_)
        others = Sittings(ids, mine, completed, ~done, done)
        due = [one.take(self.base.missing("mentara.PreAssessment", one.ids)) for one in (cast, others)]
        write_assessments(self.base, self.everybody, *due)
