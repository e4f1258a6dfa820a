"""Message: every client has conversations that are worth opening."""

from __future__ import annotations

import numpy as np

from seeding.engine.enricher import Enricher, Gaps
from seeding.engine.gaps import Gap, Subjects
from seeding.planning.companions import company
from seeding.planning.exchanges import after_sessions, exchange, going_on
from seeding.planning.occasions import next_session, occasions
from seeding.rows.messages import (
    SPEAKERS,
    Exchange,
    Threads,
    conversation_rows,
    joined,
    message_rows,
    newest,
    opened,
    participant_rows,
    script_of,
)
from seeding.world.care import relationships, sessions
from seeding.world.communities import communities, memberships
from seeding.world.mentara import NOBODY
from seeding.world.people import first_names, people


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
        new = np.ones(len(ids), dtype=np.bool_)
        enough = np.full(len(ids), self.least("client.messagesPerConversation"))
        speakers = plan.seats[:, :SPEAKERS]
        subjects = occasions(self.run, self.everybody, self.related, self.sessions, speakers, new, begun)
        after, none = seated.max(axis=1), np.zeros(len(ids), dtype=np.int64)
        session = next_session(self.everybody, self.sessions, speakers, after)
        threads = Threads(ids, speakers, after, none, ~new, enough, subjects, session)
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
        threads, before = going_on(self.run, self.everybody, self.related, self.sessions, short)
        talk = self.exchange(threads)
        self.write_messages(threads, talk)
        last = newest(threads, talk)
        columns = {
            "id": threads.ids,
            "last_message_at": np.maximum(before.newest, last),
            "updated_at": np.maximum(before.updated_at, last),
        }
        self.update("mentara.Conversation", columns)

    def exchange(self, threads: Threads) -> Exchange:
        """Who sends what when, nobody during a session."""
        return after_sessions(self.run, threads, exchange(self.run, self.everybody, threads), self.sessions)

    def write_messages(self, threads: Threads, talk: Exchange) -> None:
        """Write what is said."""
        if len(talk.thread):
            ids = self.new_ids("mentara.Message", threads.ids, talk.thread)
            told = script_of(self.run, ids, self.everybody, threads, talk)
            seated = threads.speakers[threads.speakers != NOBODY]
            names = first_names(self.run, self.everybody, seated)
            self.write_rows(
                "mentara.Message",
                lambda part: message_rows(ids, self.everybody, names, threads, talk, told, part),
                np.arange(len(ids)),
            )
