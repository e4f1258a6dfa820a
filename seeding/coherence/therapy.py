"""Therapy: R1 to R8."""
# ruff: noqa: S608 - the names of tables and columns are constants

from __future__ import annotations

import datetime as dt
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from zoneinfo import ZoneInfo

from seeding.coherence.rule import Key, Rule

DAYS = ("MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY")
EPOCH_DAY = DAYS.index("THURSDAY")  # 1970-01-01
DAY = 86_400
FIRST_YEAR, LAST_YEAR = 3, 9997
"""Between these every zone's calendar has the years before and after, too."""


@dataclass(frozen=True)
class Window:
    """Hours of a weekday, in seconds from midnight by the clocks of a zone."""

    zone: str
    day: int
    opens: int
    closes: int

    def holds(self, start: int, end: int) -> bool:
        """Tell whether a meeting between two instants lies inside."""
        starts, ends = start + offset(self.zone, start), end + offset(self.zone, end)
        midnight = starts - starts % DAY
        on_the_day = (midnight // DAY + EPOCH_DAY) % 7 == self.day
        return on_the_day and starts - midnight >= self.opens and ends - midnight <= self.closes


def outside_the_windows(meetings: Iterable[tuple[Key, int, int, str | None]]) -> Iterator[Key]:
    """Pick the meetings that lie inside none of their therapist's windows."""
    known: dict[str, list[Window]] = {}
    for key, start, end, text in meetings:
        windows = known.get(text or "")
        if windows is None:
            windows = known[text or ""] = list(read_windows(text or ""))
        if not any(window.holds(start, end) for window in windows):
            yield key


def read_windows(text: str) -> Iterator[Window]:
    """Read windows as the query spells them; one that cannot be read, in a zone that is none, holds no meeting."""
    for window in text.split(";"):
        try:
            zone, day, opens, closes = window.split(" ")
            ZoneInfo(zone)
            yield Window(zone, DAYS.index(day), seconds(opens), seconds(closes))
        except (KeyError, ValueError, OSError):  # the last for the name of a folder of zones
            continue


def seconds(clock: str) -> int:
    """Turn HH:MM into seconds from midnight."""
    hours, minutes = clock.split(":")
    return int(hours) * 3600 + int(minutes) * 60


def offset(zone: str, instant: int) -> int:
    """Tell by how many seconds a zone's clocks are ahead of UTC at an instant."""
    year = 1970 + instant * 4 // (1461 * DAY)
    changes, offsets = clock_changes(zone, min(max(year, FIRST_YEAR), LAST_YEAR))
    return offsets[bisect_right(changes, instant)]


@cache
def clock_changes(zone: str, year: int) -> tuple[list[int], list[int]]:
    """Find when a zone's clocks change, from the year before to the year after, and the offsets in between."""
    known = ZoneInfo(zone)

    def ahead(instant: int) -> int:
        utc_offset = dt.datetime.fromtimestamp(instant, tz=known).utcoffset()
        return round(utc_offset.total_seconds()) if utc_offset else 0

    first = round(dt.datetime(year - 1, 1, 1, tzinfo=dt.UTC).timestamp())
    changes, offsets = [], [ahead(first)]
    for day in range(first, first + 3 * 366 * DAY, DAY):
        before, after = day, day + DAY
        if ahead(after) == offsets[-1]:
            continue
        while after - before > 1:
            middle = (before + after) // 2
            before, after = (middle, after) if ahead(middle) == offsets[-1] else (before, middle)
        changes.append(after)
        offsets.append(ahead(after))
    return changes, offsets


def overlapping(rows: str, whose: str, begins: str, ends: str) -> str:
    """R3 and R5: rows that overlap another of the same; `begins` is no later than `ends`.

    Of two that begin together the shorter comes first, or one that ends at once would be taken for busy afterwards.
    """
    return f"""
        SELECT id FROM (
            SELECT id, begins, ends,
                   max(ends) OVER (diary ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS "busy until",
                   lead(begins) OVER diary AS "busy again"
            FROM (SELECT id, {whose}, {begins} AS begins, {ends} AS ends FROM {rows}) r
            WINDOW diary AS (PARTITION BY {whose} ORDER BY begins, ends, id)
        ) s WHERE {{seeded(id)}} AND ("busy until" > begins OR "busy again" < ends)
    """


def meetings_at_once(whose: str) -> str:
    """R3: one that ends before it starts, as others may write it, takes the time between all the same."""
    reverse = '"endTime" < "startTime"'
    return overlapping(
        """ "Meeting" WHERE "status" <> 'CANCELLED' """,
        whose,
        f'CASE WHEN {reverse} THEN "endTime" ELSE "startTime" END',
        f'CASE WHEN {reverse} THEN "startTime" ELSE "endTime" END',
    )


def of_assignments(statement: str, broken: str) -> Rule:
    """R6: assignments for which a condition holds."""
    select = f"""SELECT a.id FROM "WorksheetAssignment" a WHERE {{seeded(a.id)}} AND {broken}"""
    return Rule("R6", "WorksheetAssignment", statement, select)


RULES = (
    Rule(
        "R1",
        "Meeting",
        "A meeting joins a client and a therapist who have a ClientTherapist row, and is not older than it.",
        """
        SELECT m.id FROM "Meeting" m
        LEFT JOIN "ClientTherapist" r ON r."clientId" = m."clientId" AND r."therapistId" = m."therapistId"
        WHERE {seeded(m.id)} AND {missing_by(r.id, r."assignedAt", m."createdAt")}
        """,
    ),
    Rule(
        "R1",
        "WorksheetAssignment",
        "An assignment joins a client and a therapist who have a ClientTherapist row, and is not older than it.",
        """
        SELECT a.id FROM "WorksheetAssignment" a JOIN "Worksheet" w ON w.id = a."worksheetId"
        LEFT JOIN "ClientTherapist" r ON r."clientId" = a."clientId" AND r."therapistId" = w."therapistId"
        WHERE {seeded(a.id)} AND {missing_by(r.id, r."assignedAt", a."assignedAt")}
        """,
    ),
    Rule(
        "R1",
        "Review",
        "A review joins a client and a therapist who have a ClientTherapist row, and is not older than it.",
        """
        SELECT v.id FROM "Review" v
        LEFT JOIN "ClientTherapist" r ON r."clientId" = v."clientId" AND r."therapistId" = v."therapistId"
        WHERE {seeded(v.id)} AND {missing_by(r.id, r."assignedAt", v."createdAt")}
        """,
    ),
    Rule(
        "R1",
        "Meeting",
        "An inactive relationship has no meeting after asOf.",
        """
        SELECT m.id FROM "Meeting" m
        JOIN "ClientTherapist" r ON r."clientId" = m."clientId" AND r."therapistId" = m."therapistId"
        WHERE {seeded(m.id)} AND r."status" = 'inactive' AND m."startTime" > {last}
        """,
    ),
    Rule(
        "R2",
        "Meeting",
        "A meeting lies inside one availability window of the therapist, in the window's own timezone.",
        """
        SELECT m.id, {epoch(m."startTime")}, {epoch(m."endTime")}, w.windows
        FROM "Meeting" m LEFT JOIN (
            SELECT "therapistId",
                   {joined("timezone" || ' ' || "dayOfWeek" || ' ' || "startTime" || ' ' || "endTime")} AS windows
            FROM "TherapistAvailability" WHERE "isAvailable" GROUP BY "therapistId"
        ) w ON w."therapistId" = m."therapistId"
        WHERE {seeded(m.id)}
        """,
        outside_the_windows,
    ),
    Rule(
        "R3",
        "Meeting",
        "No two meetings that are not CANCELLED overlap for one therapist.",
        meetings_at_once('"therapistId"'),
    ),
    Rule(
        "R3",
        "Meeting",
        "No two meetings that are not CANCELLED overlap for one client.",
        meetings_at_once('"clientId"'),
    ),
    Rule(
        "R4",
        "MeetingNotes",
        "Notes belong to COMPLETED meetings and are written after the end.",
        """
        SELECT n.id FROM "MeetingNotes" n JOIN "Meeting" m ON m.id = n."meetingId"
        WHERE {seeded(n.id)} AND (m."status" <> 'COMPLETED' OR n."createdAt" <= m."endTime")
        """,
    ),
    Rule(
        "R5",
        "TherapistAvailability",
        "A therapist's windows on one day do not overlap.",
        overlapping(
            '"TherapistAvailability" WHERE "isAvailable" AND {is_clock("startTime")} AND {is_clock("endTime")}',
            '"therapistId", "dayOfWeek"',
            '{clock("startTime")}',
            # One past midnight ends with the day.
            """CASE WHEN {clock("endTime")} < {clock("startTime")} THEN '24:00' ELSE {clock("endTime")} END""",
        ),
    ),
    Rule(
        "R5",
        "TherapistAvailability",
        "A window's start is before its end.",
        """
        SELECT w.id FROM "TherapistAvailability" w WHERE {seeded(w.id)} AND w."startTime" >= w."endTime"
        """,
    ),
    of_assignments(
        "submittedAt is set exactly when SUBMITTED or REVIEWED.",
        """(a."submittedAt" IS NOT NULL) <> (a."status" IN ('SUBMITTED', 'REVIEWED'))""",
    ),
    of_assignments(
        "feedback is set exactly when REVIEWED.",
        """(coalesce(a."feedback", '') <> '') <> (a."status" = 'REVIEWED')""",
    ),
    of_assignments("OVERDUE is past due.", """a."status" = 'OVERDUE' AND a."dueDate" >= {last}"""),
    of_assignments("ASSIGNED is due after asOf.", """a."status" = 'ASSIGNED' AND a."dueDate" <= {first}"""),
    of_assignments("dueDate > assignedAt.", """a."dueDate" <= a."assignedAt" """),
    Rule(
        "R7",
        "Review",
        "A review is of a COMPLETED meeting of that pair, after its end.",
        """
        SELECT v.id FROM "Review" v JOIN "Meeting" m ON m.id = v."meetingId"
        WHERE v."meetingId" IS NOT NULL AND {seeded(v.id)} AND (
            m."status" <> 'COMPLETED' OR v."createdAt" <= m."endTime"
            OR m."clientId" <> v."clientId" OR m."therapistId" <> v."therapistId")
        """,
    ),
    Rule(
        "R7",
        "Review",
        "A meeting has at most one review.",
        """
        SELECT id FROM (
            SELECT id, count(*) OVER (PARTITION BY "meetingId") AS reviews FROM "Review" WHERE "meetingId" IS NOT NULL
        ) v WHERE reviews > 1 AND {seeded(id)}
        """,
    ),
    Rule(
        "R7",
        "Review",
        "isVerified exactly when it has a meeting.",
        """
        SELECT v.id FROM "Review" v WHERE {seeded(v.id)} AND v."isVerified" <> (v."meetingId" IS NOT NULL)
        """,
    ),
    Rule(
        "R8",
        "ClientTherapist",
        "Only APPROVED therapists have relationships.",
        """
        SELECT r.id FROM "ClientTherapist" r JOIN "Therapist" t ON t."userId" = r."therapistId"
        WHERE {seeded(r.id)} AND t."status" <> 'APPROVED'
        """,
    ),
    Rule(
        "R8",
        "ClientTherapist",
        "Nobody is assigned to a therapist before the approval, unless that has just come.",
        """
        SELECT r.id FROM "ClientTherapist" r JOIN "Therapist" t ON t."userId" = r."therapistId"
        WHERE {seeded(r.id)} AND r."assignedAt" < t."processedAt" AND t."processedAt" <= {old_enough}
        """,
    ),
    Rule(
        "R8",
        "Therapist",
        "APPROVED and REJECTED name the admin who decided, and when; PENDING names nobody.",
        """
        SELECT t."userId" FROM "Therapist" t
        WHERE {seeded(t."userId")} AND (
            t."status" IN ('APPROVED', 'REJECTED') AND (t."processedByAdminId" IS NULL OR t."processedAt" IS NULL)
            OR t."status" = 'PENDING' AND (t."processedByAdminId" IS NOT NULL OR t."processedAt" IS NOT NULL))
        """,
    ),
)
