"""Rules of believability: nobody says the same twice. Each is broken alone, or only seems to be."""

from __future__ import annotations

import pytest
from coherence.kept_world import World, broken, found

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("theirs", [False, True])
def test_post__said_before_by_its_author__is_reported(world: World, theirs: bool) -> None:
    content = "I could not sleep again. " * 20
    first, second = world.write(days=50, content=content), world.write(days=40, theirs=theirs, content=content)
    assert found() == broken("B3", first, *([] if theirs else [second]))


def test_comment__said_before_by_its_author__is_reported(world: World) -> None:
    comments = [world.answer(world.post, world.friend, days=50, content="Me too.") for _ in range(2)]
    assert found() == broken("B3", *comments)


def test_post__alike_at_both_ends_or_by_another_author__is_allowed(world: World) -> None:
    content = "I could not sleep again, {} minutes in all, and was tired the whole next day."
    world.write(days=50, content=content.format(45))
    world.write(days=40, content=content.format(54))
    world.write(world.friend, days=30, content=content.format(45))
    assert found() == set()
