"""Time: T1 to T3."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from seeding.coherence.rule import Rule
from seeding.coherence.sql import Sql
from seeding.coherence.tables import TABLES, Table, entity_of


def older_than_a_parent(name: str, table: Table) -> Callable[[Sql], str]:
    """T1: rows of a table that came about before a row they refer to."""

    def select(sql: Sql) -> str:
        joins, broken = [], []
        for at, (column, parent_name) in enumerate(table.parents.items()):
            parent = TABLES[parent_name]
            key, dated = f'p{at}."{parent.key}"', f'p{at}."{parent.dated}"'
            joins.append(f'LEFT JOIN "{parent_name}" p{at} ON {key} = c."{column}"')
            broken += [f'{dated} > c."{own}" AND NOT {sql.young(key, dated)}' for own in (table.dated, *table.also)]
        return f"""
            SELECT c."{table.key}" FROM "{name}" c {" ".join(joins)}
            WHERE {sql.seeded(f'c."{table.key}"')} AND ({" OR ".join(broken)})
        """

    return select


def happened_before_the_row(name: str, table: Table) -> Callable[[Sql], str]:
    """T1: rows of a table to which something happened before they came about."""
    broken = " OR ".join(f'c."{column}" < c."{table.dated}"' for column in table.times)
    return lambda sql: f"""
        SELECT c."{table.key}" FROM "{name}" c WHERE {sql.seeded(f'c."{table.key}"')} AND ({broken})
    """


def processed_before_the_admin(sql: Sql) -> str:
    """T1: therapists processed by an admin who was not there yet."""
    return f"""
        SELECT t."userId" FROM "Therapist" t JOIN "Admin" a ON a."userId" = t."processedByAdminId"
        WHERE {sql.seeded('t."userId"')} AND t."processedAt" < a."createdAt"
          AND NOT {sql.young('a."userId"', 'a."createdAt"')}
    """


def changed_before_made(name: str, table: Table) -> Callable[[Sql], str]:
    """T2: rows of a table with an updatedAt before their createdAt."""
    return lambda sql: f"""
        SELECT c."{table.key}" FROM "{name}" c
        WHERE {sql.seeded(f'c."{table.key}"')} AND c."updatedAt" < c."createdAt"
    """


def after_as_of(name: str, table: Table) -> Callable[[Sql], str]:
    """T2: rows of a table with an instant after as-of, unless they lie behind a row that allows it.

    A conversation moves with its messages: M3 judges its lastMessageAt, and its updatedAt may be the same.
    """
    stamps = [str(table.dated), *table.also, *table.times, *(["updatedAt"] if table.updated else [])]

    def select(sql: Sql) -> str:
        late = " OR ".join(f'c."{stamp}" > {sql.last}' for stamp in stamps)
        if name == "Conversation":
            allowed = ['c."createdAt" <= c."lastMessageAt" AND c."updatedAt" <= c."lastMessageAt"']
        else:
            allowed = [f"EXISTS ({parent})" for parent in rows_ahead(sql, name, table)] or ["1 = 0"]
        return f"""
            SELECT c."{table.key}" FROM "{name}" c
            WHERE {sql.seeded(f'c."{table.key}"')} AND ({late}) AND ({" OR ".join(allowed)}) IS NOT TRUE
        """

    return select


def rows_ahead(sql: Sql, name: str, table: Table) -> Iterator[str]:
    """Queries for the rows behind which row `c` may lie after as-of."""
    for column, parent_name in table.parents.items():
        yield row_ahead(sql, parent_name, f'c."{column}"')
    if name == "Therapist":
        yield row_ahead(sql, "Admin", 'c."processedByAdminId"')
    if name == "Message":  # M2: the sender joined before it
        yield f"""
            SELECT 1 FROM "ConversationParticipant" p
            WHERE p."conversationId" = c."conversationId" AND p."userId" = c."senderId"
              AND {sql.recent("p.id", 'p."joinedAt"')}
        """
    if name in {"MeetingNotes", "Review"}:  # R4 and R7: they follow the session's end
        yield f"""
            SELECT 1 FROM "Meeting" p
            WHERE p.id = c."meetingId" AND {sql.foreign("p.id")} AND {sql.recent("p.id", 'p."endTime"')}
        """
    if name in {"Notification", "AuditLog"}:  # N1 and N2: they follow the row they name
        entity, key = entity_of(sql, name)
        for other, entity_table in TABLES.items():
            if entity_table.dated:
                yield f"{row_ahead(sql, other, key)} AND {entity} = '{other}'"


def row_ahead(sql: Sql, name: str, key: str) -> str:
    """A query for the row of a table with this key, if a row may lie after as-of behind it."""
    table = TABLES[name]
    own = f'p."{table.key}"'
    return f"""SELECT 1 FROM "{name}" p WHERE {own} = {key} AND {sql.recent(own, f'p."{table.dated}"')}"""


def t1() -> Iterator[Rule]:
    """T1 of each table."""
    for name, table in TABLES.items():
        if table.dated and table.parents:
            parents = " and ".join(dict.fromkeys(table.parents.values()))
            yield Rule("T1", name, f"{name} is not older than its {parents}.", older_than_a_parent(name, table))
        times = [column for column in table.times if column != "lastReadAt"]  # that one is M3's
        if times:
            statement = f"{name}: {' and '.join(times)} not before {table.dated}."
            yield Rule("T1", name, statement, happened_before_the_row(name, table))
    yield Rule("T1", "Therapist", "A therapist is processed by an admin who exists.", processed_before_the_admin)


def t2() -> Iterator[Rule]:
    """T2 of each table."""
    for name, table in TABLES.items():
        if table.dated:
            yield Rule("T2", name, "Nothing but meetings, due dates and schedules is after asOf.", after_as_of(name, table))
        if table.updated:
            yield Rule("T2", name, "updatedAt ≥ createdAt.", changed_before_made(name, table))


def meeting(statement: str, broken: Callable[[Sql], str]) -> Rule:
    """T3: seeded meetings for which the condition holds."""
    return Rule(
        "T3",
        "Meeting",
        statement,
        lambda sql: f'SELECT m.id FROM "Meeting" m WHERE {sql.seeded("m.id")} AND ({broken(sql)})',
    )


RULES = (
    *t1(),
    *t2(),
    meeting(
        "endTime = startTime + duration.",
        lambda sql: f'm."endTime" <> {sql.later('m."startTime"', 'm."duration"', "minute")}',
    ),
    meeting(
        "COMPLETED and NO_SHOW ended by asOf.",
        lambda sql: f"""m."status" IN ('COMPLETED', 'NO_SHOW') AND m."endTime" > {sql.last}""",
    ),
    meeting(
        "SCHEDULED, CONFIRMED and WAITING start after asOf.",
        lambda sql: f"""m."status" IN ('SCHEDULED', 'CONFIRMED', 'WAITING') AND m."startTime" <= {sql.first}""",
    ),
    meeting(
        "IN_PROGRESS spans asOf.",
        lambda sql: f"""m."status" = 'IN_PROGRESS' AND (m."startTime" > {sql.last} OR m."endTime" < {sql.first})""",
    ),
    meeting("A meeting is created before it starts.", lambda sql: 'm."createdAt" >= m."startTime"'),
)
