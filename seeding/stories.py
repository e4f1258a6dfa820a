"""The reader's test: some posts with their answers, some conversations, and some clients' stories.

Which ones is drawn from a text by the ids, so the same text chooses the same. Ids are chosen first; then
each story is read for itself, and given away before the next is read.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from textwrap import shorten
from typing import Any

import numpy as np
from django.db.models import Count

from seeding.engine.columns import UUID, read
from seeding.engine.keys import Draws, ids_of, keys_of, uuids_of
from seeding.engine.run import Run
from seeding.world.concerns import CONCERNS, texts_in
from seeding.world.instruments import instruments, taken
from seeding.world.mentara import NOBODY, rows
from seeding.world.people import People, people


@dataclass(frozen=True)
class Line:
    """What somebody wrote and when, so many answers deep."""

    at: datetime
    who: str
    text: str
    depth: int = 0
    hearts: int = 0


@dataclass(frozen=True)
class Thread:
    """A post, which is the first of the lines, and its comments, each below what it answers."""

    community: str
    title: str
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class Talk:
    """A conversation: its type and title, who takes part, what is said."""

    type: str
    title: str
    people: tuple[str, ...]
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class Event:
    """What happened to a client, or is to happen."""

    at: datetime
    what: str
    text: str
    due: datetime | None = None


@dataclass(frozen=True)
class Story:
    """A client and their story, in the order of time."""

    name: str
    about: str
    concerns: tuple[str, ...]
    events: tuple[Event, ...]


def chosen(run: Run, model: str, number: int, choice: str) -> list[uuid.UUID]:
    """So many ids of a table, drawn from the text of the choice; fewer where there are not as many."""
    ids = read(rows(run, model), pk=UUID).pk
    drawn = Draws(choice).bits(f"read {model}", keys_of(ids))
    return uuids_of(ids[np.argsort(drawn, kind="stable")[:number]])


def threads(run: Run, number: int, choice: str) -> Iterator[Thread]:
    """Posts with their comments."""
    for pk in chosen(run, "Post", number, choice):
        post = _hearted(rows(run, "Post", pk=pk), "user", "community").get()
        answers: dict[uuid.UUID | None, list[Any]] = defaultdict(list)
        for comment in _hearted(rows(run, "Comment", post_id=pk), "user").order_by("created_at", "pk"):
            answers[comment.parent_id].append(comment)
        lines = (_line(post), *_below(answers))
        yield Thread(post.community.name, post.title, lines)


def _hearted(found: Any, *related: str) -> Any:
    return found.select_related(*related).annotate(liked=Count("hearts"))


def _line(row: Any, depth: int = 0) -> Line:
    return Line(row.created_at, person(row.user), row.content, depth, row.liked)


def _below(answers: dict[uuid.UUID | None, list[Any]]) -> Iterator[Line]:
    left = [(comment, 1) for comment in reversed(answers[None])]
    while left:
        comment, depth = left.pop()
        yield _line(comment, depth)
        left += [(answer, depth + 1) for answer in reversed(answers[comment.pk])]


def talks(run: Run, number: int, choice: str) -> Iterator[Talk]:
    """Conversations with their messages; a reply quotes what it answers."""
    for pk in chosen(run, "Conversation", number, choice):
        talk = rows(run, "Conversation", pk=pk).get()
        seats = rows(run, "ConversationParticipant", conversation_id=pk).select_related("user")
        messages = rows(run, "Message", conversation_id=pk).select_related("sender", "reply_to")
        yield Talk(
            talk.type,
            talk.title or "",
            tuple(person(seat.user) for seat in seats.order_by("joined_at", "pk")),
            tuple(_said(messages.order_by("created_at", "pk"))),
        )


def _said(messages: Iterable[Any]) -> Iterator[Line]:
    for message in messages:
        marks = (
            message.reply_to and f"to “{shorten(message.reply_to.content, 48, placeholder='…')}”",
            message.message_type != "TEXT" and message.message_type,
            message.is_edited and "edited",
            message.is_deleted and "deleted",
        )
        shown = "".join(f"[{mark}] " for mark in marks if mark)
        yield Line(message.created_at, person(message.sender), f"{shown}{message.content}")


def stories(run: Run, number: int, choice: str) -> Iterator[Story]:
    """Clients with their communities, posts, assessments, sessions, worksheets and reviews."""
    picked = chosen(run, "Client", number, choice)
    if not picked:
        return
    everybody = people(run)
    for pk in picked:
        client = rows(run, "Client", pk=pk).select_related("user").get()
        events = sorted(_events(run, client), key=lambda event: event.at)
        yield Story(person(client.user), _about(client), _concerns(everybody, pk), tuple(events))


def _about(client: Any) -> str:
    user = client.user
    parts = [
        user.birth_date and f"born {user.birth_date.year}",
        ", ".join(filter(None, (client.city, client.country))),
        "" if user.is_active else "account closed",
        user.bio,
    ]
    return "; ".join(filter(None, parts))


def _concerns(everybody: People, pk: uuid.UUID) -> tuple[str, ...]:
    held = everybody.concerns[everybody.find(ids_of([pk]))[0]].tolist()
    return tuple(CONCERNS[at] for at in held if at != NOBODY)


def _in_order(run: Run, model: str, **where: Any) -> Any:
    """Rows that an event is told of each; what happened at the same instant is told in the order of keys."""
    return rows(run, model, **where).order_by("pk")


def _events(run: Run, client: Any) -> Iterator[Event]:
    """What the story is told from, table by table."""
    yield Event(client.user.created_at, "signed up", client.user.email)
    yield from _in_communities(run, client)
    yield from _assessments(run, client)
    yield from _therapy(run, client)


def _in_communities(run: Run, client: Any) -> Iterator[Event]:
    for membership in _in_order(run, "CommunityMember", user_id=client.pk).select_related("community"):
        yield Event(membership.joined_at, "joined", membership.community.name)
    for post in _in_order(run, "Post", user_id=client.pk).select_related("community"):
        yield Event(post.created_at, "posted", f"“{post.title}” in {post.community.name}")


def _assessments(run: Run, client: Any) -> Iterator[Event]:
    for sitting in _in_order(run, "PreAssessment", user_id=client.pk):
        scores = ", ".join(
            f"{instruments()[slug].name if slug in instruments() else slug} {score}{_highest(slug)}"
            f" ({band or 'no band'})"
            for slug, score, band in taken(sitting.scores, sitting.severity_levels)
        )
        if sitting.completed_at:
            yield Event(sitting.completed_at, "assessed", scores)
        else:
            yield Event(sitting.created_at, "assessed", f"begun, not finished: {scores}".rstrip(": "))


def _highest(slug: str) -> str:
    return f"/{instruments()[slug].score_range[1]}" if slug in instruments() else ""


def _therapy(run: Run, client: Any) -> Iterator[Event]:
    for pair in _in_order(run, "ClientTherapist", client_id=client.pk).select_related("therapist__user"):
        known = ", ".join(texts_in(pair.therapist.expertise)) or "nothing"
        yield Event(pair.assigned_at, "matched", f"{person(pair.therapist.user)}, expert in {known}; {pair.status}")
    for meeting in _in_order(run, "Meeting", client_id=client.pk).select_related("therapist__user"):
        facts = f"{meeting.status}, {meeting.meeting_type}, {meeting.duration} min"
        words = ". ".join(filter(None, (meeting.title, meeting.description)))
        yield Event(meeting.start_time, "session", f"{facts}, with {person(meeting.therapist.user)}: {words}")
    for note in _in_order(run, "MeetingNotes", meeting__client_id=client.pk):
        yield Event(note.created_at, "notes", note.notes)
    for given in _in_order(run, "WorksheetAssignment", client_id=client.pk).select_related("worksheet"):
        sheet = given.worksheet
        words = f"{given.status}: “{sheet.title}” ({sheet.category}). {sheet.instructions}"
        yield Event(given.assigned_at, "worksheet", words, given.due_date)
        if given.submitted_at:
            yield Event(given.submitted_at, "handed in", f"“{sheet.title}”")
        if given.feedback:
            yield Event(given.updated_at, "feedback", f"“{sheet.title}”: {given.feedback}")
    for review in _in_order(run, "Review", client_id=client.pk).select_related("therapist__user"):
        words = ". ".join(filter(None, (review.title, review.content)))
        rated = f"{review.rating}/5 of {person(review.therapist.user)}{', anonymously' if review.is_anonymous else ''}"
        yield Event(review.created_at, "review", f"{rated}: {words}")


def person(user: Any) -> str:
    """How a user is named here: by name and, unless they are a client, role."""
    name = f"{user.first_name} {user.last_name}"
    return name if user.role == "client" else f"{name} ({user.role})"
