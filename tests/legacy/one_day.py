"""The day on which factories make rows in tests, what a row holds, and which rules the rows break."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import Model

from seeding.coherence import AsOf, check

AS_OF = dt.datetime(2026, 3, 2, 12, tzinfo=dt.UTC)


def values(row: Model) -> dict[str, Any]:
    return {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}


def broken(*but: str) -> list[str]:
    found = check("default", AsOf(AS_OF, AS_OF))
    return [f"{one.rule} {one.table}: {one.statement}" for one in found if one.rule not in but]
