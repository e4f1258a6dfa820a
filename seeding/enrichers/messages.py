"""Message: every client has conversations that are worth opening."""

from __future__ import annotations

import numpy as np
from django.db.models import Count, Max, Q

from seeding.engine.clock import MINUTE, moment
from seeding.engine.columns import BOOL, INT, MISSING, TIME, UUID, Frame, places_of, read, whether
from seeding.engine.enricher import Enricher, Gaps
from seeding.engine.gaps import Gap, Subjects
from seeding.engine.grouping import find_unsorted, rank_within
from seeding.engine.keys import Bools, Ids, Ints, seeded_range
from seeding.planning.companions import company
from seeding.planning.occasions import occasions
from seeding.rows.messages import (
    SPEAKERS,
    Exchange,
    Threads,
    after_sessions,
    conversation_rows,
    exchange,
    joined,
    message_rows,
    newest,
    opened,
    participant_rows,
    script_of,
)
from seeding.world.care import relationships, sessions
from seeding.world.communities import communities, memberships
from seeding.world.people import ADMIN, MODERATOR, NOBODY, ROLES, first_names, people


class MessagesEnricher(Enricher):
    """Clients talk with their therapists, with one another and with support, and their conversations go on."""

    table = "Message"
    also = ("Conversation", "ConversationParticipant")
    fills = ("client.conversations", "client.messagesPerConversation")
    after = ("ClientTherapist", "Comment", "Heart", "Meeting", "Worksheet")

    def ensure_user_has_conversations(self, users: Subjects = None) -> int:
        """Each client takes part in enough conversations; new ones come with their messages."""
        return self.fill("client.conversations", subjects=users)

    def ensure_conversation_has_messages(self, those: Subjects = None) -> int:
        """Each conversation in which a client takes part has enough messages."""
        return self.fill("client.messagesPerConversation", subjects=those)

    def supply(self, gaps: Gaps) -> None:
        """Conversations that are there go on; then those that are missing are begun."""
        if not gaps:
            return
        self.everybody = people(self.run)
        self.names = first_names(self.run, self.everybody)
        self.related = relationships(self.run, self.everybody)
        self.sessions = sessions(self.run, self.everybody, self.related)
        self.go_on(gaps["client.messagesPerConversation"])
        self.begin(gaps["client.conversations"])

    def begin(self, short: Gap) -> None:
        """Write the conversations that clients lack, their participants, and what they say."""
        if not len(short):
            return
        members = memberships(self.run, self.everybody, communities(self.run))
        plan = company(self.run, members, short.needed_by(self.everybody.ids))
        ids = self.new_ids("mentara.Conversation", self.everybody.ids, plan.seats[:, 0])
        begun = opened(self.run, ids, self.everybody, plan)
        seated = joined(self.run, ids, plan, begun)
        none = np.zeros(len(ids), dtype=np.int64)
        enough = np.full(len(ids), self.least("client.messagesPerConversation"))
        speakers = plan.seats[:, :SPEAKERS]
        subjects = self.occasions(speakers, none == 0, begun)
        threads = Threads(ids, speakers, seated.max(axis=1), none, none > 0, enough, subjects)
        talk = self.exchange(threads)
        self.write("mentara.Conversation", conversation_rows(ids, plan, begun, threads, talk))
        seats = self.new_ids("mentara.ConversationParticipant", ids, np.nonzero(plan.seats >= 0)[0])
        self.write(  # unnamed, so that memory does not hold these rows while messages are written
            "mentara.ConversationParticipant",
            *participant_rows(self.run, seats, self.everybody, plan, seated, threads, talk),
        )
        self.write_messages(threads, talk)

    def go_on(self, short: Gap) -> None:
        """Write the messages that conversations lack, after what was said there, and note when the last one came."""
        if not len(short):
            return
        threads, before = self.threads(short)
        talk = self.exchange(threads)
        self.write_messages(threads, talk)
        last = newest(threads, talk)
        columns = {
            "id": threads.ids,
            "last_message_at": np.maximum(before.newest, last),
            "updated_at": np.maximum(before.updated_at, last),
        }
        self.update("mentara.Conversation", columns)

    def occasions(self, speakers: Ints, opening: Bools, at: Ints) -> Bools:
        """What there is to talk about in each conversation at its instant."""
        return occasions(self.run, self.everybody, self.related, self.sessions, speakers, opening, at)

    def exchange(self, threads: Threads) -> Exchange:
        """Who sends what when, nobody during a session."""
        return after_sessions(self.run, threads, exchange(self.run, self.everybody, threads), self.sessions)

    def write_messages(self, threads: Threads, talk: Exchange) -> None:
        """Write what is said."""
        if len(talk.thread):
            ids = self.new_ids("mentara.Message", threads.ids, talk.thread)
            told = script_of(self.run, ids, self.everybody, threads, talk)
            self.write_rows(
                "mentara.Message",
                lambda part: message_rows(ids, self.everybody, self.names, threads, talk, told, part),
                np.arange(len(ids)),
            )

    def threads(self, short: Gap) -> tuple[Threads, Frame]:
        """The conversations that are short of messages: who may speak there and after what; and what they were before.

        A message of somebody else's that is dated after as-of does not push others there.
        """
        group = whether(type="GROUP")
        found = self.rows("mentara.Conversation").annotate(group=group)
        talks = read(found, pk=UUID, group=BOOL, created_at=TIME, updated_at=TIME)
        talks = talks.take(places_of(short.ids, talks.pk))
        speakers, seated = self.speakers(short.ids, talks.group)
        ours = Count("pk", filter=Q(pk__range=seeded_range()))
        past = Max("created_at", filter=Q(created_at__lt=moment(self.run.as_of - MINUTE)))
        messages = self.rows("mentara.Message").values("conversation_id")
        said = read(
            messages.annotate(ours=ours, past=past, newest=Max("created_at")),
            conversation_id=UUID, ours=INT, past=TIME, newest=TIME,
        )  # fmt: skip
        at = find_unsorted(short.ids, said.conversation_id)
        for name, nothing in (("ours", 0), ("past", MISSING), ("newest", MISSING)):
            column = np.full(len(at), nothing, dtype=np.int64)
            column[at >= 0] = said.columns[name][at[at >= 0]]
            talks.columns[name] = column
        after = np.maximum.reduce([talks.created_at, seated, talks.past])
        joins_in = short.has > talks.ours
        begun = np.where(talks.ours > 0, talks.created_at, after)
        subjects = self.occasions(speakers, ~joins_in, begun)
        return Threads(short.ids, speakers, after, talks.ours, joins_in, short.needs, subjects), talks

    def speakers(self, ids: Ids, group: Bools) -> tuple[Ints, Ints]:
        """Who speaks in each conversation, in the order of joining, and when the last of them joined.

        Who joins after as-of speaks only where nobody is there before. The active come first, and where
        there are two of them nobody else speaks; in groups those who look after it keep silent. Outside
        of groups two speak, of different roles if there are.
        """
        seats = read(
            self.rows("mentara.ConversationParticipant"),
            conversation_id=UUID, user_id=UUID, joined_at=TIME, is_active=BOOL,
        )  # fmt: skip
        thread, user = find_unsorted(seats.conversation_id, ids), self.everybody.find(seats.user_id)
        late = seats.joined_at > self.run.as_of - MINUTE
        waiting = np.bincount(thread[(thread >= 0) & ~late], minlength=len(ids)) == 0
        order = np.lexsort((user, seats.joined_at, thread))
        order = order[(thread[order] >= 0) & (~late | waiting[thread])[order]]
        seats, thread, user = seats.take(order), thread[order], user[order]
        role, joining = self.everybody.role[user], rank_within(thread)
        silent = group[thread] & np.isin(role, (MODERATOR, ADMIN))
        unfit = ~seats.is_active | silent
        fit = np.bincount(thread[~unfit], minlength=len(ids))
        speak = np.where(group, np.clip(fit, 2, SPEAKERS), 2)
        of_role = np.where(group[thread], joining, rank_within(thread * len(ROLES) + role, joining))
        order = np.lexsort((joining, role, of_role, unfit, thread))
        chosen = order[rank_within(thread[order]) < speak[thread[order]]]
        chosen = chosen[np.lexsort((joining[chosen], role[chosen], thread[chosen]))]
        speakers = np.full((len(ids), SPEAKERS), NOBODY, dtype=np.int64)
        speakers[thread[chosen], rank_within(thread[chosen])] = user[chosen]
        seated = np.full(len(ids), MISSING, dtype=np.int64)
        np.maximum.at(seated, thread[chosen], seats.joined_at[chosen])
        return speakers, seated
