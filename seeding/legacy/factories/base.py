"""What all factories share: the run that they draw for."""

from __future__ import annotations

from typing import TypeVar

from django.db.models import Model
from django.utils import timezone
from factory.declarations import LazyFunction
from factory.django import DjangoModelFactory

from seeding.engine.clock import micros
from seeding.engine.run import Run
from seeding.legacy.factories.declarations import Column, Later
from seeding.requirements import DEFAULT_SEED, MINIMUMS
from seeding.world.locales import DEFAULT

T = TypeVar("T", bound=Model)


def default_run() -> Run:
    """The run that factories draw for: the usual seed, as of now."""
    now = timezone.now().replace(microsecond=0)  # noqa: TID251 - a test's own clock, and the only one here
    return Run("default", DEFAULT_SEED, micros(now), {minimum.key: minimum for minimum in MINIMUMS}, DEFAULT)


class Factory(DjangoModelFactory[T]):
    """What all factories share."""

    class Meta:
        abstract = True
        skip_postgeneration_save = True

    class Params:
        run = LazyFunction(lambda: default_run())  # noqa: PLW0108 - looked up late, so that a test may replace it


class Timestamped(Factory[T]):
    """What factories of rows share that tell when they were made and last changed."""

    class Meta:
        abstract = True

    created_at = Column()
    updated_at = Later()
