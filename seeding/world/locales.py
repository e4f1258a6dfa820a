"""Names, places, time zones and phone formats of a locale: from the corpus, but for names elsewhere, from Faker."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

from seeding.corpus import load
from seeding.engine.errors import UsageError

DEFAULT = "en_PH"
POOL = 240


@dataclass(frozen=True)
class Locale:
    """Pools to draw a person's circumstances from; `phone` takes two numbers below a hundred."""

    country: str
    languages: tuple[str, ...]
    timezone: str
    phone: str
    first_names_female: tuple[str, ...]
    first_names_male: tuple[str, ...]
    last_names: tuple[str, ...]
    places: tuple[tuple[str, str], ...]
    hourly_rates: range
    """What a private session of an hour costs, in whole units of the country's currency; chosen."""

    def first_names(self, female: bool) -> tuple[str, ...]:
        """The first names of a sex."""
        return self.first_names_female if female else self.first_names_male

    def middle_names(self, female: bool) -> tuple[str, ...]:
        """Further first names; family names where the mother's stands in the middle."""
        return self.last_names if self.country in _MOTHERS_NAME else self.first_names(female)

    def zone_in(self, province: str) -> str:
        """The time zone of one of the provinces."""
        return _ZONES_APART.get(province, self.timezone)


_ELSEWHERE = {
    "en_US": ("United States", ("English", "Spanish"), "America/New_York", "+1 2{0:02d} 555 01{1:02d}"),
    "en_CA": ("Canada", ("English", "French"), "America/Toronto", "+1 2{0:02d} 555 01{1:02d}"),
    "en_GB": ("United Kingdom", ("English", "Polish"), "Europe/London", "+44 7700 900{0:03d}"),
    "en_AU": ("Australia", ("English",), "Australia/Sydney", "+61 2 5550 {0:02d}{1:02d}"),
    "en_IN": ("India", ("English", "Hindi", "Tamil"), "Asia/Kolkata", "+91 000 {0:03d} {1:04d}"),
    "de_DE": ("Germany", ("German", "English"), "Europe/Berlin", "+49 30 23125 0{0:02d}"),
    "fr_FR": ("France", ("French", "English"), "Europe/Paris", "+33 1 99 00 {0:02d} {1:02d}"),
    "es_ES": ("Spain", ("Spanish", "English"), "Europe/Madrid", "+34 000 {0:03d} {1:04d}"),
}  # fmt: skip
_MOTHERS_NAME = {"Philippines", "Spain"}
"""Where people bear their mother's family name besides their father's."""
_ZONES_APART = {"British Columbia": "America/Vancouver", "Western Australia": "Australia/Perth"}
"""Those of provinces that do not keep their locale's time (IANA's database)."""
_HOURLY_RATES = {"en_PH": range(800, 3_100, 100), "en_US": range(90, 260, 10), "en_CA": range(100, 250, 10),
                 "en_GB": range(45, 125, 5), "en_AU": range(120, 280, 10), "en_IN": range(800, 3_100, 100),
                 "de_DE": range(80, 165, 5), "fr_FR": range(45, 95, 5), "es_ES": range(45, 95, 5)}  # fmt: skip
_NOT_BORNE = {"Heydrich"}
"""Families of Faker's that everybody knows a criminal by."""
LOCALES = (DEFAULT, *_ELSEWHERE)
UTC_OFFSETS = {"en_PH": 480, "en_US": -300, "en_CA": -300, "en_GB": 0, "en_AU": 600, "en_IN": 330, "de_DE": 60,
               "fr_FR": 60, "es_ES": 60}  # fmt: skip
"""Minutes between UTC and the standard time of a locale's time zone (IANA's database), for the hours people write
at. They stand apart from Locale, since an hour is asked for where no name is drawn."""


def chosen_locales(names: str) -> tuple[str, ...]:
    """The locales of a list with commas; one named twice is twice as common.

    Raises UsageError for a locale that is not known here, and for none.
    """
    found = tuple(name.strip() for name in names.split(","))
    for name in found:
        if name not in LOCALES:
            raise UsageError(f"Unknown locale {name!r}; choose of {', '.join(LOCALES)}, several with commas.")
    return found


@cache
def locale(name: str) -> Locale:
    """The pools of one of LOCALES."""
    if name == DEFAULT:
        pools = dict(load(f"locales/{name}"))
        places = _pairs(pools.pop("places"))
        fields: dict[str, Any] = {
            key: tuple(value) if isinstance(value, list) else value for key, value in pools.items()
        }
        return Locale(**fields, places=places, hourly_rates=_HOURLY_RATES[name])
    return _from_faker(name)


@cache
def provinces(names: str) -> dict[str, str]:
    """The province of each city of these locales."""
    return dict(place for name in chosen_locales(names) for place in locale(name).places)


def _from_faker(name: str) -> Locale:
    from faker import Faker

    fake = Faker(name)
    fake.seed_instance(name)

    def pool(draw: str) -> tuple[str, ...]:
        return tuple(dict.fromkeys(getattr(fake, draw)() for _ in range(POOL)))

    women, men = pool("first_name_female"), pool("first_name_male")
    families = tuple(family for family in pool("last_name") if family not in _NOT_BORNE)
    places = _pairs(load("locales/places")[name])
    return Locale(*_ELSEWHERE[name], women, men, families, places, _HOURLY_RATES[name])


def _pairs(places: list[list[str]]) -> tuple[tuple[str, str], ...]:
    return tuple((city, province) for city, province in places)
