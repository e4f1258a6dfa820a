"""Measures of what a database holds: how distinct, how uneven, how true to people's concerns, in which rhythm.

Everything here reads and returns frozen values. What to say of them is the command profile_seed's.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.apps import apps
from django.db.models import BooleanField, Count, Field, Model
from numpy.typing import NDArray

from seeding.corpus import load
from seeding.demo import STATES, in_state
from seeding.engine.clock import HOUR, MINUTE, micros, weekdays_of
from seeding.engine.columns import JSON, TEXT, TIME, UUID, read
from seeding.engine.grouping import rank_within
from seeding.engine.keys import Bools, Floats, Ints
from seeding.engine.run import Run
from seeding.requirements import NEVER_SEEDED
from seeding.texts.therapy import category
from seeding.world.communities import Memberships, Posts, communities, memberships, posts
from seeding.world.concerns import CONCERNS, known_concerns
from seeding.world.instruments import instruments, level, taken
from seeding.world.people import CLIENT, NOBODY, THERAPIST, People, local_offset, people, rows

TEXTS = {
    "posts": ("Post", "content"),
    "comments": ("Comment", "content"),
    "messages": ("Message", "content"),
    "session notes": ("MeetingNotes", "notes"),
    "reviews": ("Review", "content"),
}
MOMENTS = {
    "posts": ("Post", "created_at"),
    "comments": ("Comment", "created_at"),
    "messages": ("Message", "created_at"),
    "meetings": ("Meeting", "start_time"),
}
GROWTH = {"sign-ups": ("User", "created_at"), "posts": ("Post", "created_at")}
RATINGS = range(1, 6)


@dataclass(frozen=True)
class Share:
    """So many of so many; the share is None of nothing."""

    name: str
    part: int
    whole: int
    share: float | None


@dataclass(frozen=True)
class Spread:
    """How unevenly rows fall on their owners: Gini's coefficient (0 all alike, towards 1 one has everything)."""

    name: str
    owners: int
    gini: float
    mean: float
    most: int


@dataclass(frozen=True)
class Scores:
    """Mean scores, as shares of each questionnaire's range, on the client's concerns and on others."""

    concerned: float | None
    others: float | None
    first: float | None
    follow_up: float | None


@dataclass(frozen=True)
class States:
    """How often each value that a column may hold occurs; `missing` are those that never do."""

    column: str
    found: Mapping[str, int]
    missing: tuple[str, ...]


@dataclass(frozen=True)
class Rhythm:
    """How many rows fall on each hour of the local day and on each weekday from Monday."""

    name: str
    hours: tuple[int, ...]
    weekdays: tuple[int, ...]


@dataclass(frozen=True)
class Growth:
    """How many rows were made in each local month, from the first one on."""

    name: str
    months: Mapping[str, int]


@dataclass(frozen=True)
class Profile:
    """All measures of one database."""

    rows: Mapping[str, int]
    distinct: tuple[Share, ...]
    spread: tuple[Spread, ...]
    agreement: tuple[Share, ...]
    scores: Scores
    states: tuple[States, ...]
    flags: tuple[States, ...]
    bands: tuple[States, ...]
    accounts: States
    rhythm: tuple[Rhythm, ...]
    growth: tuple[Growth, ...]
    utc_offset: int
    """Minutes between UTC and the local time of the rhythm."""


def reading(using: str, locale: str = "en_PH") -> Run:
    """A run that only reads: with the seed that wrote the database first, as of the last time it was seeded.

    What a client is concerned with is a function of that seed.
    """
    noted = apps.get_model("seeding.SeedRun")._default_manager.using(using).order_by("pk")
    written = list(noted.values_list("seed", "as_of"))
    seed = written[0][0] if written else "mentara"
    as_of = max((micros(at) for _, at in written), default=0)
    return Run(using, seed, as_of, minimums={}, locale=locale)


def measure(run: Run) -> Profile:
    """Every measure of the run's database."""
    everybody, places = people(run), communities(run)
    belongs, written = memberships(run, everybody, places), posts(run, everybody, places)
    taken = sittings(run)
    stand = standing(everybody, taken)
    models = [model for model in apps.get_app_config("mentara").get_models() if model.__name__ not in NEVER_SEEDED]
    return Profile(
        rows={model._meta.db_table: rows(run, model.__name__).count() for model in models},
        distinct=tuple(distinct(run, name, *where) for name, where in TEXTS.items()),
        spread=tuple(spreads(run, everybody, belongs, written)),
        agreement=(
            *in_communities(everybody, belongs, written),
            *in_scores(stand),
            *in_therapy(run, everybody),
        ),
        scores=mean_scores(stand),
        states=(*(states(run, field) for field in _fields(models) if field.flatchoices), ratings(run)),
        flags=tuple(states(run, field) for field in _fields(models) if isinstance(field, BooleanField)),
        bands=tuple(bands(taken)),
        accounts=accounts(run),
        rhythm=tuple(rhythm(run, name, *where) for name, where in MOMENTS.items()),
        growth=tuple(growth(run, name, *where) for name, where in GROWTH.items()),
        utc_offset=local_offset(run) // MINUTE,
    )


def share(name: str, part: int, whole: int) -> Share:
    """So many of so many."""
    return Share(name, int(part), int(whole), round(int(part) / int(whole), 4) if whole else None)


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
    answered = rows(run, "Comment").values("post_id").annotate(number=Count("pk")).values_list("number", flat=True)
    by_post = np.zeros(len(written), dtype=np.int64)
    by_post[: len(answered)] = list(answered)
    yield _spread("comments per post", by_post)
    yield _spread("members per community", belongs.by_community.counts)


def _spread(name: str, numbers: Ints) -> Spread:
    mean = float(numbers.mean()) if len(numbers) else 0.0
    return Spread(name, len(numbers), round(gini(numbers), 4), round(mean, 2), int(numbers.max(initial=0)))


def in_communities(everybody: People, belongs: Memberships, written: Posts) -> Iterator[Share]:
    """How far communities joined and posts written follow from the clients' concerns."""
    topic = belongs.communities.topic
    joined = _own(everybody, belongs.user, topic[belongs.community])
    at_home = np.unique(belongs.user[joined])
    concerned = np.isin(everybody.concerns, topic).any(axis=1) & (everybody.role == CLIENT)
    yield share("clients in a community of a concern of theirs", len(at_home), concerned.sum())
    about = (everybody.role[belongs.user] == CLIENT) & (topic[belongs.community] < len(CONCERNS))
    yield share("concern communities joined that are theirs", joined.sum(), about.sum())
    said = _own(everybody, written.author, topic[written.community])
    about = (everybody.role[written.author] == CLIENT) & (topic[written.community] < len(CONCERNS))
    yield share("posts in concern communities that are theirs", said.sum(), about.sum())


def _own(everybody: People, who: Ints, topic: Ints) -> Bools:
    """Where a client meets a topic that is a concern of theirs."""
    mine: Bools = (everybody.concerns[who] == topic[:, None]).any(axis=1) & (everybody.role[who] == CLIENT)
    return mine


@dataclass(frozen=True)
class Sittings:
    """Completed assessments, one row a questionnaire taken: whose and when, its concern, score and band."""

    sitting: Ints
    user_id: NDArray[np.bytes_]
    completed: Ints
    concern: Ints
    level: Floats
    """The score as a share of the questionnaire's range."""
    band: tuple[str, ...]


def sittings(run: Run) -> Sittings:
    """Every completed assessment of the database; questionnaires that are not known are left out."""
    done = rows(run, "PreAssessment", completed_at__isnull=False)
    found = read(done, pk=UUID, user_id=UUID, completed_at=TIME, scores=JSON, severity_levels=JSON)
    told = [
        (at, CONCERNS.index(slug), level(slug, score), str(band or ""))
        for at, (scores, bands) in enumerate(zip(found.scores, found.severity_levels, strict=True))
        for slug, score, band in taken(scores, bands)
        if slug in CONCERNS
    ]
    sitting = np.array([one[0] for one in told], dtype=np.int64)
    return Sittings(
        sitting,
        found.user_id[sitting],
        found.completed_at[sitting],
        np.array([one[1] for one in told], dtype=np.int64),
        np.array([one[2] for one in told], dtype=np.float64),
        tuple(one[3] for one in told),
    )


@dataclass(frozen=True)
class Standing:
    """Each person's mean levels, NaN where there is none: on their concerns and on others, at first and at last."""

    concerned: Floats
    others: Floats
    first: Floats
    latest: Floats
    """On their concerns in their latest sitting, if that is not the first."""


def standing(everybody: People, taken: Sittings) -> Standing:
    """How everybody stands by their completed assessments."""
    client = everybody.find(taken.user_id)
    own, turn = _own(everybody, client, taken.concern), _turns(client, taken)
    last = np.zeros(len(everybody), dtype=np.int64)
    np.maximum.at(last, client, turn)
    groups = (own, ~own, own & (turn == 0), own & (turn == last[client]) & (turn > 0))
    return Standing(*(_means(client[which], taken.level[which], len(everybody)) for which in groups))


def in_scores(stand: Standing) -> Iterator[Share]:
    """Whether scores are high where the concern lies, low elsewhere, and better later."""
    both = ~np.isnan(stand.concerned) & ~np.isnan(stand.others)
    higher = stand.concerned[both] > stand.others[both]
    yield share("clients who score higher where their concerns lie", higher.sum(), both.sum())
    both = ~np.isnan(stand.first) & ~np.isnan(stand.latest)
    better = stand.latest[both] < stand.first[both]
    yield share("clients who are better at their latest follow-up", better.sum(), both.sum())


def mean_scores(stand: Standing) -> Scores:
    """The same as means over the clients; first and follow-up of those who have both."""
    both = ~np.isnan(stand.first) & ~np.isnan(stand.latest)
    return Scores(*map(_mean, (stand.concerned, stand.others, stand.first[both], stand.latest[both])))


def _turns(client: Ints, taken: Sittings) -> Ints:
    """Which sitting of their client's each row belongs to, counted from 0."""
    _, one, back = np.unique(taken.sitting, return_index=True, return_inverse=True)
    return rank_within(client[one], taken.completed[one])[back]


def _means(group: Ints, values: Floats, size: int) -> Floats:
    """The mean of each group's values; NaN for a group without any."""
    number = np.bincount(group, minlength=size)
    total = np.bincount(group, weights=values, minlength=size)
    return np.divide(total, number, out=np.full(size, np.nan), where=number > 0)


def _mean(values: Floats) -> float | None:
    known = values[~np.isnan(values)]
    return round(float(known.mean()), 4) if len(known) else None


def in_therapy(run: Run, everybody: People) -> Iterator[Share]:
    """Whether the therapist knows a concern of the client's, and worksheets are about one."""
    concerns = {
        user: {at for at in held if at != NOBODY}
        for user, role, held in zip(
            everybody.ids.tolist(), everybody.role.tolist(), everybody.concerns.tolist(), strict=True
        )
        if role == CLIENT
    }
    related = read(rows(run, "ClientTherapist"), pk=UUID, client_id=UUID, therapist__expertise=JSON)
    pairs = zip(related.client_id.tolist(), related.therapist__expertise, strict=True)
    covered = [bool(concerns.get(client, set()).intersection(known_concerns(known))) for client, known in pairs]
    yield share("therapists expert in a concern of the client's", sum(covered), len(covered))

    given = read(rows(run, "WorksheetAssignment"), pk=UUID, client_id=UUID, worksheet__category=TEXT)
    filed = {category(at): at for at in range(len(CONCERNS))}
    kinds = Counter(
        "other" if about is None else "own" if about in concerns.get(client, ()) else "foreign"
        for client, about in zip(given.client_id.tolist(), map(filed.get, given.worksheet__category), strict=True)
    )
    yield share("worksheets on a concern that are on the client's", kinds["own"], kinds["own"] + kinds["foreign"])
    methods = {sheet["category"] for sheets in load("worksheets")["approaches"].values() for sheet in sheets}
    by_method = sum(name in methods for name in given.worksheet__category)
    yield share("worksheets on the client's, or by an approach", kinds["own"] + by_method, len(given))


def _fields(models: list[type[Model]]) -> Iterator[Field[Any, Any]]:
    for model in models:
        yield from model._meta.fields


def states(run: Run, field: Field[Any, Any]) -> States:
    """How often each value that the column allows occurs."""
    allowed = [value for value, _ in field.flatchoices] or [True, False]
    column = f"{field.model._meta.db_table}.{field.column}"
    return _states(column, allowed, _counted(run, field.model.__name__, field.name))


def ratings(run: Run) -> States:
    """How often each number of stars was given."""
    return _states("Review.rating", RATINGS, _counted(run, "Review", "rating"))


def _counted(run: Run, model: str, name: str) -> dict[Any, int]:
    return dict(rows(run, model).values(name).annotate(number=Count("pk")).values_list(name, "number"))


def _states(column: str, allowed: Any, counts: Mapping[Any, int]) -> States:
    found = {str(value): int(counts.get(value, 0)) for value in allowed}
    return States(column, found, tuple(value for value, number in found.items() if not number))


def bands(taken: Sittings) -> Iterator[States]:
    """How often each published severity of each questionnaire occurs."""
    counts = Counter(zip(taken.concern.tolist(), taken.band, strict=True))
    for at, slug in enumerate(CONCERNS):
        names = instruments()[slug].band_names
        yield _states(slug, names, {name: counts[at, name] for name in names})


def accounts(run: Run) -> States:
    """How many accounts show each state that the demo card offers."""
    found = {sees: in_state(conditions, run.using).count() for sees, conditions in STATES}
    return _states("demo", found, found)


def rhythm(run: Run, name: str, model: str, column: str) -> Rhythm:
    """At which local hours and on which weekdays rows are dated."""
    local = _local(run, model, column)
    hours = np.bincount(local // HOUR % 24, minlength=24)
    weekdays = np.bincount(weekdays_of(local), minlength=7)
    return Rhythm(name, tuple(hours.tolist()), tuple(weekdays.tolist()))


def growth(run: Run, name: str, model: str, column: str) -> Growth:
    """How many rows were made month by month."""
    months = _local(run, model, column).astype("datetime64[us]").astype("datetime64[M]").astype(np.int64)
    if not len(months):
        return Growth(name, {})
    first, last = int(months.min()), int(months.max())
    numbers = np.bincount(months - first, minlength=last - first + 1)
    names = np.arange(first, last + 1).astype("datetime64[M]").astype(str)
    return Growth(name, dict(zip(names.tolist(), numbers.tolist(), strict=True)))


def _local(run: Run, model: str, column: str) -> Ints:
    found = read(rows(run, model), **{column: TIME})
    return np.asarray(found.columns[column] + local_offset(run), dtype=np.int64)
