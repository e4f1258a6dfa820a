"""Communities, their members, and what these write and like."""

from __future__ import annotations

from typing import Any

import numpy as np
from factory.declarations import LazyAttribute, Maybe, SelfAttribute, Trait

from mentara import models
from mentara.models import User
from seeding.engine.clock import micros
from seeding.engine.columns import NULL_ID, Frame
from seeding.engine.keys import Ids, ids_of
from seeding.engine.values import Columns
from seeding.legacy.factories.accounts import UserFactory
from seeding.legacy.factories.base import Factory, Timestamped
from seeding.legacy.factories.declarations import Column, Free, Key, Parent, Row
from seeding.legacy.factories.one_row import each, key, people_of
from seeding.rows.comments import comment_rows
from seeding.rows.communities import community_ids, community_rows
from seeding.rows.hearts import heart_rows
from seeding.rows.memberships import membership_rows
from seeding.rows.posts import post_rows
from seeding.world.communities import Communities, Memberships, Posts
from seeding.world.concerns import topic_of
from seeding.world.mentara import NOBODY


def communities_of(community: Any) -> Communities:
    """The community alone."""
    topic = topic_of(community.slug, community.name)
    created = np.array([micros(community.created_at)], dtype=np.int64)
    return Communities(key(community), created, np.array([topic]), [community.slug], [community.name])


def members_of(of: Any, community: Any, *others: User) -> Memberships:
    """The author's membership in the community, if there is one, and others who have a part in the row."""
    there = [of.membership] if of.membership else []
    frame = Frame(
        {
            "id": key(*there),
            "user_id": ids_of(one.user_id for one in there),
            "community_id": ids_of(one.community_id for one in there),
            "joined_at": np.array([micros(one.joined_at) for one in there], dtype=np.int64),
        }
    )
    return Memberships.of(people_of(of.run, of.user, *others), communities_of(community), frame)


class CommunityFactory(Timestamped[models.Community]):
    """A community; `ordinal` chooses what it is about."""

    class Meta:
        model = models.Community

    class Params:
        ordinal = Free(ids=lambda ordinal: community_ids(np.array([ordinal])))
        row = Row(lambda of, ordinals: community_rows(of.run, ordinals), key="ordinal")

    id = Column()
    name = Column()
    slug = Column()
    description = Column()
    image_url = Column()


def membership_columns(of: Any, ids: Ids) -> Columns:
    """A membership of the user in the community."""
    everybody, places = people_of(of.run, of.user), communities_of(of.community)
    return membership_rows(of.run, ids, everybody, each(0, ids), places, each(0, ids))[0]


class CommunityMemberFactory(Factory[models.CommunityMember]):
    """A membership, or the one that the user has in the community already; `moderator=True` makes a moderator join."""

    class Meta:
        model = models.CommunityMember
        django_get_or_create = ("user", "community")

    class Params:
        slot = Free()
        subject = SelfAttribute("user")
        moderator = Trait(user=Parent(UserFactory, role="moderator"))
        row = Row(membership_columns)

    id = Key("subject")
    user = Parent(UserFactory)
    community = Parent(CommunityFactory)
    role = Column()
    joined_at = Column()


def post_columns(of: Any, ids: Ids) -> Columns:
    """A post, the author's `slot`-th."""
    members = members_of(of, of.community)
    return post_rows(of.run, members, ids, each(0, ids), each(0, ids), each(of.slot, ids))[0]


class PostFactory(Timestamped[models.Post]):
    """A post, the author's `slot`-th; the author is a member of the community."""

    class Meta:
        model = models.Post

    class Params:
        slot = Free()
        membership = Parent(
            CommunityMemberFactory, user=SelfAttribute("..user"), community=SelfAttribute("..community")
        )
        row = Row(post_columns)

    id = Key("user")
    user = Parent(UserFactory)
    community = Parent(CommunityFactory)
    title = Column()
    content = Column()


def comment_columns(of: Any, ids: Ids) -> Columns:
    """A comment, the author's `slot`-th; a reply that would come too early for its parent counts from there."""
    members = members_of(of, of.post.community, of.post.user)
    author, writer = members.people.find(key(of.user)), members.people.find(key(of.post.user))
    answered = key(of.parent) if of.parent else np.array([NULL_ID], dtype="S16")

    def after(instant: int) -> Columns:
        posts = Posts(key(of.post), writer, each(0, ids), each(instant, ids))
        counts = each(of.slot, ids), each(of.place, ids)
        return comment_rows(of.run, members, posts, ids, author, each(0, ids), *counts, answered)[0]

    columns = after(micros(of.post.created_at))
    early = of.parent is not None and columns["created_at"][0] <= micros(of.parent.created_at)
    return after(micros(of.parent.created_at)) if early else columns


class CommentFactory(Timestamped[models.Comment]):
    """A comment, the author's `slot`-th, by another member of the post's community; `parent` makes it a reply.

    It is the `place`-th under the post.
    """

    class Meta:
        model = models.Comment

    class Params:
        slot = Free()
        place = 0
        membership = Parent(
            CommunityMemberFactory, user=SelfAttribute("..user"), community=SelfAttribute("..post.community")
        )
        row = Row(comment_columns)

    id = Key("user")
    post = Maybe("parent", SelfAttribute("parent.post"), Parent(PostFactory))
    user = Parent(UserFactory)
    parent = None
    content = Column()


def heart_columns(of: Any, ids: Ids) -> Columns:
    """A heart for the post or the comment."""
    members, first = members_of(of, of.place), each(0, ids)
    liked, on = (of.comment, "comment_id") if of.comment else (of.post, "post_id")
    things = Posts(key(liked), each(NOBODY, ids), first, each(micros(liked.created_at), ids))
    return heart_rows(of.run, members, things, on, ids, first, first)[0]


class HeartFactory(Factory[models.Heart]):
    """A heart by another member for a post, or for the comment given."""

    class Meta:
        model = models.Heart

    class Params:
        slot = Free()
        place = LazyAttribute(lambda heart: (heart.comment.post if heart.comment else heart.post).community)
        membership = Parent(CommunityMemberFactory, user=SelfAttribute("..user"), community=SelfAttribute("..place"))
        row = Row(heart_columns)

    id = Key("user")
    user = Parent(UserFactory)
    post = Maybe("comment", None, Parent(PostFactory))
    comment = None
    created_at = Column()
