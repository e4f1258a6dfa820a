"""Community: C1 to C4."""

from __future__ import annotations

from seeding.coherence.rule import Rule
from seeding.coherence.sql import Sql


def outside(sql: Sql, row: str) -> str:
    """Whether `m` is no membership of the row's user, or a later one that does not excuse it."""
    return f'(m.id IS NULL OR m."joinedAt" > {row}."createdAt" AND NOT {sql.young("m.id", 'm."joinedAt"')})'


def post_from_outside(sql: Sql) -> str:
    """C1: posts by somebody who was no member."""
    return f"""
        SELECT p.id FROM "Post" p
        LEFT JOIN "CommunityMember" m ON m."userId" = p."userId" AND m."communityId" = p."communityId"
        WHERE {sql.seeded("p.id")} AND {outside(sql, "p")}
    """


def comment_from_outside(sql: Sql) -> str:
    """C1: comments by somebody who was no member."""
    return f"""
        SELECT c.id FROM "Comment" c JOIN "Post" p ON p.id = c."postId"
        LEFT JOIN "CommunityMember" m ON m."userId" = c."userId" AND m."communityId" = p."communityId"
        WHERE {sql.seeded("c.id")} AND {outside(sql, "c")}
    """


def heart_from_outside(sql: Sql) -> str:
    """C1: hearts by somebody who was no member."""
    return f"""
        SELECT h.id FROM "Heart" h LEFT JOIN "Comment" c ON c.id = h."commentId"
        JOIN "Post" p ON p.id = coalesce(h."postId", c."postId")
        LEFT JOIN "CommunityMember" m ON m."userId" = h."userId" AND m."communityId" = p."communityId"
        WHERE {sql.seeded("h.id")} AND {outside(sql, "h")}
    """


def comment_before_post(sql: Sql) -> str:
    """C2: comments that are not newer than their post."""
    return f"""
        SELECT c.id FROM "Comment" c JOIN "Post" p ON p.id = c."postId"
        WHERE {sql.seeded("c.id")} AND c."createdAt" <= p."createdAt"
    """


def reply_astray(sql: Sql) -> str:
    """C2: replies on another post than their parent, or not newer than it."""
    return f"""
        SELECT c.id FROM "Comment" c JOIN "Comment" parent ON parent.id = c."parentId"
        WHERE {sql.seeded("c.id")}
          AND (c."postId" <> parent."postId" OR c."createdAt" <= parent."createdAt")
    """


def heart_for_oneself(sql: Sql) -> str:
    """C3: hearts for the giver's own post or comment."""
    return f"""
        SELECT h.id FROM "Heart" h
        LEFT JOIN "Post" p ON p.id = h."postId" LEFT JOIN "Comment" c ON c.id = h."commentId"
        WHERE {sql.seeded("h.id")} AND (h."userId" = p."userId" OR h."userId" = c."userId")
    """


def moderator_by_name_only(sql: Sql) -> str:
    """C4: memberships as MODERATOR of users who are none."""
    return f"""
        SELECT m.id FROM "CommunityMember" m JOIN "User" u ON u.id = m."userId"
        WHERE {sql.seeded("m.id")} AND m."role" = 'MODERATOR' AND u."role" <> 'moderator'
    """


RULES = (
    Rule("C1", "Post", "An author is a member, and joined no later than the post.", post_from_outside),
    Rule("C1", "Comment", "A commenter is a member, and joined no later than the comment.", comment_from_outside),
    Rule("C1", "Heart", "A heart-giver is a member, and joined no later than the heart.", heart_from_outside),
    Rule("C2", "Comment", "A comment is newer than its post.", comment_before_post),
    Rule("C2", "Comment", "A reply is on its parent's post and newer than it.", reply_astray),
    Rule("C3", "Heart", "Nobody hearts their own post or comment.", heart_for_oneself),
    Rule("C4", "CommunityMember", "A community's MODERATOR is a user with role moderator.", moderator_by_name_only),
)
