"""The rules as a whole: a world that keeps them all, what is judged, and what is not."""

from __future__ import annotations

import datetime as dt
from uuid import UUID

import pytest
from coherence.kept_world import AS_OF, World, ago, change, dated, found

from mentara.models import Post
from seeding.coherence import RULES, AsOf, check

pytestmark = pytest.mark.django_db


def test_world__that_keeps_the_rules__is_not_reported(world: World) -> None:
    assert found() == set()


def test_rules__of_the_coherence_text__are_all_there() -> None:
    counts = {"T": 3, "C": 4, "R": 8, "M": 3, "A": 3, "N": 2, "P": 2}
    expected = {f"{letter}{number}" for letter, most in counts.items() for number in range(1, most + 1)} | {"B3"}
    assert {rule.id for rule in RULES} == expected


def test_check__narrowed_by_table__judges_nothing_else(world: World) -> None:
    change(world.post, updated_at=ago(101))
    change(world.comment, updated_at=ago(101))
    as_of = AsOf(AS_OF, AS_OF)
    assert {v.table for v in check("default", as_of)} == {"Post", "Comment"}
    assert {v.table for v in check("default", as_of, tables=["Post"])} == {"Post"}
    assert check("default", as_of, tables=[]) == ()


def test_check__of_a_table_that_is_not_known__is_refused(db: None) -> None:
    with pytest.raises(ValueError, match="no such table: Nothing"):
        check("default", AsOf(AS_OF, AS_OF), tables=["Nothing"])


def test_check__of_more_rows_than_it_shows__counts_them_all(world: World) -> None:
    posts = [world.write(days=50) for _ in range(7)]
    Post.objects.filter(pk__in=[post.pk for post in posts]).update(updated_at=ago(60))
    [violation] = check("default", AsOf(AS_OF, AS_OF))
    assert violation.rows == 7
    assert violation.examples == tuple(sorted(str(post.pk) for post in posts))[:5]


def test_rows__of_somebody_else__are_not_judged(world: World) -> None:
    stranger = world.user("client", theirs=True, email="somebody@mentara.com", birth_date=dt.date(2020, 1, 1))
    post = world.write(stranger, theirs=True, days=-3)
    change(post, updated_at=ago(400), content="Mail somebody@mentara.com")
    assert found() == set()


def test_rows__with_the_mark_but_another_version__are_not_judged(world: World) -> None:
    lookalike = UUID("5eed1000-0002-4abc-9000-000000000001")
    Post.objects.create(id=lookalike, user=world.therapist, community=world.community, **dated(400))
    assert found() == set()
