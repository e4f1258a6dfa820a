"""factory_boy's create_batch, texts by Faker, as its documentation shows."""

from __future__ import annotations

from typing import Any

import factory
from django.db import transaction
from factory.django import DjangoModelFactory

from mentara import models


class UserFactory(DjangoModelFactory[models.User]):
    """An account."""

    class Meta:
        model = models.User

    email = factory.Sequence(lambda at: f"u{at}@factory.example")
    first_name = factory.Faker("first_name")
    last_name = factory.Faker("last_name")


class CommunityFactory(DjangoModelFactory[models.Community]):
    """A community."""

    class Meta:
        model = models.Community

    name = factory.Sequence(lambda at: f"Community {at}")
    slug = factory.Sequence(lambda at: f"factory-{at}")
    description = factory.Faker("sentence")
    image_url = ""


class PostFactory(DjangoModelFactory[models.Post]):
    """A post."""

    class Meta:
        model = models.Post

    title = factory.Faker("sentence")
    content = factory.Faker("paragraph")


class CommentFactory(DjangoModelFactory[models.Comment]):
    """A comment."""

    class Meta:
        model = models.Comment

    content = factory.Faker("sentence")


class HeartFactory(DjangoModelFactory[models.Heart]):
    """A heart."""

    class Meta:
        model = models.Heart


class ConversationFactory(DjangoModelFactory[models.Conversation]):
    """A conversation."""

    class Meta:
        model = models.Conversation

    title = factory.Faker("sentence")


class MessageFactory(DjangoModelFactory[models.Message]):
    """A message."""

    class Meta:
        model = models.Message

    content = factory.Faker("sentence")


@transaction.atomic
def fill(rows: int) -> None:
    """Make the rows of one table after the other; each belongs to the next of its parents in turn."""

    def each(parents: list[Any]) -> Any:
        return factory.Iterator(parents)

    users = UserFactory.create_batch(rows)
    communities = CommunityFactory.create_batch(rows)
    posts = PostFactory.create_batch(rows, user=each(users), community=each(communities))
    CommentFactory.create_batch(rows, post=each(posts), user=each(users))
    HeartFactory.create_batch(rows, user=each(users), post=each(posts))
    conversations = ConversationFactory.create_batch(rows)
    MessageFactory.create_batch(rows, conversation=each(conversations), sender=each(users))
