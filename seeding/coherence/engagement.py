"""Engagement: N1 and N2."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from seeding.coherence.rule import Rule
from seeding.coherence.sql import Sql
from seeding.coherence.tables import TABLES, entity_of

OWN = 'e."userId" = n."userId"'
PARTY = 'n."userId" IN (e."clientId", e."therapistId")'
MEMBER = """EXISTS (SELECT 1 FROM "CommunityMember" m WHERE m."communityId" = {} AND m."userId" = n."userId")"""
PARTICIPANT = (
    """EXISTS (SELECT 1 FROM "ConversationParticipant" m WHERE m."conversationId" = {} AND m."userId" = n."userId")"""
)

CONCERNS: Mapping[str, str] = {
    "User": 'e.id = n."userId"',
    "Client": OWN,
    "Therapist": OWN,
    "Admin": OWN,
    "Moderator": OWN,
    "Community": MEMBER.format("e.id"),
    "CommunityMember": MEMBER.format('e."communityId"'),
    "Post": f"{OWN} OR {MEMBER.format('e."communityId"')}",
    "Comment": f"""{OWN} OR EXISTS (SELECT 1 FROM "Post" p WHERE p.id = e."postId" AND p."userId" = n."userId")
        OR EXISTS (SELECT 1 FROM "Comment" p WHERE p.id = e."parentId" AND p."userId" = n."userId")""",
    "Heart": """EXISTS (SELECT 1 FROM "Post" p WHERE p.id = e."postId" AND p."userId" = n."userId")
        OR EXISTS (SELECT 1 FROM "Comment" p WHERE p.id = e."commentId" AND p."userId" = n."userId")""",
    "ClientTherapist": PARTY,
    "Meeting": PARTY,
    "MeetingNotes": """EXISTS (SELECT 1 FROM "Meeting" m WHERE m.id = e."meetingId"
        AND n."userId" IN (m."clientId", m."therapistId"))""",
    "TherapistAvailability": 'e."therapistId" = n."userId"',
    "Worksheet": """e."therapistId" = n."userId"
        OR EXISTS (SELECT 1 FROM "WorksheetAssignment" a WHERE a."worksheetId" = e.id AND a."clientId" = n."userId")""",
    "WorksheetAssignment": """e."clientId" = n."userId"
        OR EXISTS (SELECT 1 FROM "Worksheet" w WHERE w.id = e."worksheetId" AND w."therapistId" = n."userId")""",
    "Review": PARTY,
    "Conversation": PARTICIPANT.format("e.id"),
    "ConversationParticipant": PARTICIPANT.format('e."conversationId"'),
    "Message": PARTICIPANT.format('e."conversationId"'),
    "PreAssessment": OWN,
}
"""By table: when row `e` concerns the user of notification `n`."""


def names_the_wrong_row(sql: Sql, log: str, concerns: Mapping[str, str]) -> str:
    """Rows of a log that name no row, a newer one, or one that is not their concern."""
    entity, key = entity_of(sql, log, "l")
    return f"""
        WITH n AS MATERIALIZED (
            SELECT l.id, l."userId", l."createdAt", {entity} AS entity, {key} AS "entityId"
            FROM "{log}" l WHERE {sql.seeded("l.id")}
        )
        {" UNION ALL ".join(_of_each_table(concerns))}
    """


def _of_each_table(concerns: Mapping[str, str]) -> Iterator[str]:
    known = ", ".join(f"'{name}'" for name in concerns)
    yield f"SELECT n.id FROM n WHERE n.entity IS NULL OR n.entity NOT IN ({known})"
    for name, concern in concerns.items():
        table = TABLES[name]
        newer = f'OR e."{table.dated}" > n."createdAt"' if table.dated else ""
        yield f"""
            SELECT n.id FROM n LEFT JOIN "{name}" e ON e."{table.key}" = n."entityId"
            WHERE n.entity = '{name}' AND (e."{table.key}" IS NULL {newer} OR ({concern}) IS NOT TRUE)
        """


def notification_astray(sql: Sql) -> str:
    """N1: notifications that do not name an older row that concerns their user."""
    return names_the_wrong_row(sql, "Notification", CONCERNS)


def read_wrongly(sql: Sql) -> str:
    """N1: notifications read at no time, or unread since some time."""
    return f"""
        SELECT n.id FROM "Notification" n WHERE {sql.seeded("n.id")} AND n."isRead" <> (n."readAt" IS NOT NULL)
    """


def audit_log_astray(sql: Sql) -> str:
    """N2: audit logs that do not name an older row."""
    return names_the_wrong_row(sql, "AuditLog", dict.fromkeys(TABLES, "1 = 1"))


def actor_of_no_office(sql: Sql) -> str:
    """N2: audit logs of nobody, of a client or a therapist, or of another role than they say."""
    return f"""
        SELECT l.id FROM "AuditLog" l LEFT JOIN "User" u ON u.id = l."userId"
        WHERE {sql.seeded("l.id")}
          AND (u.id IS NULL OR u."role" NOT IN ('admin', 'moderator') OR lower(l."userRole") <> u."role")
    """


RULES = (
    Rule(
        "N1",
        "Notification",
        "A notification names an existing row that concerns its user, and is not older than that row.",
        notification_astray,
    ),
    Rule("N1", "Notification", "readAt is set exactly when isRead.", read_wrongly),
    Rule("N2", "AuditLog", "An audit log's actor is an admin or moderator.", actor_of_no_office),
    Rule("N2", "AuditLog", "An audit log's entity row exists, and is not newer than the log.", audit_log_astray),
)
