"""Therapy: R1 to R8."""

from __future__ import annotations

import datetime as dt
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from zoneinfo import ZoneInfo

from seeding.coherence.rule import Key, Rule
from seeding.coherence.sql import Sql

DAYS = ("MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY")
DAY = 86_400
THURSDAY = 3  # 1970 began on one


def unrelated(sql: Sql, row: str, at: str) -> str:
    """Whether `r` is no relationship, or a later one that does not excuse the row."""
    return f'(r.id IS NULL OR r."assignedAt" > {row}."{at}" AND NOT {sql.young("r.id", 'r."assignedAt"')})'


def meeting_unrelated(sql: Sql) -> str:
    """R1: meetings of two without a relationship by then."""
    return f"""
        SELECT m.id FROM "Meeting" m
        LEFT JOIN "ClientTherapist" r ON r."clientId" = m."clientId" AND r."therapistId" = m."therapistId"
        WHERE {sql.seeded("m.id")} AND {unrelated(sql, "m", "createdAt")}
    """


def assignment_unrelated(sql: Sql) -> str:
    """R1: assignments between two without a relationship by then."""
    return f"""
        SELECT a.id FROM "WorksheetAssignment" a JOIN "Worksheet" w ON w.id = a."worksheetId"
        LEFT JOIN "ClientTherapist" r ON r."clientId" = a."clientId" AND r."therapistId" = w."therapistId"
        WHERE {sql.seeded("a.id")} AND {unrelated(sql, "a", "assignedAt")}
    """


def review_unrelated(sql: Sql) -> str:
    """R1: reviews between two without a relationship by then."""
    return f"""
        SELECT v.id FROM "Review" v
        LEFT JOIN "ClientTherapist" r ON r."clientId" = v."clientId" AND r."therapistId" = v."therapistId"
        WHERE {sql.seeded("v.id")} AND {unrelated(sql, "v", "createdAt")}
    """


def meeting_after_the_relationship(sql: Sql) -> str:
    """R1: meetings to come of a relationship that is over."""
    return f"""
        SELECT m.id FROM "Meeting" m
        JOIN "ClientTherapist" r ON r."clientId" = m."clientId" AND r."therapistId" = m."therapistId"
        WHERE {sql.seeded("m.id")} AND r."status" = 'inactive' AND m."startTime" > {sql.last}
    """


def meetings_and_windows(sql: Sql) -> str:
    """R2: each meeting, when it starts and ends, and the windows of its therapist."""
    return f"""
        SELECT m.id, {sql.epoch('m."startTime"')}, {sql.epoch('m."endTime"')}, w.windows
        FROM "Meeting" m LEFT JOIN (
            SELECT "therapistId",
                   {sql.joined('''"timezone" || ' ' || "dayOfWeek" || ' ' || "startTime" || ' ' || "endTime"''')} AS windows
            FROM "TherapistAvailability" WHERE "isAvailable" GROUP BY "therapistId"
        ) w ON w."therapistId" = m."therapistId"
        WHERE {sql.seeded("m.id")}
    """


def outside_the_windows(meetings: Iterable[tuple[Key, int, int, str | None]]) -> Iterator[Key]:
    """R2: the meetings that lie inside none of their therapist's windows, by the clock of the window's zone."""
    for key, start, end, windows in meetings:
        if not any(_inside(start, end, *window) for window in _windows(windows or "")):
            yield key


@cache
def _windows(text: str) -> tuple[tuple[str, int, int, int], ...]:
    """The windows of a therapist: time zone, day of the week, and the seconds of that day at either end."""
    windows = []
    for window in filter(None, text.split(";")):
        zone, day, opens, closes = window.split(" ")
        windows.append((zone, DAYS.index(day), _seconds(opens), _seconds(closes)))
    return tuple(windows)


def _seconds(clock: str) -> int:
    hours, minutes = clock.split(":")
    return int(hours) * 3600 + int(minutes) * 60


def _inside(start: int, end: int, zone: str, day: int, opens: int, closes: int) -> bool:
    starts, ends = start + _offset(zone, start), end + _offset(zone, end)
    midnight = starts - starts % DAY
    return (starts // DAY + THURSDAY) % 7 == day and starts - midnight >= opens and ends - midnight <= closes


def _offset(zone: str, instant: int) -> int:
    """The seconds by which a zone's clocks are ahead of UTC at an instant."""
    year = 1970 + instant // (365 * DAY + DAY // 4)
    changes, offsets = _clock_changes(zone, year)
    return offsets[bisect_right(changes, instant)]


@cache
def _clock_changes(zone: str, year: int) -> tuple[list[int], list[int]]:
    """The instants from the year before to the year after at which a zone's clocks change, and the offsets between."""
    known = ZoneInfo(zone)

    def offset(instant: int) -> int:
        ahead = dt.datetime.fromtimestamp(instant, tz=known).utcoffset()
        return int(ahead.total_seconds()) if ahead else 0

    first = int(dt.datetime(year - 1, 1, 1, tzinfo=dt.UTC).timestamp())
    changes, offsets = [], [offset(first)]
    for day in range(first, first + 3 * 366 * DAY, DAY):
        before, after = day, day + DAY
        if offset(after) != offsets[-1]:
            while after - before > 1:
                middle = (before + after) // 2
                before, after = (middle, after) if offset(middle) == offsets[-1] else (before, middle)
            changes.append(after)
            offsets.append(offset(after))
    return changes, offsets


def overlapping(sql: Sql, source: str, whose: str) -> str:
    """Seeded rows that overlap another of the same."""
    return f"""
        SELECT id FROM (
            SELECT id, "startTime", "endTime",
                   max("endTime") OVER (PARTITION BY {whose} ORDER BY "startTime", id
                                        ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS "busy until",
                   lead("startTime") OVER (PARTITION BY {whose} ORDER BY "startTime", id) AS "busy again"
            FROM {source}
        ) s WHERE {sql.seeded("id")} AND ("busy until" > "startTime" OR "busy again" < "endTime")
    """


def double_booked(whose: str) -> Callable[[Sql], str]:
    """R3: meetings that overlap another of the same therapist or client."""
    return lambda sql: overlapping(sql, """"Meeting" WHERE "status" <> 'CANCELLED'""", f'"{whose}"')


def notes_astray(sql: Sql) -> str:
    """R4: notes of a session that was not held, or that was not over."""
    return f"""
        SELECT n.id FROM "MeetingNotes" n JOIN "Meeting" m ON m.id = n."meetingId"
        WHERE {sql.seeded("n.id")} AND (m."status" <> 'COMPLETED' OR n."createdAt" <= m."endTime")
    """


def windows_overlap(sql: Sql) -> str:
    """R5: windows that overlap another of the same therapist and day."""
    return overlapping(sql, '"TherapistAvailability" WHERE "isAvailable"', '"therapistId", "dayOfWeek"')


def window_backwards(sql: Sql) -> str:
    """R5: windows that end before they start."""
    return f"""
        SELECT w.id FROM "TherapistAvailability" w WHERE {sql.seeded("w.id")} AND w."startTime" >= w."endTime"
    """


def assignment(statement: str, broken: Callable[[Sql], str]) -> Rule:
    """R6: seeded assignments for which the condition holds."""
    return Rule(
        "R6",
        "WorksheetAssignment",
        statement,
        lambda sql: f'SELECT a.id FROM "WorksheetAssignment" a WHERE {sql.seeded("a.id")} AND ({broken(sql)})',
    )


def review_astray(sql: Sql) -> str:
    """R7: reviews of a meeting of others, or one that was not held, or not over."""
    return f"""
        SELECT v.id FROM "Review" v JOIN "Meeting" m ON m.id = v."meetingId"
        WHERE {sql.seeded("v.id")} AND (
            m."status" <> 'COMPLETED' OR v."createdAt" <= m."endTime"
            OR m."clientId" <> v."clientId" OR m."therapistId" <> v."therapistId")
    """


def reviewed_twice(sql: Sql) -> str:
    """R7: reviews of a meeting that has another."""
    return f"""
        SELECT id FROM (
            SELECT id, count(*) OVER (PARTITION BY "meetingId") AS reviews FROM "Review" WHERE "meetingId" IS NOT NULL
        ) v WHERE reviews > 1 AND {sql.seeded("id")}
    """


def verified_wrongly(sql: Sql) -> str:
    """R7: reviews verified without a meeting, or unverified with one."""
    return f"""
        SELECT v.id FROM "Review" v WHERE {sql.seeded("v.id")} AND v."isVerified" <> (v."meetingId" IS NOT NULL)
    """


def relationship_unapproved(sql: Sql) -> str:
    """R8: relationships of therapists who are not approved."""
    return f"""
        SELECT r.id FROM "ClientTherapist" r JOIN "Therapist" t ON t."userId" = r."therapistId"
        WHERE {sql.seeded("r.id")} AND t."status" <> 'APPROVED'
    """


def decided_by_nobody(sql: Sql) -> str:
    """R8: therapists decided on by nobody or at no time, or not decided on by somebody."""
    return f"""
        SELECT t."userId" FROM "Therapist" t
        WHERE {sql.seeded('t."userId"')} AND (
            t."status" IN ('APPROVED', 'REJECTED') AND (t."processedByAdminId" IS NULL OR t."processedAt" IS NULL)
            OR t."status" = 'PENDING' AND (t."processedByAdminId" IS NOT NULL OR t."processedAt" IS NOT NULL))
    """


JOINED = "joins two who have a relationship, and is not older than it."
RULES = (
    Rule("R1", "Meeting", f"A meeting {JOINED}", meeting_unrelated),
    Rule("R1", "WorksheetAssignment", f"A worksheet assignment {JOINED}", assignment_unrelated),
    Rule("R1", "Review", f"A review {JOINED}", review_unrelated),
    Rule("R1", "Meeting", "An inactive relationship has no meeting after asOf.", meeting_after_the_relationship),
    Rule(
        "R2",
        "Meeting",
        "A meeting lies inside one availability window of the therapist, in the window's own timezone.",
        meetings_and_windows,
        outside_the_windows,
    ),
    Rule("R3", "Meeting", "No two meetings of one therapist overlap.", double_booked("therapistId")),
    Rule("R3", "Meeting", "No two meetings of one client overlap.", double_booked("clientId")),
    Rule("R4", "MeetingNotes", "Notes belong to COMPLETED meetings and are written after the end.", notes_astray),
    Rule("R5", "TherapistAvailability", "A therapist's windows on one day do not overlap.", windows_overlap),
    Rule("R5", "TherapistAvailability", "A window's start is before its end.", window_backwards),
    assignment(
        "submittedAt is set exactly when SUBMITTED or REVIEWED.",
        lambda sql: """(a."submittedAt" IS NOT NULL) <> (a."status" IN ('SUBMITTED', 'REVIEWED'))""",
    ),
    assignment(
        "feedback is set exactly when REVIEWED.",
        lambda sql: """(coalesce(a."feedback", '') <> '') <> (a."status" = 'REVIEWED')""",
    ),
    assignment(
        "OVERDUE is past due.",
        lambda sql: f"""a."status" = 'OVERDUE' AND a."dueDate" >= {sql.last}""",
    ),
    assignment(
        "ASSIGNED is due after asOf.",
        lambda sql: f"""a."status" = 'ASSIGNED' AND a."dueDate" <= {sql.first}""",
    ),
    assignment("dueDate > assignedAt.", lambda sql: 'a."dueDate" <= a."assignedAt"'),
    Rule("R7", "Review", "A review is of a COMPLETED meeting of that pair, after its end.", review_astray),
    Rule("R7", "Review", "A meeting has at most one review.", reviewed_twice),
    Rule("R7", "Review", "isVerified exactly when it has a meeting.", verified_wrongly),
    Rule("R8", "ClientTherapist", "Only APPROVED therapists have relationships.", relationship_unapproved),
    Rule("R8", "Therapist", "APPROVED and REJECTED name the admin who decided, and when.", decided_by_nobody),
)
