"""Notification: every client and therapist is told of what concerns them."""

from __future__ import annotations

import numpy as np

from seeding.engine.enricher import Enricher, Gaps
from seeding.engine.gaps import Subjects
from seeding.engine.grouping import Groups, rank_within
from seeding.engine.keys import Bools, Ints, keys_of
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
        """Go through each user's news from where they stopped, and from the beginning again when all has been told."""
        short = gaps["user.notifications"]
        if not len(short):
            return
        everybody = people(self.run)
        place = everybody.find(short.ids)
        told = np.zeros(len(everybody), dtype=np.bool_)
        told[place] = True
        news = self.in_order(everybody, everything_new(self.run, everybody, told))
        by_user = Groups(news.user, len(everybody))
        user = np.repeat(place, short.needs)
        turn = np.repeat(short.has, short.needs) + rank_within(user)
        chosen = news.take(by_user.member(user, turn % by_user.counts[user]))
        ids = self.new_ids("mentara.Notification", everybody.ids, user)
        self.write_rows(
            "mentara.Notification",
            lambda part: notification_rows(self.run, ids[part], everybody, chosen.take(part)),
            np.arange(len(ids)),
        )

    def in_order(self, everybody: People, news: News) -> News:
        """The news of each user: one of each type first, in an order of their own, the platform's last."""
        draws, keys = self.run.draws, everybody.keys[news.user]
        again = rank_within(news.user * len(TYPES) + news.type, draws.bits("news", keys ^ keys_of(news.ids)))
        mood = draws.bits("type", keys, news.type)
        return news.take(
            np.lexsort((mood, again, self.last(news, draws.chance("update", keys, UPDATE_SHARE)), news.user))
        )

    def last(self, news: News, lucky: Bools) -> Ints:
        """Which news come after others of their user: most of the platform's, and at the very end what is to come."""
        update = (news.type == TYPES.index("SYSTEM_UPDATE")) & ~lucky
        return np.where(news.since >= self.run.as_of, 2, update)
