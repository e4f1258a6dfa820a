"""Believability: what of B3 can be checked row by row."""
# ruff: noqa: S608 - the names of tables are constants

from __future__ import annotations

from seeding.coherence.rule import Rule


def said_twice(table: str) -> str:
    """B3: texts that their author wrote more than once: those with the same digest, then word by word."""
    return f"""
        WITH alike AS (
            SELECT "userId", {{digest("content")}} AS digest FROM "{table}"
            GROUP BY "userId", {{digest("content")}} HAVING count(*) > 1
        )
        SELECT x.id FROM alike a
        JOIN "{table}" x ON x."userId" = a."userId" AND {{digest(x."content")}} = a.digest
        JOIN "{table}" y ON y."userId" = x."userId" AND y."content" = x."content" AND y.id <> x.id
        WHERE {{seeded(x.id)}}
    """


RULES = (
    Rule("B3", "Post", "Nobody posts the same text twice.", said_twice("Post")),
    Rule("B3", "Comment", "Nobody posts the same text twice.", said_twice("Comment")),
)
