"""The world that keeps every rule, in a database of its own."""

from __future__ import annotations

import pytest
from coherence.kept_world import World


@pytest.fixture
def world(db: None) -> World:
    return World()
