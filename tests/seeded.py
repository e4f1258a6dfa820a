"""Seeded databases that many tests start from: what a request fills is kept, and put back for the next test."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.db import connections, models, transaction
from worlds import AS_OF

from seeding.orchestrator import HybridSeedOrchestrator
from seeding.request import SeedRequest

_kept: dict[str, list[Any]] = {}
"""The rows of each table, by the request that wrote them."""


def seeded(using: str, **request: Any) -> None:
    """Fill an empty database as this request fills it, by a run or with the rows that an earlier one wrote."""
    known = repr((using, connections[using].vendor, sorted(request.items())))
    if known in _kept:
        with transaction.atomic(using=using):
            for table, rows in zip(_tables(), _kept[known], strict=True):
                _put_back(using, *table, rows)
        return
    HybridSeedOrchestrator(SeedRequest(**{"as_of": AS_OF, "using": using, **request})).run_hybrid_seed()
    _kept[known] = [_taken(using, *table) for table in _tables()]


def _tables() -> list[tuple[str, str, str]]:
    """Each table with its columns but for those that the database counts up itself, and as many question marks."""
    found = []
    for label in ("mentara", "seeding"):
        for model in apps.get_app_config(label).get_models():
            columns = [one.column for one in model._meta.local_fields if not isinstance(one, models.AutoField)]
            listed = ", ".join(f'"{column}"' for column in columns)
            found.append((f'"{model._meta.db_table}"', listed, ", ".join("?" * len(columns))))
    return found


def _taken(using: str, table: str, columns: str, _: str) -> Any:
    driver = connections[using].connection
    if connections[using].vendor == "sqlite":
        return driver.execute(f"SELECT {columns} FROM {table}").fetchall()  # noqa: S608 - our own names
    with driver.cursor().copy(f"COPY {table} ({columns}) TO STDOUT") as copy:
        return b"".join(copy)


def _put_back(using: str, table: str, columns: str, marks: str, rows: Any) -> None:
    driver = connections[using].connection
    if connections[using].vendor == "sqlite":
        driver.executemany(f"INSERT INTO {table} ({columns}) VALUES ({marks})", rows)  # noqa: S608 - our own names
        return
    with driver.cursor().copy(f"COPY {table} ({columns}) FROM STDIN") as copy:
        copy.write(rows)
