"""Communication: M1 to M3."""

from __future__ import annotations

from seeding.coherence.rule import Rule
from seeding.coherence.sql import Sql


def direct_not_for_two(sql: Sql) -> str:
    """M1: DIRECT conversations, with a seeded row in them, of one, or of three and more."""
    return f"""
        SELECT c.id FROM "Conversation" c LEFT JOIN "ConversationParticipant" p ON p."conversationId" = c.id
        WHERE c."type" = 'DIRECT' GROUP BY c.id
        HAVING count(p.id) <> 2 AND ({sql.seeded("c.id")} OR count(CASE WHEN {sql.seeded("p.id")} THEN 1 END) > 0)
    """


def second_direct_of_a_pair(sql: Sql) -> str:
    """M1: DIRECT conversations, with a seeded row in them, of a pair that has another."""
    return f"""
        SELECT id FROM (
            SELECT c.id, count(*) OVER (PARTITION BY a."userId", b."userId") AS "of the pair",
                   {sql.seeded("c.id")} OR {sql.seeded("a.id")} OR {sql.seeded("b.id")} AS ours
            FROM "Conversation" c
            JOIN "ConversationParticipant" a ON a."conversationId" = c.id
            JOIN "ConversationParticipant" b ON b."conversationId" = c.id AND a."userId" < b."userId"
            WHERE c."type" = 'DIRECT'
        ) pairs WHERE "of the pair" > 1 AND ours
    """


def sender_not_there(sql: Sql) -> str:
    """M2: messages by somebody who takes no part, or joined later."""
    return f"""
        SELECT m.id FROM "Message" m
        LEFT JOIN "ConversationParticipant" p ON p."conversationId" = m."conversationId" AND p."userId" = m."senderId"
        WHERE {sql.seeded("m.id")} AND (p.id IS NULL OR p."joinedAt" >= m."createdAt")
    """


def reply_astray(sql: Sql) -> str:
    """M2: replies to a message of another conversation, or to a later one."""
    return f"""
        SELECT m.id FROM "Message" m JOIN "Message" answered ON answered.id = m."replyToId"
        WHERE {sql.seeded("m.id")}
          AND (answered."conversationId" <> m."conversationId" OR answered."createdAt" >= m."createdAt")
    """


def last_message_wrong(sql: Sql) -> str:
    """M3: conversations that do not tell when the newest message came.

    Somebody who wrote afterwards may have left lastMessageAt behind, but not behind a seeded message.
    """
    return f"""
        SELECT c.id FROM "Conversation" c LEFT JOIN (
            SELECT "conversationId", max("createdAt") AS newest,
                   max(CASE WHEN {sql.seeded("id")} THEN "createdAt" END) AS ours
            FROM "Message" GROUP BY "conversationId"
        ) m ON m."conversationId" = c.id
        WHERE {sql.seeded("c.id")} AND m.newest IS NULL AND c."lastMessageAt" IS NOT NULL
           OR ({sql.seeded("c.id")} OR m.ours IS NOT NULL) AND c."lastMessageAt" > m.newest
           OR m.ours IS NOT NULL AND (c."lastMessageAt" IS NULL OR c."lastMessageAt" < m.ours)
    """


def read_before_joined(sql: Sql) -> str:
    """M3: participants who read before they joined."""
    return f"""
        SELECT p.id FROM "ConversationParticipant" p
        WHERE {sql.seeded("p.id")} AND p."lastReadAt" < p."joinedAt"
    """


RULES = (
    Rule("M1", "Conversation", "A DIRECT conversation has exactly two participants.", direct_not_for_two),
    Rule("M1", "Conversation", "A pair has at most one DIRECT conversation.", second_direct_of_a_pair),
    Rule("M2", "Message", "A sender takes part and joined before the message.", sender_not_there),
    Rule("M2", "Message", "A reply answers an earlier message of the same conversation.", reply_astray),
    Rule("M3", "Conversation", "lastMessageAt is the newest message's createdAt.", last_message_wrong),
    Rule("M3", "ConversationParticipant", "lastReadAt is not before joinedAt.", read_before_joined),
)
