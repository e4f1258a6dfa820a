"""A run that only reads a seeded database."""

from __future__ import annotations

from django.apps import apps

from seeding.engine.clock import micros
from seeding.engine.run import Run
from seeding.requirements import DEFAULT_SEED
from seeding.world.locales import DEFAULT


def reading(using: str, locale: str = DEFAULT) -> Run:
    """A run that only reads: with the seed that wrote the database first, as of the last time it was seeded.

    What a client is concerned with is a function of that seed.
    """
    noted = apps.get_model("seeding.SeedRun")._default_manager.using(using).order_by("pk")
    written = list(noted.values_list("seed", "as_of"))
    seed = written[0][0] if written else DEFAULT_SEED
    as_of = max((micros(at) for _, at in written), default=0)
    return Run(using, seed, as_of, minimums={}, locale=locale)
