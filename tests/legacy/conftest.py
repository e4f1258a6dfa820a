"""Factories whose day is always the same."""

from __future__ import annotations

import pytest
from one_day import AS_OF

from seeding.engine.clock import micros
from seeding.engine.run import Run
from seeding.legacy.factories import base


@pytest.fixture
def same_day(monkeypatch: pytest.MonkeyPatch) -> None:
    now = base.default_run()
    run = Run(now.using, now.seed, micros(AS_OF), now.minimums, now.locale)
    monkeypatch.setattr(base, "default_run", lambda: run)
