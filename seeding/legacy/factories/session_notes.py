"""Notes of sessions."""

from __future__ import annotations

from typing import Any

from django.db.models import Q

from mentara import models
from seeding.engine.keys import Ids, keys_of, mix
from seeding.engine.values import Columns
from seeding.legacy.factories.base import Timestamped
from seeding.legacy.factories.declarations import Column, Free, Key, Parent, Row
from seeding.legacy.factories.one_row import each, key, people_of
from seeding.legacy.factories.sessions import MeetingFactory, over_by, sessions_of, topic_of
from seeding.rows.meetings import note_rows
from seeding.texts.therapy import NoteThread
from seeding.world.concerns import CONCERNS


def notes_columns(of: Any, ids: Ids) -> Columns:
    """Notes that take up those of the pair's completed session before."""
    this, person = of.meeting, people_of(of.run, of.meeting.client.user)
    before = sessions_of(this.client, this.therapist).filter(
        Q(start_time__lt=this.start_time) | Q(start_time=this.start_time, pk__lt=this.pk), status="COMPLETED"
    )
    client, therapist = keys_of(key(this.client)), keys_of(key(this.therapist))
    thread = NoteThread(
        mix(client ^ mix(therapist)),
        therapist,
        keys_of(key(this)),
        each(before.count(), ids),
        topic_of(of.run, this.client, this.therapist),
        person.adherence,
        (person.concerns == CONCERNS.index("depression")).any(axis=1),
    )
    return note_rows(of.run, ids, key(this), over_by(of, ids), thread)[0]


class MeetingNotesFactory(Timestamped[models.MeetingNotes]):
    """Notes of a completed session, which take up those of the one before."""

    class Meta:
        model = models.MeetingNotes

    class Params:
        slot = Free()
        row = Row(notes_columns)

    id = Key("meeting")
    meeting = Parent(MeetingFactory, status="COMPLETED")
    notes = Column()
