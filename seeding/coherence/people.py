"""People: P1 and P2."""
# ruff: noqa: S608 - the names of tables and columns are constants

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import ip_address

from seeding.coherence.rule import Rule, Sift

PROFILES = {"client": "Client", "therapist": "Therapist", "admin": "Admin", "moderator": "Moderator"}
TEXTS = {
    "User": ("firstName", "middleName", "lastName", "address", "bio"),
    "Client": ("city", "country"),
    "Therapist": ("province", "providerType", "approaches", "languages"),
    "Community": ("name", "description"),
    "Post": ("title", "content"),
    "Comment": ("content",),
    "Conversation": ("title",),
    "Message": ("content",),
    "Meeting": ("title", "description"),
    "MeetingNotes": ("notes",),
    "TherapistAvailability": ("notes",),
    "Worksheet": ("title", "instructions", "category"),
    "WorksheetAssignment": ("feedback",),
    "Review": ("title", "content"),
    "Notification": ("title", "message", "actionUrl"),
    "AuditLog": ("description", "metadata"),
}
"""Where an address may stand among words."""
URLS = {"User": "avatarUrl", "Community": "imageUrl", "Meeting": "meetingUrl"}
"""What is a URL, or nothing."""


@dataclass(frozen=True)
class FictionalPhone:
    """Numbers set aside for fiction: what follows the country code, as a pattern of digits."""

    country: str
    code: str
    digits: str
    source: str


FICTIONAL_PHONES: tuple[FictionalPhone, ...] = (
    FictionalPhone(
        "United States, Canada and the rest of the North American plan",
        "1",
        r"[2-9]\d{2}55501\d{2}",
        "NANPA: 555-0100 to 555-0199 of every area code",
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
        r"[2378](?:5550|7010)\d{4}|49157(?:0(?:006|110|156|157|158|159|313|737)|1(?:266|491|804)|2(?:549|665|983)"
        r"|3(?:087|770)|4(?:118|632)|5(?:254|789)|6(?:398|801)|7(?:426|644)|8(?:148|888|957)|9(?:212|455|760))",
        "ACMA: phone numbers for use in TV shows, films and creative works",
    ),
    FictionalPhone(
        "Germany",
        "49",
        r"3023125\d{3}|6990009\d{3}|4066969\d{3}|2214710\d{3}|8999998\d{3}|17139200\d{2}|176040690\d{2}",
        "Bundesnetzagentur: Mitteilung 148/2021, Rufnummern für Medienproduktionen",
    ),
    FictionalPhone(
        "France",
        "33",
        r"(?:19900|26191|35301|46571|53649|63998)\d{4}",
        "ARCEP: décision 2018-0881, blocks for audiovisual productions",
    ),
)
NOBODYS_PHONE = r"000\d{4,8}"
"""What follows the code of any other country: a number that begins with 000 is assigned in no national plan."""
COUNTRY_CODE = (
    r"7|20|27|3[0-469]|4[013-9]|5[1-8]|6[0-6]|8[1246]|9[0-58]"
    r"|2[1-689]\d|3[578]\d|42\d|50\d|59\d|6[7-9]\d|8[0578]\d|9[679]\d"
)
"""The country codes but 1 (ITU-T E.164): they tell where a national number begins."""

_PHONE = re.compile(
    "|".join(
        [
            *(rf"\+{phone.code}(?:{phone.digits})" for phone in FICTIONAL_PHONES),
            rf"\+(?!{'|'.join(phone.code for phone in FICTIONAL_PHONES)})(?:{COUNTRY_CODE}){NOBODYS_PHONE}",
        ]
    )
)
_HOST = re.compile(r"(?:[a-z0-9_-]+\.)*(?:example\.(?:com|net|org)|example|test|invalid|localhost)", re.IGNORECASE)
_URL = re.compile(r"(?:[a-z][a-z0-9+.-]*://|^//|www\.)[^\s<>\"'()\[\]]*", re.IGNORECASE)
_EMAIL = re.compile(r"[^\s@<>\"'()\[\],;:]+@(?P<host>[^\s@<>\"'()\[\],;:/?#!]+)")


def is_fictional_phone(number: str) -> bool:
    """Tell whether a number, in international form, reaches nobody."""
    return _PHONE.fullmatch(re.sub(r"[\s().-]", "", number)) is not None


@lru_cache(maxsize=100_000)
def is_reserved_host(host: str) -> bool:
    """Tell whether a host, perhaps with a port, is nobody's: RFC 2606, RFC 6761."""
    return _HOST.fullmatch(re.sub(r"[.,;!]*(?::\d*)?[.,;:!]*$", "", host)) is not None


def is_reserved_url(url: str) -> bool:
    """Tell whether a URL is nobody's: a path of our own, or on a reserved host."""
    if url.startswith("/") and not url.startswith("//"):
        return True
    authority = re.split(r"[/?#\\]", url.partition("//")[2] or url, maxsplit=1)[0]
    return is_reserved_host(authority.rpartition("@")[2])


def reaches_nobody(text: str) -> bool:
    """Tell whether every URL and e-mail address in a text is on a host that is nobody's."""
    return all(is_reserved_url(url.group()) for url in _URL.finditer(text)) and all(
        is_reserved_host(email["host"]) for email in _EMAIL.finditer(text)
    )


def unless(fine: Callable[[str], bool]) -> Sift:
    """Pick the rows whose value is not fine."""
    return lambda rows: (key for key, value in rows if not fine(value))


def role_and_profile() -> str:
    """P1: users without the profile of their role, or with that of another."""
    joins = " ".join(f'LEFT JOIN "{table}" ON "{table}"."userId" = u.id' for table in PROFILES.values())
    broken = " OR ".join(f"""(u."role" = '{r}') <> ("{t}"."userId" IS NOT NULL)""" for r, t in PROFILES.items())
    return f'SELECT u.id FROM "User" u {joins} WHERE {{seeded(u.id)}} AND ({broken})'


def texts(table: str, columns: Iterable[str]) -> str:
    """P2: texts of a table that may have an address in them."""
    parts, key = [], 'x."userId"' if table in PROFILES.values() else "x.id"
    for column in columns:
        text = f'CAST(x."{column}" AS text)'
        marks = " OR ".join(f"{{contains({text}, {mark})}}" for mark in ("//", "www.", "@"))
        parts.append(f'SELECT {key}, {text} FROM "{table}" x WHERE {{seeded({key})}} AND ({marks})')
    return " UNION ALL ".join(parts)


def urls(table: str, column: str) -> str:
    """P2: URLs of a table."""
    return f"""SELECT x.id, x."{column}" FROM "{table}" x WHERE {{seeded(x.id)}} AND x."{column}" <> '' """


RULES = (
    Rule("P1", "User", "Role and profile table agree.", role_and_profile()),
    Rule(
        "P1",
        "User",
        "Clients and therapists are adults.",
        """
        SELECT u.id FROM "User" u WHERE {seeded(u.id)} AND u."role" IN ('client', 'therapist')
          AND {years_later(u."birthDate", 18)} > {last_day}
        """,
    ),
    Rule(
        "P1",
        "Therapist",
        "yearsOfExperience agrees with practiceStartDate, give or take a year.",
        """
        SELECT t."userId" FROM "Therapist" t WHERE {seeded(t."userId")} AND (
            {years_later(t."practiceStartDate", t."yearsOfExperience" - 1)} > {last_day}
            OR {years_later(t."practiceStartDate", t."yearsOfExperience" + 2)} <= {first_day})
        """,
    ),
    Rule(
        "P2",
        "User",
        "E-mail addresses are in reserved domains.",
        'SELECT u.id, u."email" FROM "User" u WHERE {seeded(u.id)}',
        unless(lambda email: is_reserved_host(email.rpartition("@")[2])),
    ),
    Rule(
        "P2",
        "Therapist",
        "Phone numbers are reserved for fiction, or nobody's.",
        'SELECT t."userId", t."mobile" FROM "Therapist" t WHERE {seeded(t."userId")}',
        unless(is_fictional_phone),
    ),
    Rule(
        "P2",
        "Therapist",
        "Licence numbers are visibly synthetic.",
        """
        SELECT t."userId" FROM "Therapist" t WHERE {seeded(t."userId")}
          AND upper(t."licenseNumber") NOT LIKE '%SYN%' AND upper(t."licenseNumber") NOT LIKE '%DEMO%'
        """,
    ),
    Rule(
        "P2",
        "AuditLog",
        "IP addresses are nobody's.",
        """
        SELECT l.id, CAST(l."ipAddress" AS text) FROM "AuditLog" l WHERE {seeded(l.id)} AND l."ipAddress" IS NOT NULL
        """,
        unless(lambda address: not ip_address(address.partition("/")[0]).is_global),
    ),
    *(
        Rule("P2", table, f"{column} is on a reserved domain.", urls(table, column), unless(is_reserved_url))
        for table, column in URLS.items()
    ),
    *(
        Rule(
            "P2",
            table,
            "Texts have no address outside reserved domains.",
            texts(table, columns),
            unless(reaches_nobody),
        )
        for table, columns in TEXTS.items()
    ),
)
