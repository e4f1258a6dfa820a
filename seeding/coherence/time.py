"""Time: T1 to T3."""
# ruff: noqa: S608 - the names of tables and columns are constants

from __future__ import annotations

from collections.abc import Iterator

from seeding.coherence.rule import Rule
from seeding.coherence.tables import NAMED, TABLES, Table


def older_than_a_parent(name: str, table: Table) -> str:
    """T1: rows that came about before a row they refer to, or refer to one that is not there.

    Parent by parent, and without the NULLs: PostgreSQL's parallel hash join takes gigabytes where many keys are NULL.
    """
    parts = []
    for column, parent_name in table.parents.items():
        parent = TABLES[parent_name]
        key, dated = f'p."{parent.key}"', f'p."{parent.dated}"'
        older = " OR ".join(f'{dated} > c."{own}"' for own in (table.dated, *table.also) if own) or "1 = 0"
        parts.append(f"""
            SELECT c."{table.key}" FROM "{name}" c LEFT JOIN "{parent_name}" p ON {key} = c."{column}"
            WHERE c."{column}" IS NOT NULL AND {{seeded(c."{table.key}")}}
              AND ({key} IS NULL OR ({older}) AND NOT {{young({key}, {dated})}})
        """)
    return " UNION ALL ".join(parts)


def happened_before(name: str, table: Table, times: list[str]) -> str:
    """T1: rows to which something happened before they came about."""
    broken = " OR ".join(f'c."{column}" < c."{table.dated}"' for column in times)
    return f"""SELECT c."{table.key}" FROM "{name}" c WHERE {{seeded(c."{table.key}")}} AND ({broken})"""


def after_as_of(name: str, table: Table) -> str:
    """T2: rows with an instant after as-of that lie behind no row which allows it."""
    stamps = [table.dated, *table.also, *table.times, *(["updatedAt"] if table.updated else [])]
    late = " OR ".join(f'c."{stamp}" > {{last}}' for stamp in stamps)
    allowed = " OR ".join(f"EXISTS ({row})" for row in rows_ahead(name, table)) or "1 = 0"
    if name == "Conversation":  # it moves with its messages: M3 judges lastMessageAt, and updatedAt may be the same
        allowed = 'c."createdAt" <= {last} AND c."updatedAt" <= c."lastMessageAt"'
    return f"""
        SELECT c."{table.key}" FROM "{name}" c
        WHERE {{seeded(c."{table.key}")}} AND ({late}) AND ({allowed}) IS NOT TRUE
    """


def rows_ahead(name: str, table: Table) -> Iterator[str]:
    """Yield queries for the rows behind which row `c` may lie after as-of."""
    for column, parent in table.parents.items():
        yield row_ahead(parent, f'c."{column}"')
    if name == "Therapist":
        yield row_ahead("Admin", 'c."processedByAdminId"')
    if name == "Message":  # M2: the sender joined before it
        yield """
            SELECT 1 FROM "ConversationParticipant" p
            WHERE p."conversationId" = c."conversationId" AND p."userId" = c."senderId"
              AND {recent(p.id, p."joinedAt")}
        """
    if name in {"MeetingNotes", "Review"}:  # R4 and R7: they follow the session's end
        yield """
            SELECT 1 FROM "Meeting" p
            WHERE p.id = c."meetingId" AND {foreign(p.id)} AND {recent(p.id, p."endTime")}
        """
    if name in NAMED:  # N1 and N2: they follow the row they name
        entity, key = (part.format("c") for part in NAMED[name])
        for other, entity_table in TABLES.items():
            if entity_table.dated:
                yield f"{row_ahead(other, key)} AND {entity} = '{other}'"


def row_ahead(name: str, key: str) -> str:
    """Give the query for the row with this key, if a row may lie after as-of behind it."""
    table = TABLES[name]
    own = f'p."{table.key}"'
    return f"""SELECT 1 FROM "{name}" p WHERE {own} = {key} AND {{recent({own}, p."{table.dated}")}}"""


def of_each_table() -> Iterator[Rule]:
    """T1 and T2."""
    for name, table in TABLES.items():
        if table.parents:
            parents = " or ".join(dict.fromkeys(table.parents.values()))
            statement = f"{name} refers to no {parents} that is missing or newer."
            yield Rule("T1", name, statement, older_than_a_parent(name, table))
        if table.dated is None:
            continue
        times = [column for column in table.times if column != "lastReadAt"]  # that one is M3's
        if times:
            statement = f"{name}: {' and '.join(times)} not before {table.dated}."
            yield Rule("T1", name, statement, happened_before(name, table, times))
        statement = "Nothing but meetings, due dates and schedules lies after asOf."
        yield Rule("T2", name, statement, after_as_of(name, table))
        if table.updated:
            select = f"""
                SELECT c."{table.key}" FROM "{name}" c
                WHERE {{seeded(c."{table.key}")}} AND c."updatedAt" < c."createdAt"
            """
            yield Rule("T2", name, "updatedAt ≥ createdAt.", select)


def of_meetings(statement: str, broken: str) -> Rule:
    """T3: meetings for which a condition holds."""
    select = f"""SELECT m.id FROM "Meeting" m WHERE {{seeded(m.id)}} AND {broken}"""
    return Rule("T3", "Meeting", statement, select)


RULES = (
    *of_each_table(),
    Rule(
        "T1",
        "Therapist",
        "A therapist is processed by an admin who is there, after that account was made.",
        """
        SELECT t."userId" FROM "Therapist" t LEFT JOIN "Admin" a ON a."userId" = t."processedByAdminId"
        WHERE {seeded(t."userId")} AND t."processedByAdminId" IS NOT NULL
          AND {missing_by(a."userId", a."createdAt", t."processedAt")}
        """,
    ),
    of_meetings(
        "endTime = startTime + duration.",
        """m."endTime" <> {later(m."startTime", m."duration", minute)}""",
    ),
    of_meetings(
        "COMPLETED and NO_SHOW ended by asOf.",
        """m."status" IN ('COMPLETED', 'NO_SHOW') AND m."endTime" > {last}""",
    ),
    of_meetings(
        "SCHEDULED, CONFIRMED and WAITING start after asOf.",
        """m."status" IN ('SCHEDULED', 'CONFIRMED', 'WAITING') AND m."startTime" <= {first}""",
    ),
    of_meetings(
        "IN_PROGRESS spans asOf.",
        """m."status" = 'IN_PROGRESS' AND (m."startTime" > {last} OR m."endTime" < {first})""",
    ),
    of_meetings(
        "A meeting is created before it starts.",
        """m."createdAt" >= m."startTime" """,
    ),
)
