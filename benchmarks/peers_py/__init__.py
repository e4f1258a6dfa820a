"""Rows of seven tables as people make them with Python, one module a way; each has `fill(rows)`.

`rows` of each table, with values and relations that the database accepts and no more: nothing here asks whether an
author is a member, or a comment newer than its post.
"""

TABLES = ("User", "Community", "Post", "Comment", "Heart", "Conversation", "Message")
