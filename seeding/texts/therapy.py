"""What therapy leaves in writing: session titles, notes that carry a thread, worksheets, reviews."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass
from functools import cache
from itertools import cycle, islice
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seeding.corpus import load
from seeding.engine.keys import Bools, Draws, Floats, Ints, Keys, keys_of, mix
from seeding.texts.composing import ANYWHERE, by_group, pick, topic
from seeding.world.care import Sessions, Therapists
from seeding.world.concerns import CONCERNS, OTHER_TOPIC, first_shared, texts_in
from seeding.world.people import People

_HOMEWORK = Draws("homework")
"""What a session set as homework must be found again by the notes of the next one, under any seed."""
_DEPRESSION = CONCERNS.index("depression")
RUNNING = 3
"""Notes of so many sessions running share out the lines among them, so that none is the same."""
REVIEW_EVERY = 6
"""Every so many sessions a pair looks back on the work."""
ABOUT, WHY_CANCELLED, NOBODY_CAME, ABOUT_FIRST = range(4)
"""What the description of a session tells."""


def shared_topic(client: NDArray[np.int8], therapist: NDArray[np.int8]) -> Ints:
    """What each client and therapist work on, by the concerns of both; wellbeing where none is known."""
    first = first_shared(client, therapist)
    return np.where(first >= 0, first, OTHER_TOPIC)


@cache
def _with(text: str, **words: str) -> str:
    return text.format(**words) if "{" in text else text


def about(texts: list[str], topics: Ints) -> list[str]:
    """Put the plain word for each topic where a text asks for the concern."""
    return [_with(text, concern=topic(at)["plain"]) for text, at in zip(texts, topics.tolist(), strict=True)]


def session_titles(draws: Draws, keys: Keys, ordinal: Ints) -> list[str]:
    """Titles by the ordinal (from 0) of a pair's session: the first, a look back now and then, or a regular one."""
    kinds = ("first", "regular", "review")
    kind = np.select([ordinal <= 0, ordinal % REVIEW_EVERY == REVIEW_EVERY - 1], [0, 2], 1)
    titles = load("meetings")["titles"]
    return by_group(kind, lambda group, rows: pick(draws, "session title", keys[rows], titles[kinds[group]]))


def session_descriptions(draws: Draws, keys: Keys, topics: Ints, kinds: Ints) -> list[str]:
    """What sessions of these kinds have been described with, such as WHY_CANCELLED."""
    corpus = load("meetings")
    pools = (corpus["descriptions"], corpus["cancelled"], corpus["no_show"], corpus["first"])
    texts = by_group(kinds, lambda group, rows: pick(draws, "session description", keys[rows], pools[group]))
    return about(texts, topics)


@dataclass(frozen=True)
class NoteThread:
    """What the notes of each session are read off: the pair, its place in their work, and the client's state.

    `ordinal` counts the sessions of the pair that were completed before, of those that every world with this one has.
    """

    pair_keys: Keys
    therapist_keys: Keys
    session_keys: Keys
    ordinal: Ints
    topics: Ints
    adherence: Floats
    depressed: Bools

    @classmethod
    def of(cls, everybody: People, held: Sessions, which: Ints, ordinal: Ints) -> NoteThread:
        """For the notes on the sessions at these places."""
        person = everybody.keys
        client, therapist = held.client[which], held.therapist[which]
        return cls(
            mix(person[client] ^ mix(person[therapist])),
            person[therapist],
            keys_of(held.ids[which]),
            ordinal,
            shared_topic(everybody.concerns[client], everybody.concerns[therapist]),
            everybody.adherence[client],
            (everybody.concerns[client] == _DEPRESSION).any(axis=1),
        )


def notes(draws: Draws, keys: Keys, thread: NoteThread) -> list[str]:
    """Notes in the therapist's usual form, taking up the homework of the session before and setting the next.

    What is said three times running differs. With whoever is depressed, safety is spoken about each time.
    """
    corpus = load("notes")
    homework, before = (_homework(thread, thread.ordinal - back) for back in (0, 1))
    theme, last_theme = (_themes(thread, thread.ordinal - back) for back in (0, 1))

    def said(part: str, pool: list[str], rows: Ints | slice = slice(None)) -> list[str]:
        share = (draws.below(f"note {part}", thread.pair_keys[rows], ANYWHERE) + thread.ordinal[rows]) % RUNNING
        places = share + RUNNING * draws.below(f"note {part}", keys[rows], (len(pool) - 1 - share) // RUNNING + 1)
        return [pool[at] for at in places.tolist()]

    done = draws.chance("did homework", thread.session_keys, 0.15 + 0.75 * thread.adherence)
    clauses = by_group(
        done, lambda group, rows: said("adherence", corpus["adherence_clause"][("low", "high")[group]], rows)
    )
    fared = np.searchsorted([0.5, 0.83], draws.unit("progress", thread.session_keys), side="right")
    progress = by_group(
        fared, lambda group, rows: said("progress", corpus["progress"][("better", "same", "worse")[group]], rows)
    )
    opened, taken_up, risk, first_risk = (
        said(part, corpus[part]) for part in ("first", "thread", "risk", "risk_first")
    )
    soap = draws.chance("note form", thread.therapist_keys, 0.5).tolist()
    pools = {
        form: [(part[0].upper(), said(f"{form} {part}", pool)) for part, pool in corpus[form].items()]
        for form in ("soap", "dap")
    }
    texts = []
    for at, first in enumerate((thread.ordinal == 0).tolist()):
        (letter, heard), *rest = pools["soap" if soap[at] else "dap"]
        lines = [_with(heard[at], theme=theme[at], homework=homework[at])]
        if first:
            lines = [_with(opened[at], theme=theme[at]), *lines]
        else:
            back = _with(taken_up[at], theme=last_theme[at], homework=before[at], adherence_clause=clauses[at])
            lines = [back, *lines, _with(progress[at], theme=theme[at])]
        if thread.depressed[at]:
            lines.append((first_risk if first else risk)[at])
        parts = [f"{letter}: {' '.join(lines)}"]
        parts += [f"{letter}: {_with(line[at], theme=theme[at], homework=homework[at])}" for letter, line in rest]
        texts.append("\n".join(parts))
    return texts


def _homework(thread: NoteThread, ordinal: Ints) -> list[str]:
    """What each pair's session sets as homework by its ordinal: one thing after the other."""
    pool = load("notes")["homework"]
    start = _HOMEWORK.below("homework", thread.pair_keys, ANYWHERE)
    return [pool[at] for at in ((start + ordinal) % len(pool)).tolist()]


def _themes(thread: NoteThread, ordinal: Ints) -> list[str]:
    """The theme of each pair's session by its ordinal: the themes of the concern by turns."""
    start = _HOMEWORK.below("theme", thread.pair_keys, ANYWHERE)
    pools = [topic(at)["session_themes"] for at in range(int(thread.topics.max(initial=0)) + 1)]
    turns = zip(thread.topics.tolist(), (start + ordinal).tolist(), strict=True)
    return [pools[at][turn % len(pools[at])] for at, turn in turns]


@dataclass(frozen=True)
class Sheet:
    """A worksheet as the corpus has it."""

    title: str
    instructions: str
    category: str
    minutes: int


def category(at: int) -> str:
    """What the worksheets of a concern are filed under."""
    words = CONCERNS[at].replace("-", " ")
    return words.upper() if words in {"adhd", "ocd", "ptsd"} else words.capitalize()


FILED = {category(at): at for at in range(len(CONCERNS))}
"""The concern that each category of worksheets on a concern is about."""


@dataclass(frozen=True, eq=False)
class Sheets:
    """Worksheets for one kind of therapist: those of their concerns and approaches by turns, then everybody else's."""

    own: tuple[Sheet, ...]
    others: tuple[Sheet, ...]

    def at(self, turn: int) -> Sheet:
        """The `turn`-th worksheet of a therapist; all differ until there are no more."""
        return self.own[turn] if turn < len(self.own) else self.others[turn % len(self.others)]

    def __len__(self) -> int:
        return len(self.own) + len(self.others)

    @property
    def from_behind(self) -> tuple[Sheet, ...]:
        """The other way round than base worksheets are taken, so that a world that grows draws up none again."""
        return (*reversed(self.own), *reversed(self.others))

    def on(self, concern: int) -> Iterator[Sheet]:
        """The worksheets about a concern, from behind."""
        return (sheet for sheet in self.from_behind if sheet.category == category(concern))


@cache
def turns_for(kind: Sheets, concerns: tuple[int, ...]) -> tuple[int, ...]:
    """In which order a therapist hands a client with these concerns the worksheets, by their turns.

    After every two about a concern of the client's comes one by an approach of the therapist's; the rest stays last.
    """
    filed = [kind.at(turn).category for turn in range(len(kind))]
    own = {category(at) for at in concerns}
    foreign = {category(at) for at in range(len(CONCERNS))} - own
    about = [turn for turn, name in enumerate(filed) if name in own]
    method = [turn for turn, name in enumerate(filed[: len(kind.own)]) if name not in own | foreign]
    mixed = [
        turn
        for at in range(max(len(about), len(method)))
        for turn in (*about[2 * at : 2 * at + 2], *method[at : at + 1])
    ]
    return (*mixed, *(turn for turn in range(len(kind)) if turn not in mixed))


def sheets_of(everybody: People, staff: Therapists, therapist: int) -> Sheets:
    """The worksheets of a therapist (a place among the people), by expertise and approaches."""
    approaches = texts_in(staff.approaches[staff.row_of[therapist]])
    return sheets(tuple(one for one in everybody.concerns[therapist].tolist() if one >= 0), approaches)


@cache
def sheets(concerns: tuple[int, ...], approaches: tuple[str, ...]) -> Sheets:
    """The worksheets of somebody expert in these concerns, who works by these approaches."""
    known = load("worksheets")["approaches"]
    own = [_of_concern(at) for at in concerns] + [_of_approach(known[name]) for name in approaches if name in known]
    others = [_of_approach(known[name]) for name in known if name not in approaches]
    others += [_of_concern(at) for at in range(len(CONCERNS)) if at not in concerns]
    return Sheets(tuple(_by_turns(own)), tuple(_by_turns(others)))


def further_sheets(kind: Sheets, number: int, known: Set[str], wanted: Mapping[int, Set[str]]) -> list[Sheet]:
    """So many worksheets whose titles are not known: one about each concern wanted, then a therapist's, from behind.

    With a concern go the titles that those who want it know already. Once all titles are known, worksheets are drawn
    up again.
    """
    about = (
        next((sheet for sheet in kind.on(at) if sheet.title not in known | had), None) for at, had in wanted.items()
    )
    found = [sheet for sheet in about if sheet is not None][:number]
    fresh = (sheet for sheet in kind.from_behind if sheet.title not in known and sheet not in found)
    found += islice(fresh, number - len(found))
    return found + list(islice(cycle(kind.from_behind), number - len(found)))


def _of_concern(at: int) -> list[Sheet]:
    return [_sheet(entry, category(at)) for entry in topic(at)["worksheet"]]


def _of_approach(entries: list[dict[str, Any]]) -> list[Sheet]:
    return [_sheet(entry, entry["category"]) for entry in entries]


def _sheet(entry: dict[str, Any], filed: str) -> Sheet:
    return Sheet(entry["title"], entry["instructions"], filed, int(entry["minutes"]))


def _by_turns(piles: list[list[Sheet]]) -> list[Sheet]:
    most = max((len(pile) for pile in piles), default=0)
    return [pile[at] for at in range(most) for pile in piles if at < len(pile)]


def feedback(draws: Draws, keys: Keys) -> list[str]:
    """What therapists write under a worksheet that was handed in."""
    corpus = load("worksheets")
    closings = pick(draws, "feedback closing", keys, ["", *corpus["feedback_closings"]])
    said = zip(pick(draws, "feedback", keys, corpus["feedback"]), closings, strict=True)
    return [" ".join(filter(None, parts)) for parts in said]


def reviews(
    draws: Draws, client_keys: Keys, turn: Ints, ratings: Ints, topics: Ints, brief: Bools
) -> tuple[list[str], list[str]]:
    """Titles and texts of reviews that say what the rating says; brief ones in one sentence.

    `turn` tells the reviews of a client apart, which say one thing after the other.
    """
    corpus = load("reviews")

    def said(rating: int, part: str, rows: Ints) -> list[str]:
        pool = corpus[str(rating)][part]
        begin = draws.below(f"review {part}", client_keys[rows], len(pool))
        return [pool[at] for at in ((begin + turn[rows]) % len(pool)).tolist()]

    def body(group: int, rows: Ints) -> list[str]:
        rating, short = divmod(group, 2)
        parts = ("openings",) if short else ("openings", "middles", "closings")
        return [" ".join(sentences) for sentences in zip(*(said(rating, part, rows) for part in parts), strict=True)]

    titles = by_group(ratings, lambda rating, rows: said(rating, "titles", rows))
    return titles, about(by_group(ratings * 2 + brief, body), topics)
