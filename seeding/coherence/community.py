"""Community: C1 to C4."""

from __future__ import annotations

from seeding.coherence.rule import Rule

RULES = (
    Rule(
        "C1",
        "Post",
        "An author is a member of the community, and joined no later than the post.",
        """
        SELECT p.id FROM "Post" p
        LEFT JOIN "CommunityMember" m ON m."userId" = p."userId" AND m."communityId" = p."communityId"
        WHERE {seeded(p.id)} AND {missing_by(m.id, m."joinedAt", p."createdAt")}
        """,
    ),
    Rule(
        "C1",
        "Comment",
        "A commenter is a member of the post's community, and joined no later than the comment.",
        """
        SELECT c.id FROM "Comment" c JOIN "Post" p ON p.id = c."postId"
        LEFT JOIN "CommunityMember" m ON m."userId" = c."userId" AND m."communityId" = p."communityId"
        WHERE {seeded(c.id)} AND {missing_by(m.id, m."joinedAt", c."createdAt")}
        """,
    ),
    Rule(
        "C1",
        "Heart",
        "A heart-giver is a member of the post's community, and joined no later than the heart.",
        """
        SELECT h.id FROM "Heart" h JOIN "Post" p ON p.id = h."postId"
        LEFT JOIN "CommunityMember" m ON m."userId" = h."userId" AND m."communityId" = p."communityId"
        WHERE h."postId" IS NOT NULL AND {seeded(h.id)} AND {missing_by(m.id, m."joinedAt", h."createdAt")}
        UNION ALL
        SELECT h.id FROM "Heart" h JOIN "Comment" c ON c.id = h."commentId" JOIN "Post" p ON p.id = c."postId"
        LEFT JOIN "CommunityMember" m ON m."userId" = h."userId" AND m."communityId" = p."communityId"
        WHERE h."commentId" IS NOT NULL AND {seeded(h.id)} AND {missing_by(m.id, m."joinedAt", h."createdAt")}
        """,
    ),
    Rule(
        "C2",
        "Comment",
        "A comment is newer than its post.",
        """
        SELECT c.id FROM "Comment" c JOIN "Post" p ON p.id = c."postId"
        WHERE {seeded(c.id)} AND c."createdAt" <= p."createdAt"
        """,
    ),
    Rule(
        "C2",
        "Comment",
        "A reply belongs to the same post as its parent and is newer than it.",
        """
        SELECT c.id FROM "Comment" c JOIN "Comment" parent ON parent.id = c."parentId"
        WHERE c."parentId" IS NOT NULL AND {seeded(c.id)}
          AND (c."postId" <> parent."postId" OR c."createdAt" <= parent."createdAt")
        """,
    ),
    Rule(
        "C3",
        "Heart",
        "Nobody hearts their own post or comment.",
        """
        SELECT h.id FROM "Heart" h JOIN "Post" p ON p.id = h."postId"
        WHERE h."postId" IS NOT NULL AND {seeded(h.id)} AND h."userId" = p."userId"
        UNION ALL
        SELECT h.id FROM "Heart" h JOIN "Comment" c ON c.id = h."commentId"
        WHERE h."commentId" IS NOT NULL AND {seeded(h.id)} AND h."userId" = c."userId"
        """,
    ),
    Rule(
        "C4",
        "CommunityMember",
        "A community's MODERATOR member is a user with role moderator.",
        """
        SELECT m.id FROM "CommunityMember" m JOIN "User" u ON u.id = m."userId"
        WHERE {seeded(m.id)} AND m."role" = 'MODERATOR' AND u."role" <> 'moderator'
        """,
    ),
)
