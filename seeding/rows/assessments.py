"""An assessment: a client answers the questionnaires of their concerns, and usually does better the next time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import chain, starmap

import numpy as np

from seeding.cast import ASSESSED, NEWCOMER, SITTINGS, WAITS
from seeding.engine.clock import DAY, HOUR, JOIN_ROOM, MINUTE, Window, window
from seeding.engine.ids import base_ids
from seeding.engine.keys import Bools, Draws, Floats, Ids, Ints, Keys, is_base, keys_of, slices
from seeding.engine.run import Run
from seeding.engine.values import Columns, Some
from seeding.engine.writing import Writing
from seeding.world.concerns import CONCERNS
from seeding.world.instruments import instruments
from seeding.world.people import CLIENT, People, by_day, ordinals_of, user_ids

SCREENING = ("depression", "anxiety")
"""Everybody is asked one of these besides their concerns, as a screen; where it is no concern, the score is low."""
FOLLOW_UP_GAP = 21 * DAY
"""A follow-up is at least three weeks after the first assessment (rule A3)."""
ROOM_TO_FOLLOW = FOLLOW_UP_GAP + 2 * DAY
"""A first assessment is at least this old, so that a follow-up has room before as-of."""
EARLY = 0.15
"""Within this share of the time since somebody signed up they are assessed first; chosen."""
LATE = 0.9
"""Within this share of the time in which follow-ups may come they do; chosen."""
LASTS = (8 * MINUTE, 23 * MINUTE)
"""The shortest and the longest sitting; chosen."""
AT_A_TIME = 5_000
"""How many sittings are worked out at a time; each has some thirty answers."""
PROCESSED = 14 * DAY
"""What is older has been processed; chosen, less than a follow-up's distance, so that none waits behind a later one."""
ITEMS = 64
"""More than a questionnaire has: an answer's slot is its questionnaire's number, times this, and the item's."""
BEHIND = 0.3
"""How far a further sitting of the cast is late at most, against the distance of two; chosen."""
_LONG_ENOUGH = 60 * DAY
"""An account this old leaves room for three sittings at the distance of a follow-up."""
ANSWERS = "PreAssessmentAnswer"
_TRAITS = Draws("assessments")


@dataclass(frozen=True)
class Sittings:
    """Assessments to be written: who, when they are completed, and whether somebody was assessed before."""

    ids: Ids
    client: Ints
    completed: Ints
    follow_up: Bools
    done: Bools
    turn: Ints | None = None
    """Which sitting of a client of the cast each is, from 0, where severities are set; below 0 for one broken off."""

    def in_parts(self) -> Iterator[Sittings]:
        """The sittings in parts that are worked out one after the other."""
        return map(self.take, slices(len(self.ids), AT_A_TIME))

    def take(self, which: Bools | slice) -> Sittings:
        """Some of the sittings."""
        return replace(self, **{name: column[which] for name, column in vars(self).items() if column is not None})


def first_sitting(run: Run, ids: Ids, clients: Ids, account: Ints) -> Ints:
    """When clients complete their first assessment: soon after they made their account, with room for a follow-up."""
    frame = window(run.as_of, ages=account + HOUR, until=run.as_of - ROOM_TO_FOLLOW)
    keys = keys_of(ids)
    return by_day(run, frame, frame.at(EARLY * run.draws.unit("assessed at", keys)), keys, clients)


def in_the_cast(run: Run, people: People, client: Ints) -> Sittings:
    """The sittings of those of these clients who are in the cast and whose account has room for them.

    Some are assessed several times, at about even distances; the newcomer has begun early on and not come to an end.
    """
    ordinal, room = ordinals_of(people.ids[client]), run.as_of - people.ready[client]
    ours = is_base(people.ids[client])
    again = np.flatnonzero(ours & np.isin(ordinal, list(ASSESSED)) & (room > _LONG_ENOUGH))
    begun = np.flatnonzero(ours & (ordinal == NEWCOMER) & (room > JOIN_ROOM))
    turn = np.r_[np.tile(np.arange(SITTINGS), len(again)), np.zeros(len(begun), dtype=np.int64)]
    who = np.r_[np.repeat(client[again], SITTINGS), client[begun]]
    done = np.arange(len(who)) < len(again) * SITTINGS
    ids = base_ids("PreAssessment", people.ids[who], turn)
    first = first_sitting(run, base_ids("PreAssessment", people.ids[who]), people.ids[who], people.ready[who])
    step = (run.as_of - first) * 2 / (2 * SITTINGS - 1)
    keys, late = keys_of(ids), BEHIND * run.draws.unit("sat again", keys_of(ids))
    then = (first + step * (turn + late)).astype(np.int64) // 1000 * 1000
    frame = Window(first + FOLLOW_UP_GAP, np.full(len(who), run.as_of - HOUR), first)
    completed = np.where(turn > 0, by_day(run, frame, then, keys, people.ids[who]), first)
    return Sittings(ids, who, completed, turn > 0, done, np.where(done, turn, -1))


def taken(people: People, client: Ints) -> dict[str, Bools]:
    """Which questionnaires each sitting holds: the concerns' and a screen, in the order in which jsonb keeps keys."""
    concerns = people.concerns[client]
    screen = _TRAITS.below("screen", people.keys[client], len(SCREENING))
    held = {slug: (concerns == at).any(axis=1) for at, slug in enumerate(CONCERNS)}
    for at, slug in enumerate(SCREENING):
        held[slug] = held[slug] | (screen == at)
    return {slug: held[slug] for slug in sorted(held, key=lambda slug: (len(slug), slug)) if held[slug].any()}


def progress(keys: Keys) -> Floats:
    """How far each client gets on between two assessments, from 0 to 1."""
    return _TRAITS.unit("progress", keys)


def levels(people: People, sittings: Sittings, slug: str) -> Floats:
    """How burdened each client is, from 0 to 1: high where their concern lies, low elsewhere, mostly better later."""
    keys = people.keys[sittings.client]
    concern = CONCERNS.index(slug)
    held = people.concerns[sittings.client]
    weight = np.select([held[:, 0] == concern, (held == concern).any(axis=1)], [1.0, 0.92], 0.0)
    burden = 0.46 + 0.49 * _TRAITS.unit(f"severity {slug}", keys)
    calm = 0.02 + 0.20 * _TRAITS.unit(f"calm {slug}", keys)
    level = np.where(weight > 0, weight * burden, calm)
    measured = people.measured(concern)[sittings.client]
    level = np.where(np.isnan(measured), level, measured)
    relief = -0.05 + 0.40 * progress(keys)
    wobble = 0.03 * _TRAITS.bell(f"sitting {slug}", keys_of(sittings.ids))
    return np.asarray(np.clip(level * (1.0 - relief * sittings.follow_up) + wobble, 0.0, 1.0))


def write_assessments(writing: Writing, people: People, *due: Sittings) -> None:
    """Write assessments and their answers, some at a time; one begun before its client had time to is dated back."""
    done, whole = 0, sum(len(sittings.ids) for sittings in due)
    for part in chain.from_iterable(sittings.in_parts() for sittings in due):
        columns, answers = assessment_rows(writing.run, people, part)
        writing.write("mentara.PreAssessment", columns, columns["created_at"] < people.ready[part.client])
        for of_questionnaire in answers:
            writing.write(f"mentara.{ANSWERS}", of_questionnaire)
        done += len(part.ids)
        writing.tell(ANSWERS, writing.added[ANSWERS] * whole // done)


def assessment_rows(run: Run, people: People, sittings: Sittings) -> tuple[Columns, Iterator[Columns]]:
    """The columns of the assessments, and of their answers for each questionnaire, made as they are asked for.

    One that was not finished has none, but in the cast those of its first questionnaire.
    """
    count = len(sittings.ids)
    keys = keys_of(sittings.ids)
    scores: list[list[str]] = [[] for _ in range(count)]
    severities: list[list[str]] = [[] for _ in range(count)]
    answers: list[tuple[Ids, str, Ints]] = []
    pending = ~sittings.done & (sittings.turn is not None)
    for slug, mask in taken(people, sittings.client).items():
        instrument = instruments()[slug]
        rows = np.flatnonzero(mask & (sittings.done | pending))
        pending &= ~mask
        noise = np.stack(
            [run.draws.unit(f"answer {slug}", keys[rows], item) for item in range(instrument.items)], axis=1
        )
        given = instrument.draw_answers(levels(people, sittings, slug)[rows], noise)
        if sittings.turn is not None:
            _set_severities(people, sittings.client[rows], sittings.turn[rows], slug, noise, given)
        names = instrument.band_names
        bands = [names[at] for at in instrument.severity(given).tolist()]
        for row, score, band in zip(rows.tolist(), instrument.score(given).tolist(), bands, strict=True):
            scores[row].append(f'"{slug}": {score}')
            severities[row].append(f'"{slug}": "{band}"')
        answers.append((sittings.ids[rows], slug, given))
    begun = sittings.completed - LASTS[0] - (LASTS[1] - LASTS[0]) // 1000 * run.draws.below("minutes", keys, 1000)
    processed = sittings.done & ((begun < run.as_of - PROCESSED) | run.draws.chance("processed", keys, 0.5))
    processed &= ~sittings.follow_up | (people.ids[sittings.client] != user_ids(CLIENT, np.array([WAITS]))[0])
    columns = {
        "id": sittings.ids,
        "user_id": people.ids[sittings.client],
        "scores": ["{" + ", ".join(parts) + "}" for parts in scores],
        "severity_levels": ["{" + ", ".join(parts) + "}" for parts in severities],
        "is_processed": processed,
        "completed_at": Some(sittings.completed, sittings.done),
        "created_at": begun,
        "updated_at": np.where(sittings.done, sittings.completed, begun),
    }
    return columns, starmap(_answer_columns, answers)


def _set_severities(people: People, client: Ints, turn: Ints, slug: str, noise: Floats, given: Ints) -> None:
    """Replace the answers on the concerns of the cast by those of the severity that each sitting is to show."""
    bands, concern = len(instruments()[slug].band_names), CONCERNS.index(slug)
    for row, held in enumerate(people.concerns[client].tolist()):
        if concern in held and turn[row] >= 0:
            band = severity_in_the_cast(bands, concern, main=held[0] == concern, sitting=int(turn[row]))
            given[row] = instruments()[slug].draw_in_band([band], noise[row : row + 1])[0]


def severity_in_the_cast(bands: int, concern: int, *, main: bool, sitting: int) -> int:
    """The band, counted from the lightest, that a client of ASSESSED reaches in a sitting, counted from 0.

    Their main concern begins at the heaviest, the other one lower, and both grow lighter, the last time where there
    are only two bands; so the two clients who share a concern show all of its bands. Of three main concerns one stays
    at last as it was, and one is as bad as in the beginning.
    """
    begins, last = bands - 1 if main else min(bands, SITTINGS) - 1, SITTINGS - 1
    lighter = sitting if bands > 2 else sitting // last
    if main and sitting == last:
        lighter -= concern % 3
    return min(max(begins - lighter, 0), bands - 1)


def _answer_columns(assessment_ids: Ids, slug: str, given: Ints) -> Columns:
    items = given.shape[1]
    owners = np.repeat(assessment_ids, items)
    item = np.tile(np.arange(items), len(assessment_ids))
    slot = CONCERNS.index(slug) * ITEMS + item
    return {
        "id": base_ids(ANSWERS, owners, slot),
        "pre_assessment_id": owners,
        "questionnaire": slug,
        "answer_index": item,
        "value": given.reshape(-1),
    }
