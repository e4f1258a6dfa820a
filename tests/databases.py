"""The two databases that the toolkit is tested on, by their aliases, and others for a while."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock

import dj_database_url
import pytest
from django.db import connections
from django.db.utils import load_backend

from mentara.settings import _database
from seeding.fixtures.switching import leading_to

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


@contextmanager
def default_at(url: str, blocker: Any) -> Iterator[None]:
    """The default alias leads to the database of this DATABASE_URL, as it would in a program."""
    with mock.patch.dict(os.environ, DATABASE_URL=url):
        placed = connections.configure_settings({"default": _database()})["default"]
    with blocker.unblock(), leading_to([load_backend(placed["ENGINE"]).DatabaseWrapper(placed, "default")]):
        yield
