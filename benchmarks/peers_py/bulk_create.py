"""Django's own bulk_create, texts from a list of words: quicker than Faker, and as common in scripts that fill much."""

from __future__ import annotations

from random import choice, choices  # as scripts of this kind do: nobody asks a peer for the same rows again
from typing import Any

from django.db import transaction

from mentara.models import Comment, Community, Conversation, Heart, Message, Post, User

BATCH = 1000
WORDS = (
    "sleep night walk work tired better week friend listen breathe slow worry morning help talk time plan hope small",
    "step again quiet family question answer read share today feel group next thank year care change room",
)
EACH = [word for line in WORDS for word in line.split()]


def words(number: int) -> str:
    """So many words."""
    return " ".join(choices(EACH, k=number))


@transaction.atomic
def fill(rows: int) -> None:
    """Make the rows of one table after the other."""
    each = range(rows)

    def create(model: Any, made: list[Any]) -> list[Any]:
        return list(model.objects.bulk_create(made, batch_size=BATCH))

    users = create(User, [User(email=f"u{at}@bulk.example", first_name="Ana", last_name=words(1)) for at in each])
    communities = create(
        Community,
        [Community(name=f"{words(2)} {at}", slug=f"bulk-{at}", description=words(12), image_url="") for at in each],
    )
    posts = create(
        Post,
        [Post(user=choice(users), community=choice(communities), title=words(5), content=words(40)) for _ in each],
    )
    create(Comment, [Comment(post=choice(posts), user=choice(users), content=words(20)) for _ in each])
    create(Heart, [Heart(user=user, post=post) for user, post in zip(users, posts, strict=True)])
    conversations = create(Conversation, [Conversation(title=words(3)) for _ in each])
    create(
        Message,
        [Message(conversation=choice(conversations), sender=choice(users), content=words(12)) for _ in each],
    )
