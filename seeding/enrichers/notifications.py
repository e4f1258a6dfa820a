"""Notification: every client and therapist is told of what concerns them."""

from __future__ import annotations

import numpy as np

from seeding.engine.enricher import Enricher, Gaps
from seeding.engine.gaps import Subjects
from seeding.engine.grouping import Groups, rank_within
from seeding.planning.news import everything_new, in_turn
from seeding.rows.notifications import notification_rows
from seeding.world.people import people


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
        news = in_turn(self.run, everybody, everything_new(self.run, everybody, told), short.ids[short.has > 0])
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
