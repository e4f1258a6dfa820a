"""Measures of what a database holds: how distinct, how uneven, how true to people's concerns, in which rhythm.

Everything here reads and returns frozen values. What to say of them is the command profile_seed's.
"""

from __future__ import annotations

from django.db.models import BooleanField

from seeding.engine.clock import MINUTE
from seeding.engine.run import Run
from seeding.profile.agreement import in_communities, in_therapy
from seeding.profile.assessments import in_scores, mean_scores, scores_of, standing
from seeding.profile.content import TEXTS, distinct, spreads
from seeding.profile.rhythm import GROWTH, MOMENTS, growth, rhythm
from seeding.profile.states import accounts, bands, fields_of, ratings, states
from seeding.profile.values import Profile
from seeding.tables import seeded_models
from seeding.world.communities import communities, memberships, posts
from seeding.world.mentara import rows
from seeding.world.people import local_offset, people


def measure(run: Run) -> Profile:
    """Every measure of the run's database."""
    everybody, places = people(run), communities(run)
    belongs, written = memberships(run, everybody, places), posts(run, everybody, places)
    scored = scores_of(run)
    stand = standing(everybody, scored)
    models = seeded_models()
    return Profile(
        rows={model._meta.db_table: rows(run, model.__name__).count() for model in models},
        distinct=tuple(distinct(run, name, *where) for name, where in TEXTS.items()),
        spread=tuple(spreads(run, everybody, belongs, written)),
        agreement=(
            *in_communities(everybody, belongs, written),
            *in_scores(stand),
            *in_therapy(run, everybody),
        ),
        scores=mean_scores(stand),
        states=(*(states(run, field) for field in fields_of(models) if field.flatchoices), ratings(run)),
        flags=tuple(states(run, field) for field in fields_of(models) if isinstance(field, BooleanField)),
        bands=tuple(bands(scored)),
        accounts=accounts(run),
        rhythm=tuple(rhythm(run, name, *where) for name, where in MOMENTS.items()),
        growth=tuple(growth(run, name, *where) for name, where in GROWTH.items()),
        utc_offset=local_offset(run) // MINUTE,
    )
