"""Time: T1 to T3."""

from __future__ import annotations

from seeding.coherence.rule import Rule
from seeding.coherence.sql import Sql
from seeding.coherence.tables import TABLES, Table

DATED = {name: table for name, table in TABLES.items() if table.dated}
LATE_BINDING = {("Therapist", "processedByAdminId")}
EXTRA = {
    # A sender joined before the message, notes and reviews follow the end of a session (M2, R4, R7).
    "Message": """SELECT 1 FROM "ConversationParticipant" p WHERE p."conversationId" = c."conversationId"
                  AND p."userId" = c."senderId" AND {recent_joined}""",
    "MeetingNotes": """SELECT 1 FROM "Meeting" p WHERE p.id = c."meetingId" AND {recent_end}""",
    "Review": """SELECT 1 FROM "Meeting" p WHERE p.id = c."meetingId" AND {recent_end}""",
}


def not_older_than_parents(name: str, table: Table) -> Rule:
    """T1 of one table."""

    def select(sql: Sql) -> str:
        joins, broken = [], []
        for at, (column, parent_name) in enumerate(table.parents.items()):
            parent = TABLES[parent_name]
            key, dated = f'p{at}."{parent.key}"', f'p{at}."{parent.dated}"'
            joins.append(f'LEFT JOIN "{parent_name}" p{at} ON {key} = c."{column}"')
            older = " OR ".join(f'{dated} > c."{stamp}"' for stamp in (table.dated, *table.also))
            broken.append(f"({older}) AND NOT {sql.young(key, dated)}")
        return f"""
            SELECT c."{table.key}" FROM "{name}" c {" ".join(joins)}
            WHERE {sql.seeded(f'c."{table.key}"')} AND ({" OR ".join(broken)})
        """

    parents = " and ".join(dict.fromkeys(table.parents.values()))
    return Rule("T1", name, f"{name} is not older than its {parents}.", select)
