"""Engagement: N1 and N2."""
# ruff: noqa: S608 - the names of tables and columns are constants

from __future__ import annotations

from collections.abc import Mapping

from seeding.coherence.rule import Rule
from seeding.coherence.tables import NAMED, TABLES

OWN = 'e."userId" = n."userId"'
PARTY = 'n."userId" IN (e."clientId", e."therapistId")'
MEMBER = 'EXISTS (SELECT 1 FROM "CommunityMember" m WHERE m."communityId" = {} AND m."userId" = n."userId")'
PARTICIPANT = (
    'EXISTS (SELECT 1 FROM "ConversationParticipant" p WHERE p."conversationId" = {} AND p."userId" = n."userId")'
)
AUTHOR_OF = 'EXISTS (SELECT 1 FROM "{}" a WHERE a.id = e."{}" AND a."userId" = n."userId")'

CONCERNS: Mapping[str, str] = {
    "User": 'e.id = n."userId"',
    "Client": OWN,
    "Therapist": OWN,
    "Admin": OWN,
    "Moderator": OWN,
    "Community": MEMBER.format("e.id"),
    "CommunityMember": MEMBER.format('e."communityId"'),
    "Post": OWN + " OR " + MEMBER.format('e."communityId"'),
    "Comment": f"{OWN} OR {AUTHOR_OF.format('Post', 'postId')} OR {AUTHOR_OF.format('Comment', 'parentId')}",
    "Heart": f"{AUTHOR_OF.format('Post', 'postId')} OR {AUTHOR_OF.format('Comment', 'commentId')}",
    "ClientTherapist": PARTY,
    "Meeting": PARTY,
    "MeetingNotes": """EXISTS (SELECT 1 FROM "Meeting" m
        WHERE m.id = e."meetingId" AND n."userId" IN (m."clientId", m."therapistId"))""",
    "TherapistAvailability": 'e."therapistId" = n."userId"',
    "Worksheet": """e."therapistId" = n."userId" OR EXISTS (SELECT 1 FROM "WorksheetAssignment" a
        WHERE a."worksheetId" = e.id AND a."clientId" = n."userId")""",
    "WorksheetAssignment": """e."clientId" = n."userId" OR EXISTS (SELECT 1 FROM "Worksheet" w
        WHERE w.id = e."worksheetId" AND w."therapistId" = n."userId")""",
    "Review": PARTY,
    "Conversation": PARTICIPANT.format("e.id"),
    "ConversationParticipant": PARTICIPANT.format('e."conversationId"'),
    "Message": PARTICIPANT.format('e."conversationId"'),
    "PreAssessment": OWN,
}
"""By table: when row `e` concerns the user of notification `n`."""


def names_the_wrong_row(log: str, concerns: Mapping[str, str]) -> str:
    """Rows of a log that name no row, a newer one, or one that is not their concern."""
    entity, key = (part.format("l") for part in NAMED[log])
    known = ", ".join(f"'{name}'" for name in concerns)
    parts = [f"SELECT n.id FROM n WHERE n.entity IS NULL OR n.entity NOT IN ({known})"]
    for name, concern in concerns.items():
        table = TABLES[name]
        newer = f'e."{table.dated}" > n."createdAt"' if table.dated else "1 = 0"
        parts.append(f"""
            SELECT n.id FROM n LEFT JOIN "{name}" e ON e."{table.key}" = n."entityId"
            WHERE n.entity = '{name}' AND (e."{table.key}" IS NULL OR {newer} OR ({concern}) IS NOT TRUE)
        """)
    return f"""
        WITH n AS MATERIALIZED (
            SELECT l.id, l."userId", l."createdAt", {entity} AS entity, {key} AS "entityId"
            FROM "{log}" l WHERE {{seeded(l.id)}}
        )
        {" UNION ALL ".join(parts)}
    """


RULES = (
    Rule(
        "N1",
        "Notification",
        "A notification's data names an existing row that concerns its user, and is not older than that row.",
        names_the_wrong_row("Notification", CONCERNS),
    ),
    Rule(
        "N1",
        "Notification",
        "readAt is set exactly when isRead.",
        """
        SELECT n.id FROM "Notification" n WHERE {seeded(n.id)} AND n."isRead" <> (n."readAt" IS NOT NULL)
        """,
    ),
    Rule(
        "N2",
        "AuditLog",
        "An audit log's actor is an admin or moderator, by role or as an admin's profile says.",
        """
        SELECT l.id FROM "AuditLog" l LEFT JOIN "User" u ON u.id = l."userId"
        LEFT JOIN "Admin" a ON a."userId" = u.id
        WHERE {seeded(l.id)} AND (
            u.id IS NULL OR u."role" NOT IN ('admin', 'moderator') AND a."userId" IS NULL
            OR lower(l."userRole") <> u."role"
        )
        """,
    ),
    Rule(
        "N2",
        "AuditLog",
        "An audit log's entity row exists, and the log is not older than that row.",
        names_the_wrong_row("AuditLog", dict.fromkeys(TABLES, "1 = 1")),
    ),
)
