"""Which tables a run fills and counts, and how they are emptied."""

from __future__ import annotations

from django.apps import apps
from django.db.models import Model

from seeding.engine.emptying import empty
from seeding.requirements import NEVER_SEEDED

APPS = ("mentara", "seeding")
"""Mentara and the toolkit, by their packages, which are their labels too."""


def own_models() -> list[type[Model]]:
    """The models of Mentara and the toolkit whose rows are somebody's data."""
    every = (model for app in APPS for model in apps.get_app_config(app).get_models())
    return [model for model in every if model._meta.managed]


def seeded_models() -> list[type[Model]]:
    """The models whose tables this toolkit fills."""
    return [model for model in apps.get_app_config("mentara").get_models() if model.__name__ not in NEVER_SEEDED]


def base_models() -> list[type[Model]]:
    """The models that base data is counted by: not answers, which come with their assessment or not at all."""
    return [model for model in seeded_models() if model.__name__ != "PreAssessmentAnswer"]


def empty_tables(using: str) -> None:
    """Delete every row of Mentara's tables and the toolkit's own, and what Django's admin noted of them.

    Raises SeedingError, with nothing deleted, where tables of somebody else's refer to these.
    """
    empty(using, [model._meta.db_table for model in own_models()], along=["django_admin_log"])
