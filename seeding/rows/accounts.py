"""Accounts: a user and the profile of their role, known by role and ordinal.

What a person is called and where they live follows from the seed and the user's id; when they signed up lies in
the months before as-of, more of them lately, as on a platform that grows.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from functools import partial
from typing import TypeVar

import numpy as np

from seeding.cast import ASSESSED, ASSESSED_FOR, NEW_FOR, NEWCOMER, STAGE, SUSPENDED, UNMATCHED
from seeding.corpus import load
from seeding.engine.clock import DAY, on_hour, on_weekday, window
from seeding.engine.keys import Bools, Draws, Ids, Ints, Keys, hexes_of, keys_of
from seeding.engine.run import Run
from seeding.engine.values import Columns, Some
from seeding.requirements import stages
from seeding.texts.composing import by_group, pick, topic
from seeding.world.concerns import CONCERNS, concern_stages
from seeding.world.locales import Locale, chosen_locales, locale
from seeding.world.people import (
    ADMIN,
    AT_WORK,
    CLIENT,
    MODERATOR,
    ROLES,
    THERAPIST,
    by_day,
    homes,
    locale_of,
    matched_from,
    ordinals_of,
    user_ids,
    utc_offsets,
    weekdays,
)

T = TypeVar("T")
DOMAIN = "mentara.example"
"""Reserved by RFC 2606: no mail to it can reach anybody."""
LICENCE = "DEMO-"
"""What licence numbers begin with, so that they look like nobody's."""
SIGNED_UP = {CLIENT: (56, 420), THERAPIST: (130, 520), MODERATOR: (540, 570), ADMIN: (575, 600)}
"""Days before as-of between which each role's accounts were made, more towards the end, as on a platform that grows;
the youngest are old enough for memberships and relationships that are four weeks old at least."""
ADULT_DAYS = (19 * 366, 68 * 365)
TRAINED_AT = 26
BEGUN_WITHIN = 8 * 365
"""The age by which a therapist may practise, after a degree and supervised years, and in how many days after it most
have begun; chosen."""
SIGNED_IN_FOR = 14 * DAY
"""So long a browser stays signed in (Django's SESSION_COOKIE_AGE): who does something signed in within it."""
LAST_SEEN = (0.0, 0.62, 0.88, 0.97, 1.0)
"""Quartiles of the share of that time at which somebody signed in last: half within two days of as-of; chosen."""
_PEOPLE = Draws("people")
_HOME = "place"
"""The purpose of the one draw that address, city and a therapist's province are read off, so that they agree."""


def email(role: int, ordinal: int) -> str:
    """The e-mail address of a base user: client1@… is the first client."""
    return f"{ROLES[role]}{ordinal + 1}@{DOMAIN}"


def therapist_status(ordinals: Ints) -> list[str]:
    """Most therapists are approved; the fourth of every eight is pending and the eighth rejected."""
    return np.select([ordinals % 8 == 3, ordinals % 8 == 7], ["PENDING", "REJECTED"], "APPROVED").tolist()


def signed_up(run: Run, role: int, keys: Keys, ordinals: Ints) -> Ints:
    """When base users made their accounts."""
    least, most = SIGNED_UP[role]
    share = run.draws.unit("signed up", keys)
    days = least + (most - least) * (1.0 - share) * (1.0 - share)
    if role == CLIENT:
        days = np.where(ordinals == NEWCOMER, NEW_FOR, days)
        days = np.where(np.isin(ordinals, list(ASSESSED)), np.maximum(days, ASSESSED_FOR), days)
    created = (run.as_of - (days * DAY).astype(np.int64)) // 1000 * 1000
    frame = window(run.as_of)
    offset = utc_offsets(run, keys)
    created = on_weekday(frame, created, weekdays(run, "signed up day", keys), offset)
    return on_hour(frame, created, 8.0 + 14.0 * run.draws.unit("signed up hour", keys), offset)


def _given(run: Run, purpose: str, keys: Keys, female: Bools, names: Callable[..., tuple[str, ...]]) -> list[str]:
    """A name of each account's locale and sex."""
    women, men = (_local(run, purpose, keys, partial(names, female=sex)) for sex in (True, False))
    return [hers if yes else his for yes, hers, his in zip(female.tolist(), women, men, strict=True)]


def user_rows(run: Run, role: int, ordinals: Ints, password: str) -> Columns:
    """The columns of base users of one role."""
    ids = user_ids(role, ordinals)
    keys, draws = keys_of(ids), run.draws
    female = draws.chance("female", keys, 0.58)
    first = _given(run, "first name", keys, female, Locale.first_names)
    middle = _given(run, "middle name", keys, female, Locale.middle_names)
    two_names = np.array([one != other for one, other in zip(first, middle, strict=True)], dtype=np.bool_)
    created = signed_up(run, role, keys, ordinals)
    newcomer, suspended = ((ordinals == one) & (role == CLIENT) for one in (NEWCOMER, SUSPENDED))
    is_staff = role in (MODERATOR, ADMIN)
    lately = window(run.as_of, orders=np.maximum(created, run.as_of - SIGNED_IN_FOR))
    active = (draws.chance("active", keys, 0.97) | (ordinals < (STAGE if role == CLIENT else 8))) & ~suspended
    seen = lately.at(draws.along("last seen", keys, LAST_SEEN) * np.where(active, 1.0, 0.9))
    age = ADULT_DAYS[0] + (ADULT_DAYS[1] - ADULT_DAYS[0]) * draws.along("age", keys, (0.0, 0.08, 0.16, 0.28, 0.5, 1.0))
    if role == THERAPIST:
        began_at = TRAINED_AT * 366 + draws.below("trained", keys, BEGUN_WITHIN)
        age = np.maximum(age, began_at + experience_years(keys) * 366.0)
    bios = load("people")[f"{ROLES[role]}_bios"]
    places = _local(run, _HOME, homes(keys), lambda pools: [f"{city}, {region}" for city, region in pools.places])
    return {
        "id": ids,
        "email": [email(role, ordinal) for ordinal in ordinals.tolist()],
        "password": password,
        "role": ROLES[role],
        "first_name": first,
        "middle_name": Some(middle, draws.chance("has middle name", keys, 0.4) & two_names),
        "last_name": _local(run, "last name", keys, lambda pools: pools.last_names),
        "birth_date": Some(created // DAY - age.astype(np.int64), draws.chance("has birth date", keys, 0.9)),
        "address": Some(places, draws.chance("has address", keys, 0.5)),
        "avatar_url": Some(
            [f"https://avatars.{DOMAIN}/{name}.png" for name in hexes_of(ids)], draws.chance("has avatar", keys, 0.6)
        ),
        "bio": Some(_bios(run, role, keys, ordinals, bios), draws.chance("has bio", keys, 0.75) | (role == THERAPIST)),
        "email_verified": (draws.chance("verified", keys, 0.95) | (ordinals == 0) | is_staff) & ~newcomer,
        "is_active": active,
        "last_login": seen,
        "created_at": created,
        "updated_at": np.where(active, created, seen),
    }


def _bios(run: Run, role: int, keys: Keys, ordinals: Ints, pool: list[str]) -> list[str]:
    bios = pick(run.draws, "bio", keys, pool)
    if role != THERAPIST:
        return bios
    years = experience_years(keys)
    expertise = expert_in(keys, ordinals)
    return [
        bio.replace("{years}", str(number)).replace("{concern}", topic(known[0])["plain"])
        for bio, number, known in zip(bios, years.tolist(), expertise, strict=True)
    ]


def experience_years(keys: Keys) -> Ints:
    """Years of practice of base therapists, two to twenty-four, fewer for most."""
    return _PEOPLE.along("experience", keys, (2.0, 4.0, 6.0, 9.0, 14.0, 24.9)).astype(np.int64)


def expert_in(keys: Keys, ordinals: Ints) -> list[list[int]]:
    """Four to six concerns a therapist is expert in, among those of the mode that first has the therapist."""
    found, modes = [], concern_stages("therapists")
    for key, ordinal in zip(keys.tolist(), ordinals.tolist(), strict=True):
        choice = next((concerns for therapists, concerns in modes if ordinal < therapists), len(CONCERNS))
        one = np.array([key], dtype=np.uint64)
        ranked = np.argsort(_PEOPLE.unit("expertise", one, np.arange(choice)), kind="stable").tolist()
        first = ordinal % choice
        number = int(_PEOPLE.below("areas", one, 3)[0]) + 4
        found.append([first, *[other for other in ranked if other != first]][:number])
    return found


def client_rows(run: Run, ids: Ids, created: Ints) -> Columns:
    """The columns of client profiles of these users."""
    keys, draws, ordinals = keys_of(ids), run.draws, ordinals_of(ids)
    matched = matched_from(run, keys, ordinals) < stages("with_therapist")[-1]
    seen = matched | draws.chance("has seen recommendations", keys, 0.4)
    return {
        "user_id": ids,
        "has_seen_therapist_recommendations": seen & ~np.isin(ordinals, UNMATCHED),
        "city": Some(
            _local(run, _HOME, homes(keys), lambda pools: [city for city, _ in pools.places]),
            draws.chance("city", keys, 0.9),
        ),
        "country": [pools.country for pools in _locales(run, keys)],
        "created_at": created,
        "updated_at": created,
    }


def therapist_rows(
    run: Run,
    ids: Ids,
    created: Ints,
    admin_ids: Ids,
    admin_since: Ints,
    decisions: Sequence[str] | None = None,
) -> Columns:
    """The columns of therapist profiles of these users; one of the admins given has decided on most of them.

    What was decided follows from the ordinals unless it is given.
    """
    keys, draws, ordinals = keys_of(ids), run.draws, ordinals_of(ids)
    years = experience_years(keys)
    today = run.as_of // DAY
    began = today - years * 365 - years // 4 - 20 - draws.below("practice began", keys, 300)
    status = np.array(decisions or therapist_status(ordinals))
    decided = (status != "PENDING") & (len(admin_ids) > 0)
    admin = draws.below("processed by", keys, max(len(admin_ids), 1))
    since = np.maximum(created, admin_since[admin]) if len(admin_ids) else created
    frame = window(run.as_of, ages=since, until=run.as_of - 45 * DAY)
    decides = admin_ids[admin] if len(admin_ids) else ids
    processed = by_day(run, frame, frame.at(0.02 + 0.2 * draws.unit("processed", keys)), keys, decides, AT_WORK)
    formats = [pools.phone for pools in _locales(run, keys)]
    places = _local(run, _HOME, keys, lambda pools: [(region, pools.zone_in(region)) for _, region in pools.places])
    digits = (draws.below("phone", keys, 100, turn).tolist() for turn in (0, 1))
    return {
        "user_id": ids,
        "status": status.tolist(),
        "mobile": [phone.format(low, high) for phone, low, high in zip(formats, *digits, strict=True)],
        "province": [region for region, _ in places],
        "timezone": [zone for _, zone in places],
        "provider_type": pick(draws, "provider", keys, load("people")["provider_types"]),
        "license_number": [f"{LICENCE}{name[-12:].upper()}" for name in hexes_of(ids)],
        "license_verified": status == "APPROVED",
        "practice_start_date": began,
        "years_of_experience": years,
        "expertise": [json.dumps([CONCERNS[at] for at in known]) for known in expert_in(keys, ordinals)],
        "approaches": _approaches(draws, keys),
        "languages": _languages(run, keys),
        "session_length": np.array([45, 50, 50, 60])[draws.below("session", keys, 4)],
        "hourly_rate": 100 * np.array(_local(run, "rate", keys, lambda pools: pools.hourly_rates), dtype=np.int64),
        "accepts_insurance": draws.chance("insurance", keys, 0.45),
        "processed_by_admin_id": Some(decides, decided),
        "processed_at": Some(processed, decided),
        "created_at": created,
        "updated_at": np.where(decided, processed, created),
    }


def _approaches(draws: Draws, keys: Keys) -> list[str]:
    """Two approaches that each therapist works by, as JSON."""
    every = load("people")["approaches"]
    first = draws.below("approach", keys, len(every))
    second = (first + 1 + draws.below("second approach", keys, len(every) - 1)) % len(every)
    return [json.dumps([every[one], every[other]]) for one, other in zip(first.tolist(), second.tolist(), strict=True)]


def _languages(run: Run, keys: Keys) -> list[str]:
    """The language of each therapist's locale, and perhaps another that is spoken there, as JSON."""
    others = _local(run, "language", keys, lambda pools: pools.languages)
    spoken = zip(_locales(run, keys), others, strict=True)
    return [json.dumps(list(dict.fromkeys([pools.languages[0], other]))) for pools, other in spoken]


def admin_rows(ids: Ids, created: Ints) -> Columns:
    """The columns of admin profiles of these users: all do what audit logs tell of, the first whatever there is."""
    first, permissions = ordinals_of(ids) == 0, ["users", "therapists", "content", "system"]
    return {
        "user_id": ids,
        "permissions": [json.dumps([*permissions, "billing"] if one else permissions) for one in first.tolist()],
        "admin_level": np.where(first, "super", "standard").tolist(),
        "created_at": created,
        "updated_at": created,
    }


def moderator_rows(ids: Ids, created: Ints) -> Columns:
    """The columns of moderator profiles of these users."""
    return {
        "user_id": ids,
        "permissions": json.dumps(["posts", "comments", "members"]),
        "created_at": created,
        "updated_at": created,
    }


def _locales(run: Run, keys: Keys) -> list[Locale]:
    known = [locale(name) for name in chosen_locales(run.locale)]
    return [known[at] for at in locale_of(run, keys).tolist()]


def _local(run: Run, purpose: str, keys: Keys, pool_of: Callable[[Locale], Sequence[T]]) -> list[T]:
    """One alternative a key from the pool of its own locale."""
    pools = [pool_of(locale(name)) for name in chosen_locales(run.locale)]
    return by_group(locale_of(run, keys), lambda at, rows: pick(run.draws, purpose, keys[rows], pools[at]))
