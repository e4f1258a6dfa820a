"""Mentara's rows, by the names of their models."""

from __future__ import annotations

from typing import Any

from seeding.engine.minimum import Rows
from seeding.engine.run import Run

NOBODY = -1


def rows(run: Run, model: str, **where: Any) -> Any:
    """The rows of one Mentara model on this run's database."""
    return Rows(f"mentara.{model}", where).query(run.using)
