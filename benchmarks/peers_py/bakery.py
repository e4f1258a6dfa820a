"""model_bakery with `_bulk_create=True`, which fills required fields with random values by itself."""

from __future__ import annotations

from itertools import cycle
from typing import Any

from django.db import transaction
from model_bakery import baker

from mentara.models import Comment, Community, Conversation, Heart, Message, Post, User


@transaction.atomic
def fill(rows: int) -> None:
    """Make the rows of one table after the other; each belongs to the next of its parents in turn."""

    def make(model: Any, **values: Any) -> list[Any]:
        return list(baker.make(model, _quantity=rows, _bulk_create=True, **values))

    users = make(User)
    communities = make(Community)
    posts = make(Post, user=cycle(users), community=cycle(communities))
    make(Comment, post=cycle(posts), user=cycle(users))
    make(Heart, user=cycle(users), post=cycle(posts))
    conversations = make(Conversation)
    make(Message, conversation=cycle(conversations), sender=cycle(users))
