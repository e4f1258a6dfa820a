"""django-seed, which guesses values by Faker from names and types of fields, and draws parents from what it made.

Fields that it cannot guess on this version of Django (instants without a default), or must not draw (keys that have to
be unique, a heart's second target), are given.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from typing import Any

from django.db import transaction
from django_seed import Seed

from mentara.models import Comment, Community, Conversation, Heart, Message, Post, User


def numbered(form: str) -> Callable[[Any], str]:
    """A formatter of django-seed that puts the next number into a text each time."""
    numbers = count()
    return lambda _: form.format(next(numbers))


@transaction.atomic
def fill(rows: int) -> None:
    """Make the rows of one table after the other."""
    seeder = Seed.seeder()
    seeder.add_entity(User, rows, {"email": numbered("u{}@seed.example"), "last_login": None})
    seeder.add_entity(Community, rows, {"name": numbered("Community {}"), "slug": numbered("seed-{}")})
    seeder.add_entity(Post, rows)
    seeder.add_entity(Comment, rows, {"parent": None})
    seeder.add_entity(Heart, rows, {"comment": None})
    seeder.add_entity(Conversation, rows, {"last_message_at": None})
    seeder.add_entity(Message, rows, {"reply_to": None, "edited_at": None})
    seeder.execute()
