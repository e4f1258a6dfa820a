"""Notification: every client and therapist is told of what concerns them."""

from __future__ import annotations

import uuid
from typing import Any

import numpy as np

from seeding.engine.columns import JSON, TEXT, UUID, narrowed, read
from seeding.engine.enricher import Enricher, Gaps
from seeding.engine.gaps import Subjects
from seeding.engine.grouping import Groups, rank_within
from seeding.engine.keys import Bools, Ids, Ints, Keys, ids_of, keys_of, mix
from seeding.planning.news import everything_new
from seeding.rows.notifications import TYPES, News, notification_rows
from seeding.world.people import People, people

UPDATE_SHARE = 0.15
"""How many users hear of the platform itself although there is other news for them."""


class NotificationsEnricher(Enricher):
    """Users with a quiet bell are told of different things that happened around them."""

    table = "Notification"
    fills = ("user.notifications",)
    after = ("Comment", "Message", "Meeting", "Worksheet", "Review")

    def ensure_user_has_notifications(self, users: Subjects = None) -> int:
        """Each client and therapist has enough notifications."""
        return self.fill("user.notifications", subjects=users)

    def supply(self, gaps: Gaps) -> None:
        """Tell each user their news, what they have not been told first, and from the beginning again after all."""
        short = gaps["user.notifications"]
        if not len(short):
            return
        everybody = people(self.run)
        place = everybody.find(short.ids)
        told = np.zeros(len(everybody), dtype=np.bool_)
        told[place] = True
        news = everything_new(self.run, everybody, told)
        news = self.in_order(everybody, news, self.told(everybody, news, short.ids[short.has > 0]))
        by_user = Groups(news.user, len(everybody))
        user = np.repeat(place, short.needs)
        turn = rank_within(user)
        chosen = news.take(by_user.member(user, turn % by_user.counts[user]))
        ids = self.new_ids("mentara.Notification", everybody.ids, user)
        self.write_rows(
            "mentara.Notification",
            lambda part: notification_rows(self.run, ids[part], everybody, chosen.take(part)),
            np.arange(len(ids)),
        )

    def in_order(self, everybody: People, news: News, told: Bools) -> News:
        """The news of each user: one of each type first, in an order of their own, the platform's last."""
        draws, keys = self.run.draws, everybody.keys[news.user]
        again = rank_within(news.user * len(TYPES) + news.type, draws.bits("news", keys ^ keys_of(news.ids)))
        mood = draws.bits("type", keys, news.type)
        last = self.last(news, draws.chance("update", keys, UPDATE_SHARE))
        return news.take(np.lexsort((mood, again, last, told, news.user)))

    def told(self, everybody: People, news: News, users: Ids) -> Bools:
        """Which of the news these users have been told already."""
        if not len(users):
            return np.zeros(len(news.ids), dtype=np.bool_)
        held = narrowed(self.run, self.rows("mentara.Notification", type__in=TYPES), user_id=users)
        found = read(held, user_id=UUID, type=TEXT, data=JSON)
        about = [uuid_or_none(data.get("entityId")) if isinstance(data, dict) else None for data in found.data]
        known = np.array([one is not None for one in about], dtype=np.bool_)
        types = np.array([TYPES.index(name) for name in found.type], dtype=np.int64)
        before = events(everybody.find(found.user_id[known]), types[known], ids_of(filter(None, about)))
        return np.isin(events(news.user, news.type, news.ids), before)

    def last(self, news: News, lucky: Bools) -> Ints:
        """Which news come after others of their user: most of the platform's, and at the very end what is to come."""
        update = (news.type == TYPES.index("SYSTEM_UPDATE")) & ~lucky
        return np.where(news.since >= self.run.as_of, 2, update)


def events(user: Ints, kind: Ints, ids: Ids) -> Keys:
    """One number for each event that a user may be told of: who, which type, about which row."""
    return mix(keys_of(ids) ^ (user * len(TYPES) + kind).astype(np.uint64))


def uuid_or_none(text: Any) -> uuid.UUID | None:
    """The id that somebody's data names, if it names one."""
    try:
        return uuid.UUID(text)
    except (AttributeError, TypeError, ValueError):
        return None
