"""How distinct texts are, and how unevenly rows fall on their owners."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from django.db.models import Count

from seeding.engine.keys import Ints
from seeding.engine.run import Run
from seeding.profile.values import Share, Spread, share
from seeding.world.communities import Memberships, Posts
from seeding.world.mentara import rows
from seeding.world.people import CLIENT, THERAPIST, People

TEXTS = {
    "posts": ("Post", "content"),
    "comments": ("Comment", "content"),
    "messages": ("Message", "content"),
    "session notes": ("MeetingNotes", "notes"),
    "reviews": ("Review", "content"),
}


def distinct(run: Run, name: str, model: str, column: str) -> Share:
    """How many of a table's texts are different from one another."""
    texts = rows(run, model).exclude(**{f"{column}__isnull": True})
    found = texts.aggregate(different=Count(column, distinct=True), all=Count("pk"))
    return share(name, found["different"], found["all"])


def gini(numbers: Ints) -> float:
    """Gini's coefficient of numbers that are not negative; 0 where there is nothing to share."""
    total, count = int(numbers.sum()), len(numbers)
    if not total:
        return 0.0
    place = np.arange(1, count + 1)
    return float(2 * (place * np.sort(numbers)).sum() / (count * total) - (count + 1) / count)


def spreads(run: Run, everybody: People, belongs: Memberships, written: Posts) -> Iterator[Spread]:
    """How uneven posts, comments and memberships are; who has none counts as well."""
    writers = np.isin(everybody.role, (CLIENT, THERAPIST))
    by_author = np.bincount(written.author, minlength=len(everybody))
    yield _spread("posts per client or therapist", by_author[writers])
    by_post = rows(run, "Post").annotate(number=Count("comments")).values_list("number", flat=True)
    yield _spread("comments per post", np.array(by_post, dtype=np.int64))
    yield _spread("members per community", belongs.by_community.counts)


def _spread(name: str, numbers: Ints) -> Spread:
    mean = float(numbers.mean()) if len(numbers) else 0.0
    return Spread(name, len(numbers), round(gini(numbers), 4), round(mean, 2), int(numbers.max(initial=0)))
