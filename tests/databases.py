"""The two databases that the toolkit is tested on, by their aliases, and others for a while."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import dj_database_url
import pytest
from django.db import connections

BOTH = ("default", "postgres")
on_both = pytest.mark.django_db(databases=BOTH)
APART = "apart"


@contextmanager
def alias_for(url: str, blocker: Any, **placed: str) -> Iterator[str]:
    """The alias of the database at this URL, in this process; pytest-django's blocker lets it be used meanwhile."""
    default = {**connections.settings["default"], "OPTIONS": {}}
    connections.settings[APART] = {**default, **dj_database_url.parse(url), **placed}
    with blocker.unblock():
        try:
            yield APART
        finally:
            connections[APART].close()
            del connections[APART]
            del connections.settings[APART]
