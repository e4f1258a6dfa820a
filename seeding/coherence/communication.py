"""Communication: M1 to M3."""

from __future__ import annotations

from seeding.coherence.rule import Rule

RULES = (
    Rule(
        "M1",
        "Conversation",
        "A DIRECT conversation has exactly two participants.",
        """
        SELECT c.id FROM "Conversation" c LEFT JOIN "ConversationParticipant" p ON p."conversationId" = c.id
        WHERE c."type" = 'DIRECT' GROUP BY c.id
        HAVING count(p.id) <> 2 AND ({seeded(c.id)} OR count(CASE WHEN {seeded(p.id)} THEN 1 END) > 0)
        """,
    ),
    Rule(
        "M1",
        "Conversation",
        "A pair has at most one DIRECT conversation.",
        """
        SELECT id FROM (
            SELECT c.id, count(*) OVER (PARTITION BY a."userId", b."userId") AS "of the pair",
                   ({seeded(c.id)} OR {seeded(a.id)} OR {seeded(b.id)}) AS ours
            FROM "Conversation" c
            JOIN "ConversationParticipant" a ON a."conversationId" = c.id
            JOIN "ConversationParticipant" b ON b."conversationId" = c.id AND a."userId" < b."userId"
            WHERE c."type" = 'DIRECT'
        ) pairs WHERE "of the pair" > 1 AND ours
        """,
    ),
    Rule(
        "M2",
        "Message",
        "A sender takes part in the conversation and joined before the message.",
        """
        SELECT m.id FROM "Message" m
        LEFT JOIN "ConversationParticipant" p ON p."conversationId" = m."conversationId" AND p."userId" = m."senderId"
        WHERE {seeded(m.id)} AND (p.id IS NULL OR p."joinedAt" >= m."createdAt")
        """,
    ),
    Rule(
        "M2",
        "Message",
        "A reply answers an earlier message of the same conversation.",
        """
        SELECT m.id FROM "Message" m JOIN "Message" answered ON answered.id = m."replyToId"
        WHERE m."replyToId" IS NOT NULL AND {seeded(m.id)}
          AND (answered."conversationId" <> m."conversationId" OR answered."createdAt" >= m."createdAt")
        """,
    ),
    # Somebody who wrote afterwards may have left lastMessageAt behind, but not behind a seeded message.
    Rule(
        "M3",
        "Conversation",
        "lastMessageAt is the newest message's createdAt.",
        """
        SELECT c.id FROM "Conversation" c LEFT JOIN (
            SELECT "conversationId", max("createdAt") AS newest,
                   max(CASE WHEN {seeded(id)} THEN "createdAt" END) AS ours
            FROM "Message" GROUP BY "conversationId"
        ) m ON m."conversationId" = c.id
        WHERE {seeded(c.id)} AND m.newest IS NULL AND c."lastMessageAt" IS NOT NULL
           OR ({seeded(c.id)} OR m.ours IS NOT NULL) AND c."lastMessageAt" > m.newest
           OR m.ours IS NOT NULL AND (c."lastMessageAt" IS NULL OR c."lastMessageAt" < m.ours)
        """,
    ),
    Rule(
        "M3",
        "ConversationParticipant",
        "lastReadAt is not before joinedAt.",
        """
        SELECT p.id FROM "ConversationParticipant" p WHERE {seeded(p.id)} AND p."lastReadAt" < p."joinedAt"
        """,
    ),
)
