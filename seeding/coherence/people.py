"""People: P1 and P2."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from ipaddress import ip_address

from seeding.coherence.rule import Key, Rule
from seeding.coherence.sql import ADULT, Sql

PROFILES = {"client": "Client", "therapist": "Therapist", "admin": "Admin", "moderator": "Moderator"}


def profile_disagrees(sql: Sql) -> str:
    """P1: users without the profile of their role, or with that of another."""
    joins = " ".join(f'LEFT JOIN "{table}" ON "{table}"."userId" = u.id' for table in PROFILES.values())
    broken = " OR ".join(
        f"""(u."role" = '{role}') <> ("{table}"."userId" IS NOT NULL)""" for role, table in PROFILES.items()
    )
    return f'SELECT u.id FROM "User" u {joins} WHERE {sql.seeded("u.id")} AND ({broken})'


def minor(sql: Sql) -> str:
    """P1: clients and therapists who are under age."""
    return f"""
        SELECT u.id FROM "User" u WHERE {sql.seeded("u.id")} AND u."role" IN ('client', 'therapist')
        AND {sql.years_later('u."birthDate"', str(ADULT))} > {sql.last_day}
    """


def experience_disagrees(sql: Sql) -> str:
    """P1: therapists whose years of experience are off by more than one."""
    fewer = sql.years_later('t."practiceStartDate"', 't."yearsOfExperience" - 1')
    more = sql.years_later('t."practiceStartDate"', 't."yearsOfExperience" + 2')
    return f"""
        SELECT t."userId" FROM "Therapist" t
        WHERE {sql.seeded('t."userId"')} AND ({fewer} > {sql.last_day} OR {more} <= {sql.first_day})
    """


RESERVED_HOST = r"(?:[a-z0-9_-]+\.)*(?:example\.(?:com|net|org)|example|test|invalid|localhost)\.?"
"""Hosts that are nobody's: RFC 2606, RFC 6761."""

_HOST = re.compile(RESERVED_HOST, re.IGNORECASE)
_URL = re.compile(r"(?:[a-z][a-z0-9+.-]*://|//|www\.)(?P<rest>[^\s<>\"'()\[\]]*)", re.IGNORECASE)
_EMAIL = re.compile(r"[^\s@<>\"'()\[\],;:]+@(?P<host>[^\s@<>\"'()\[\],;:/?#!]+)")


@dataclass(frozen=True)
class FictionalPhone:
    """Numbers that reach nobody, by the digits of their international form."""

    country: str
    code: str
    digits: str
    """A pattern for what follows the country code."""
    source: str


FICTIONAL_PHONES: tuple[FictionalPhone, ...] = (
    FictionalPhone(
        "United States, Canada and the rest of the North American plan",
        "1",
        r"[2-9]\d{2}55501\d{2}",
        "NANPA: 555-0100 to 555-0199 of every area code are for fiction",
    ),
    FictionalPhone(
        "United Kingdom",
        "44",
        r"7700900\d{3}|1632960\d{3}|2079460\d{3}|1(?:1[3-8]|[2-6]1)4960\d{3}|1914980\d{3}|2896496\d{3}|2920180\d{3}"
        r"|8081570\d{3}|3069990\d{3}",
        "Ofcom: telephone numbers for use in TV and radio drama programmes",
    ),
    FictionalPhone(
        "Australia",
        "61",
        r"[2378](?:5550|7010)\d{4}|491570(?:006|110|156|157|158|159|313|737)|491571(?:266|491|804)"
        r"|491572(?:549|665|983)|491573(?:087|770)|491574(?:118|632)|491575(?:254|789)|491576(?:398|801)"
        r"|491577(?:426|644)|491578(?:148|888|957)|491579(?:212|455|760)",
        "ACMA: phone numbers for use in TV shows, films and creative works",
    ),
    FictionalPhone(
        "Germany",
        "49",
        r"3023125\d{3}|6990009\d{3}|4066969\d{3}|2214710\d{3}|8999998\d{3}|17139200\d{2}|176040690\d{2}",
        "Bundesnetzagentur, Mitteilung 148/2021: Rufnummern für Medienproduktionen",
    ),
    FictionalPhone(
        "France",
        "33",
        r"(?:19900|26191|35301|46571|53649|63998)\d{4}",
        "ARCEP, décision 2018-0881: blocks for audiovisual productions",
    ),
)
"""Where the country has reserved numbers for fiction."""

NOBODYS_NUMBER = r"000\d{4,8}"
"""What follows the code of any other country: no plan has national numbers that begin with 000 (ITU-T E.164)."""

COUNTRY_CODE = (
    r"7|20|27|3[0-469]|4[013-9]|5[1-8]|6[0-6]|8[1246]|9[0-58]"
    r"|2[1-689]\d|3[578]\d|42\d|50\d|59\d|6[7-9]\d|8[0578]\d|9[679]\d"
)
"""The country codes but 1, so that it is known where a national number begins (ITU-T E.164, list of assigned codes)."""

_OTHER_CODE = rf"(?!(?:{'|'.join(phone.code for phone in FICTIONAL_PHONES)})\d)(?:{COUNTRY_CODE})"
_PHONE = re.compile(
    "|".join(
        [rf"\+{phone.code}(?:{phone.digits})" for phone in FICTIONAL_PHONES] + [rf"\+{_OTHER_CODE}{NOBODYS_NUMBER}"]
    )
)


def is_fictional_phone(number: str) -> bool:
    """Whether a number, in international form, reaches nobody."""
    return _PHONE.fullmatch(re.sub(r"[\s().-]", "", number)) is not None


def is_reserved_host(host: str) -> bool:
    """Whether a host is nobody's."""
    return _HOST.fullmatch(host) is not None


@cache
def _is_reserved_authority(authority: str) -> bool:
    host = authority.rpartition("@")[2]
    return is_reserved_host(re.sub(r":\d*$", "", host).rstrip(".,;:!"))


def reaches_somebody(text: str) -> bool:
    """Whether a text has a URL or an e-mail address on a host that is somebody's."""
    if any(not _is_reserved_authority(re.split(r"[/?#\\]", url["rest"], maxsplit=1)[0]) for url in _URL.finditer(text)):
        return True
    return any(not is_reserved_host(email["host"].rstrip(".")) for email in _EMAIL.finditer(text))


TEXTS = {
    "User": ("email", "address", "avatarUrl", "bio"),
    "Therapist": ("mobile",),
    "Community": ("imageUrl", "description"),
    "Post": ("title", "content"),
    "Comment": ("content",),
    "Message": ("content",),
    "Meeting": ("title", "description", "meetingUrl"),
    "MeetingNotes": ("notes",),
    "TherapistAvailability": ("notes",),
    "Worksheet": ("title", "instructions"),
    "WorksheetAssignment": ("feedback",),
    "Review": ("title", "content"),
    "Notification": ("title", "message", "actionUrl"),
    "AuditLog": ("description", "metadata"),
}
"""Where addresses may stand."""


def texts_with_addresses(table: str, columns: Iterable[str]) -> Callable[[Sql], str]:
    """P2: texts of a table that may have an address in them."""
    key = "userId" if table == "Therapist" else "id"

    def select(sql: Sql) -> str:
        parts = []
        for column in columns:
            text = f'CAST(x."{column}" AS text)'
            marks = " OR ".join(sql.contains(text, mark) for mark in ("//", "www.", "@"))
            parts.append(f'SELECT x."{key}", {text} FROM "{table}" x WHERE {sql.seeded(f'x."{key}"')} AND ({marks})')
        return " UNION ALL ".join(parts)

    return select


def reaching(rows: Iterable[tuple[Key, str]]) -> Iterator[Key]:
    """P2: the rows with a text that reaches somebody."""
    return (key for key, text in rows if reaches_somebody(text))


def emails(sql: Sql) -> str:
    """P2: the addresses of users."""
    return f'SELECT u.id, u."email" FROM "User" u WHERE {sql.seeded("u.id")}'


def not_reserved(rows: Iterable[tuple[Key, str]]) -> Iterator[Key]:
    """P2: the users whose address is not on a reserved domain."""
    return (key for key, email in rows if not is_reserved_host(email.rpartition("@")[2]))


def phones(sql: Sql) -> str:
    """P2: the numbers of therapists."""
    return f'SELECT t."userId", t."mobile" FROM "Therapist" t WHERE {sql.seeded('t."userId"')}'


def not_fictional(rows: Iterable[tuple[Key, str]]) -> Iterator[Key]:
    """P2: the therapists whose number may reach somebody."""
    return (key for key, number in rows if not is_fictional_phone(number))


def license_looks_real(sql: Sql) -> str:
    """P2: therapists whose licence number could be one."""
    return f"""
        SELECT t."userId" FROM "Therapist" t WHERE {sql.seeded('t."userId"')}
        AND upper(t."licenseNumber") NOT LIKE '%SYN%' AND upper(t."licenseNumber") NOT LIKE '%DEMO%'
    """


def internet_addresses(sql: Sql) -> str:
    """P2: where audit logs came from."""
    return f"""
        SELECT l.id, CAST(l."ipAddress" AS text) FROM "AuditLog" l
        WHERE {sql.seeded("l.id")} AND l."ipAddress" IS NOT NULL
    """


def of_the_internet(rows: Iterable[tuple[Key, str]]) -> Iterator[Key]:
    """P2: the logs from an address that can be somebody's."""
    return (key for key, address in rows if ip_address(address.partition("/")[0]).is_global)


RULES = (
    Rule("P1", "User", "Role and profile table agree.", profile_disagrees),
    Rule("P1", "User", "Clients and therapists are adults.", minor),
    Rule("P1", "Therapist", "yearsOfExperience agrees with practiceStartDate.", experience_disagrees),
    Rule("P2", "User", "E-mail addresses are in reserved domains.", emails, not_reserved),
    Rule("P2", "Therapist", "Phone numbers are fiction's.", phones, not_fictional),
    Rule("P2", "Therapist", "Licence numbers are visibly synthetic.", license_looks_real),
    Rule("P2", "AuditLog", "IP addresses are nobody's.", internet_addresses, of_the_internet),
    *(
        Rule("P2", table, "Addresses in texts are on reserved domains.", texts_with_addresses(table, columns), reaching)
        for table, columns in TEXTS.items()
    ),
)
