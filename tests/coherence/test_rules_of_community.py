"""Rules of communities, posts, comments and hearts. Each is broken alone, or only seems to be."""

from __future__ import annotations

import pytest
from coherence.kept_world import World, ago, broken, change, found

from mentara.models import Heart

pytestmark = pytest.mark.django_db


def test_post__of_a_stranger__is_reported(world: World) -> None:
    post = world.write(world.user("client"), days=50)
    assert found() == broken("C1", post)


def test_comment_and_heart__of_strangers__are_reported(world: World) -> None:
    stranger = world.user("client")
    comment = world.answer(world.post, stranger, days=50)
    heart = world.add(Heart, user=stranger, comment=world.comment, created_at=ago(50))
    other = world.add(Heart, user=stranger, post=world.post, created_at=ago(50))
    assert found() == broken("C1", comment, heart, other)


def test_post__before_its_author_joined__is_reported(world: World) -> None:
    author = world.user("client")
    world.join(author, days=40)
    post = world.write(author, days=50)
    assert found() == broken("C1", post)


def test_post_comment_and_heart__before_a_young_membership_of_theirs__are_allowed(world: World) -> None:
    newcomer = world.user("client", theirs=True, days=1)
    world.join(newcomer, theirs=True, days=1)
    world.write(newcomer, days=50)
    world.answer(world.post, newcomer, days=50)
    world.add(Heart, user=newcomer, post=world.post, created_at=ago(50))
    assert found() == set()


def test_post__before_a_membership_of_theirs_with_a_past__is_reported(world: World) -> None:
    author = world.user("client", theirs=True)
    world.join(author, theirs=True, days=91)
    post = world.write(author, days=92)
    assert found() == broken("C1", post)


def test_comment__no_newer_than_its_post__is_reported(world: World) -> None:
    comment = world.answer(world.post, world.friend, days=100)
    assert found() == broken("C2", comment)


def test_comment__older_than_a_young_post_of_theirs__is_reported(world: World) -> None:
    comment = world.answer(world.write(theirs=True, days=1), world.friend, days=2)
    assert found() == broken("C2", comment)


def test_reply__no_newer_than_its_parent__is_reported(world: World) -> None:
    reply = world.answer(world.post, world.client, days=90, parent=world.comment)
    assert found() == broken("C2", reply)


def test_reply__on_another_post__is_reported(world: World) -> None:
    reply = world.answer(world.write(days=60), world.friend, days=50, parent=world.comment)
    assert found() == broken("C2", reply)


def test_heart__for_ones_own_post_or_comment__is_reported(world: World) -> None:
    mine = world.add(Heart, user=world.client, post=world.post, created_at=ago(50))
    said = world.add(Heart, user=world.client, comment=world.reply, created_at=ago(50))
    assert found() == broken("C3", mine, said)


def test_member__who_moderates_without_the_role__is_reported(world: World) -> None:
    change(world.seat, role="MODERATOR")
    assert found() == broken("C4", world.seat)
