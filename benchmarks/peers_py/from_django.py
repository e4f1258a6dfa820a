"""Misata, which reads the models, generates frames and copies them in, in a transaction of its own.

It has no notion of a CHECK over several columns: that a heart has one target is told here. Optional parents of the
same table stay empty, as with the others. It cuts ids to 32 characters unless told that they are UUIDs and no more.
"""

from __future__ import annotations

import os
from itertools import chain

import misata
from django.apps import apps

from benchmarks.peers_py import TABLES


def fill(rows: int) -> None:
    """Make the rows of all tables by one plan."""
    schema = misata.from_django([apps.get_model("mentara", table) for table in TABLES], default_rows=rows)
    for column in chain.from_iterable(map(schema.get_columns, TABLES)):
        if column.name in ("commentId", "parentId", "replyToId"):
            column.type, column.distribution_params = "text", {"null_rate": 1.0}
        elif column.name == "id":
            column.distribution_params = {"text_type": "uuid"}
    misata.seed_database(schema, os.environ["DATABASE_URL"], use_llm=False)
