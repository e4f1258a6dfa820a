"""Meeting: relationships are a series of sessions, held in open hours, and what was held is documented."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from seeding.engine.clock import MINUTE
from seeding.engine.enricher import Enricher, Gaps
from seeding.engine.gaps import Subjects, find_gap
from seeding.engine.grouping import Groups, in_order
from seeding.engine.keys import Ints
from seeding.planning.scheduling import calendar_of
from seeding.planning.session_plan import Plan, SessionPlanner
from seeding.rows.meetings import MeetingPlan, meeting_rows, note_rows
from seeding.texts.therapy import NoteThread
from seeding.world.care import (
    CANCELLED,
    COMPLETED,
    NO_SHOW,
    Sessions,
    beyond_reviewable,
    relationships,
    sessions,
    therapists,
)
from seeding.world.people import people
from seeding.world.windows import windows


class MeetingsEnricher(Enricher):
    """Clients and therapists meet week by week, and the therapist writes down what each session brought."""

    table = "Meeting"
    also = ("MeetingNotes",)
    fills = ("relationship.meetings", "therapist.meetings", "meeting.notesIfCompleted", "therapist.sessionNotes")
    after = ("ClientTherapist", "TherapistAvailability", "Comment", "Heart")

    def ensure_relationship_has_meetings(self, those: Subjects = None) -> int:
        """Each relationship has enough sessions; returns the rows added, notes included."""
        return self.fill("relationship.meetings", subjects=those)

    def ensure_therapist_has_meetings(self, those: Subjects = None) -> int:
        """Each approved therapist has enough sessions; returns the rows added, notes included."""
        return self.fill("therapist.meetings", subjects=those)

    def ensure_meeting_has_notes(self, meetings: Subjects = None) -> int:
        """Each completed session has enough notes."""
        return self.fill("meeting.notesIfCompleted", subjects=meetings)

    def ensure_therapist_has_completed_meetings(self, those: Subjects = None) -> int:
        """Each approved therapist has enough completed sessions for their notes, and for the reviews they lack."""
        return self.fill("therapist.sessionNotes", subjects=those)

    def supply(self, gaps: Gaps) -> None:
        """One plan for all: a relationship's sessions are its therapist's, completed ones give notes and reviews."""
        notes = gaps["therapist.sessionNotes"]
        reviews = self.gap_beside(gaps, "therapist.sessionNotes", "therapist.reviewsReceived")
        if not (gaps or len(reviews)):
            return
        self.everybody = people(self.run)
        self.related = relationships(self.run, self.everybody)
        self.existing = sessions(self.run, self.everybody, self.related)
        due = gaps["meeting.notesIfCompleted"].needed_by(self.existing.ids)
        room = self.room_for_notes() - due

        short = notes.needed_by(self.everybody.ids) - self.summed(self.existing, due)
        beyond = short - self.summed(self.existing, room)
        unreviewed = beyond_reviewable(self.run, self.existing, reviews.needed_by(self.everybody.ids))
        completed = np.maximum(-(-beyond // self.usual_notes), unreviewed)
        held = self.write_meetings(self.planned(self.owed(gaps), completed))
        new = held.take(slice(len(self.existing), None))
        new_due = np.where(new.status == COMPLETED, self.least("meeting.notesIfCompleted"), 0)
        short -= self.summed(new, new_due)
        room = np.r_[room, self.usual_notes - new_due]
        self.write_notes(held, np.r_[due, new_due] + self.further_notes(held, room, short))

    def summed(self, held: Sessions, counts: Ints) -> Ints:
        """What counts of sessions add up to for each person as their therapist."""
        return np.bincount(held.therapist, counts, minlength=len(self.everybody)).astype(np.int64)

    @property
    def usual_notes(self) -> int:
        """How many notes a completed session has: as many as it needs, and one where it needs none."""
        return max(self.least("meeting.notesIfCompleted"), 1)

    def room_for_notes(self) -> Ints:
        """How many notes fewer than usual each existing session has."""
        usual = replace(self.run.minimums["meeting.notesIfCompleted"], at_least=self.usual_notes)
        return find_gap(self.run, usual).needed_by(self.existing.ids)

    def owed(self, gaps: Gaps) -> Ints:
        """The sessions each relationship gets: its own lack, and its share of what the therapist still lacks."""
        owed = gaps["relationship.meetings"].needed_by(self.related.ids)
        lacking = gaps["therapist.meetings"].needed_by(self.everybody.ids)
        lacking -= np.bincount(self.related.therapist, owed, minlength=len(lacking)).astype(np.int64)
        return owed + np.bincount(self.related.lasting_by_therapist.by_turns(lacking), minlength=len(owed))

    def planned(self, owed: Ints, completed: Ints) -> Plan:
        """The sessions with their times, on a calendar of everybody who may be concerned."""
        pairs = (owed > 0) | (completed[self.related.therapist] > 0)
        concerned = np.zeros(len(self.everybody), dtype=np.bool_)
        concerned[self.related.client[pairs]] = concerned[self.related.therapist[pairs]] = True
        hours, staff = windows(self.run, self.everybody), therapists(self.run, self.everybody)
        calendar = calendar_of(self.run, hours, staff, self.existing, concerned)
        adherence = self.everybody.adherence
        return SessionPlanner(self.run, self.related, self.existing, calendar, adherence).plan(owed, completed)

    def write_meetings(self, plan: Plan) -> Sessions:
        """Write the planned sessions; returns the existing ones and, after them, these."""
        related, pair = self.related, plan.pair
        client, therapist = related.client[pair], related.therapist[pair]
        ids = self.new_ids("mentara.Meeting", related.ids, pair)
        end = plan.start + plan.minutes * MINUTE
        new = Sessions(ids, client, therapist, plan.start, end, plan.start, plan.status, pair)
        held = self.existing.and_also(new)
        if len(ids):
            ordinal = held.earlier(~np.isin(held.status, (CANCELLED, NO_SHOW)))
            details = MeetingPlan.of(
                self.run,
                self.everybody,
                related,
                pair,
                start=plan.start,
                minutes=plan.minutes,
                status=plan.status,
                ordinal=ordinal[len(self.existing) :],
            )
            columns, dated_back = meeting_rows(self.run, ids, details)
            self.write("mentara.Meeting", columns, dated_back)
        return held

    def further_notes(self, held: Sessions, room: Ints, short: Ints) -> Ints:
        """What their therapists still lack, by turns on the sessions that were held, those with most room first."""
        done = np.flatnonzero(held.status == COMPLETED)
        done = done[in_order(-room[done])]
        return np.bincount(Groups(held.therapist[done], len(short), done).by_turns(short), minlength=len(held))

    def write_notes(self, held: Sessions, counts: Ints) -> None:
        """Write so many notes on each session."""
        which = np.repeat(np.arange(len(held)), counts)
        if not len(which):
            return
        ordinal = held.earlier(held.status == COMPLETED)[which]
        thread = NoteThread.of(self.everybody, held, which, ordinal)
        ids = self.new_ids("mentara.MeetingNotes", held.ids, which)
        columns, dated_back = note_rows(self.run, ids, held.ids[which], held.after(self.run)[which], thread)
        self.write("mentara.MeetingNotes", columns, dated_back)
