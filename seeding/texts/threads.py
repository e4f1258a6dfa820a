"""What communities write: posts on a subject of their topic, and comments that answer them on that subject."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, fields
from functools import cache, partial

import numpy as np
from numpy.typing import NDArray

from seeding.corpus import load
from seeding.engine.keys import Draws, Ids, Ints, Keys, is_base, keys_of, slots_of
from seeding.texts.composing import ANYWHERE, Book, Pools, asides, by_group, fill_when, in_turn, topic
from seeding.world.concerns import ARRIVING, CONCERNS, OTHER_TOPIC, TOPICS

NO_SUBJECT, UNREAD = -1, -2
"""Instead of a subject: of a post that explains, and of one that was not written here, so that nobody knows it."""
_WIDTH = 16
"""More subjects than a topic has: a group of texts is numbered by its topic, times this, and its subject."""
WHOLE_TITLES = 0.3
"""The share of titles that the corpus has whole; chosen: the others are composed, so that few repeat in a community."""
_ADDRESSES = re.compile(r"\b(you|please|welcome|hello|promise)", re.IGNORECASE)
"""Lines for somebody who posted are not for somebody who commented or explained."""
INTRODUCTIONS = 0
"""The subject, where members arrive, of those who introduce themselves."""
_SUBJECTS = Draws("subjects")
"""The subject of a post must be found again by whoever comments on it later, under any seed."""


def subjects_of(ids: Ids, topics: Ints) -> Ints:
    """The subject, within its topic, that a post made here is about.

    Where members arrive, a base member's very first post introduces them, and no other does.
    """
    counts = np.array([len(topic(at)["subjects"]) if at in topics else 1 for at in range(len(TOPICS))])
    arriving, first = topics == ARRIVING, is_base(ids) & (slots_of(ids) == 0)
    others = arriving * (INTRODUCTIONS + 1)
    drawn = others + _SUBJECTS.below("subject", keys_of(ids), counts[topics] - others)
    return np.where(arriving & first, INTRODUCTIONS, drawn)


def posts(
    draws: Draws, ids: Ids, topics: Ints, explains: NDArray[np.bool_], author_keys: Keys, turn: Ints, weekday: Ints
) -> tuple[list[str], list[str]]:
    """Titles and bodies of posts: what happened to a member, or what somebody explains who is there to help.

    `turn` counts the posts of each author, `weekday` (0 Monday) is that of the post where the author is.
    """
    keys, groups = keys_of(ids), topics * _WIDTH + subjects_of(ids, topics)

    def titled(rows: Ints, pools: Callable[[int], Pools]) -> list[str]:
        return ["".join(parts) for parts in in_turn("title", author_keys[rows], turn[rows], Book(groups[rows], pools))]

    def told(rows: Ints) -> tuple[list[str], list[str]]:
        who = author_keys[rows], turn[rows]
        whole = draws.chance("whole title", keys[rows], WHOLE_TITLES)
        titles = by_group(whole, lambda group, some: titled(rows[some], _titles if group else _headings))
        bodies = in_turn("post", *who, Book(groups[rows], _bodies))
        return titles, [_text(greeting, situation, *rest) for situation, greeting, *rest in bodies]

    def explained(rows: Ints) -> tuple[list[str], list[str]]:
        who = author_keys[rows], turn[rows]
        heads, texts = (Book(topics[rows], partial(_insights, part=part)) for part in ("title", "body"))
        titles = [title for title, _, _ in in_turn("insight", *who, heads)]
        bodies = zip(in_turn("insight", *who, texts), asides(turn[rows], texts), strict=True)
        return titles, [_text(opening, body, more, closing) for (body, opening, closing), more in bodies]

    written = np.empty((2, len(keys)), dtype=object)
    for rows, write in ((np.flatnonzero(~explains), told), (np.flatnonzero(explains), explained)):
        if len(rows):
            written[:, rows] = write(rows)
    titles, bodies = written.tolist()
    return titles, fill_when(draws, keys, bodies, weekday)


def _titles(group: int) -> Pools:
    about, subject = divmod(group, _WIDTH)
    return [topic(about)["subjects"][subject]["titles"]]


def _headings(group: int) -> Pools:
    """What titles are composed from: what the post is about, and how it goes on."""
    about, subject = divmod(group, _WIDTH)
    return [topic(about)["subjects"][subject]["headings"], load("comments")["title_endings"]]


def _bodies(group: int) -> Pools:
    """What a post is composed from, first what it tells of: of that pool no author takes the same twice running."""
    about, subject = divmod(group, _WIDTH)
    texts = topic(about)
    parts = texts["subjects"][subject]
    greetings = ["", *load("comments")["greetings"]]
    ends = [*texts["asks"], *_hopes(about, later=False)]
    return [parts["situations"], greetings, parts["details"], texts["feelings"], ends]


def _hopes(about: int, *, later: bool) -> list[str]:
    """The hopes on a topic that a post may end with, or those that its author comes back with later."""
    return list(topic(about)["hopes"][later::2])


def _insights(about: int, part: str) -> Pools:
    """What explaining posts are composed from, insights first; titles have pools of the same sizes, and so they fit."""
    shared = load("comments")
    around = [["", *shared["therapist_openings"]], shared["therapist_closings"]]
    opening, closing = around if part == "body" else [[""] * len(pool) for pool in around]
    return [[insight[part] for insight in topic(about)["insights"]], opening, closing]


def _text(*parts: str) -> str:
    return " ".join(dict.fromkeys(filter(None, parts)))


PEER, REPLY, THERAPIST, STAFF, LISTENER, COLLEAGUE, AUTHOR, ADDITION, EXPLAINER = range(9)
"""Who speaks to whom: a member to who posted, or to who commented; a therapist or staff to a member who posted; a
member to who explained something, or a colleague; who posted to who commented, or to all; who explained to all."""


OF_MANY = (PEER, REPLY, THERAPIST, LISTENER, STAFF, COLLEAGUE)
UNREAD_VOICES = {
    PEER: "peer", LISTENER: "peer", REPLY: "reply", THERAPIST: "team", STAFF: "team", COLLEAGUE: "colleague",
    AUTHOR: "author", ADDITION: "addition", EXPLAINER: "addition",
}  # fmt: skip
"""Who speaks under a post that nobody knows: glad news or a cry for help, so nothing is taken for granted."""
BEGINS, ENDS = 2, 3
SHARES = BEGINS * ENDS
"""In voices of many, so many comments one below the other do not begin, or end, in the same way: the places under a
post share the lines out."""


@dataclass(frozen=True)
class Answers:
    """Comments to be composed: what about, in which voice, by whom, and where they stand.

    `turn` counts the comments of each author, `place` those under each post.
    """

    topics: Ints
    subjects: Ints
    voice: Ints
    author_keys: Keys
    turn: Ints
    post_keys: Keys
    place: Ints

    def take(self, which: Ints) -> Answers:
        """Some of the comments."""
        return Answers(*(getattr(self, each.name)[which] for each in fields(self)))


def comments(draws: Draws, answers: Answers) -> list[str]:
    """Comments that answer a post on its subject, each as its author's other ones and the post's do not put it."""
    unread = answers.subjects == UNREAD

    def spoken(voice: int, rows: Ints) -> list[str]:
        return by_group(
            unread[rows], lambda group, some: (_unread if group else _comments)(draws, answers.take(rows[some]), voice)
        )

    return by_group(answers.voice, spoken)


@cache
def _on_subject(about: int, subject: int, lines: str) -> list[str]:
    """Lines of the corpus about a subject (counted from 1)."""
    name = topic(about)["subjects"][subject - 1]["name"].replace("my ", "your ")
    return [line.replace("{subject}", name) for line in load("comments")[lines]]


def _comments(draws: Draws, answers: Answers, voice: int) -> list[str]:
    """Comments in one voice: how they begin and end is their author's own, what they say has its place under the post.

    Once everything has been told under a post, they begin and end, and only who would do neither tells it again. Nobody
    begins and ends twice in the same way before all ways were used, and says something else besides from then on:
    nobody says the same text twice, unless they say thousands in one voice.
    """
    groups = answers.topics * _WIDTH + answers.subjects + 1
    shares = answers.topics * SHARES + answers.place % SHARES
    around, middle = Book(shares, partial(_around, voice)), Book(groups, partial(_middle, voice))
    own = in_turn(f"comment {voice}", answers.author_keys, answers.turn, around)
    size, start, place = middle.sizes(0), draws.below("answer", answers.post_keys, ANYWHERE), answers.place
    says = middle.pick(0, (start + place) % size)
    late, further = np.flatnonzero(place >= size), says
    if len(late):
        further, told = middle.pick(1, (start + place) % middle.sizes(1)), place >= size + middle.sizes(1)
        for at in late.tolist():
            says[at] = "" if told[at] else further[at]
    rows = zip(own, says, asides(answers.turn, around), further, strict=True)
    return [_text(begins, said, more, ends) or again for (begins, ends), said, more, again in rows]


def _unread(_: Draws, answers: Answers, voice: int) -> list[str]:
    """Comments in one voice on posts that nobody knows: that they were read, and where help is."""
    pool = UNREAD_VOICES[voice]
    lines = load("comments")["unread"]
    around = Book(answers.place % SHARES, partial(_shared_out, lines[pool], ["", *lines[f"{pool}_goodbyes"]]))
    own = in_turn(f"unread {pool}", answers.author_keys, answers.turn, around)
    besides = asides(answers.turn, around)
    return [_text(begins, more, ends) for (begins, ends), more in zip(own, besides, strict=True)]


def _shared_out(begins: list[str], ends: list[str], place: int) -> Pools:
    """The share of a place under a post in the ways to begin and to end."""
    return [begins[place % BEGINS :: BEGINS], ends[place % ENDS :: ENDS]]


def _around(voice: int, group: int) -> Pools:
    """How comments on a topic begin and end at a place under a post."""
    about, place = divmod(group, SHARES)
    shared = load("comments")
    begins, ends = {
        PEER: (["", *_in_tune("openers", about)], ["", *_in_tune("goodbyes", about)]),
        REPLY: (shared["replies"], ["", *shared["reply_goodbyes"]]),
        THERAPIST: (_in_tune("therapist_comments", about), ["", *shared["therapist_goodbyes"]]),
        STAFF: (_in_tune("staff_comments", about), ["", *_in_tune("staff_goodbyes", about)]),
        LISTENER: (shared["listener_openings"], ["", *shared["listener_closings"]]),
        COLLEAGUE: (shared["colleague_comments"], ["", *shared["colleague_goodbyes"]]),
        AUTHOR: (shared["author_replies"], _hopes(about, later=True)),
        ADDITION: (_in_tune("author_additions", about), _hopes(about, later=True)),
        EXPLAINER: (shared["therapist_openings"], shared["therapist_closings"]),
    }[voice]
    return _shared_out(begins, ends, place) if voice in OF_MANY else [begins, ends]


def _in_tune(pool: str, about: int) -> list[str]:
    """Lines that fit any topic, and as many for one that is light, or that is not, or for where members arrive."""
    shared = load("comments")
    tune = "welcomes" if about == ARRIVING else "cheers" if topic(about).get("light") else "comforts"
    return [*shared[pool], *shared[tune][pool]]


def _middle(voice: int, group: int) -> Pools:
    """What they say in between on a subject (counted from 1, or 0), if anything; and once all of that has been said."""
    about, subject = divmod(group, _WIDTH)
    shared, texts = load("comments"), topic(about)
    advice = [""] if about == OTHER_TOPIC and not subject else texts["advice"]
    lines = texts["subjects"][subject - 1]["comments"] if subject else advice
    if voice == PEER:
        return [lines, advice]
    if voice in (COLLEAGUE, EXPLAINER):
        return [shared["colleague_seconds" if voice == COLLEAGUE else "therapist_seconds"], [""]]
    if voice == ADDITION:
        return [shared["author_seconds"], [""]]
    if voice in (LISTENER, REPLY):
        own = shared["listener_thoughts"] if voice == LISTENER else texts["hopes"]
        plain = [""] if subject else [line for line in own if not _ADDRESSES.search(line)]
        return [[plain[at % len(plain)] if _ADDRESSES.search(line) else line for at, line in enumerate(lines)], [""]]
    if voice == THERAPIST and not subject:
        return [shared["therapist_seconds"], [""]]
    if voice in (THERAPIST, STAFF) and subject:
        of_therapists = "therapist_subjects" if about < len(CONCERNS) else "therapist_general"
        return [_on_subject(about, subject, of_therapists if voice == THERAPIST else "staff_subjects"), [""]]
    return [[""], [""]]
