"""Who talks with whom: clients short of conversations find their therapists, one another, and the people who help.

Therapists come first. Of what is still owed, some goes to small groups of one community and some to
pairs, where one conversation serves everybody in it; the rest are requests for support, which
somebody looks after as long as there is anybody who could.
"""

from __future__ import annotations

import numpy as np
from django.db.models import Min

from seeding.engine.columns import MISSING, TIME, UUID, read
from seeding.engine.grouping import Groups, distinct, find, find_unsorted, first_of_each, is_in, rank_within
from seeding.engine.keys import Bools, Ints, Keys
from seeding.engine.pairs import pair_code
from seeding.engine.run import Run
from seeding.rows.messages import DIRECT, GROUP, SEATS, SESSION, SPEAKERS, SUPPORT, Company
from seeding.world.communities import Memberships
from seeding.world.mentara import NOBODY, rows
from seeding.world.people import ADMIN, MODERATOR

SESSION_SHARE = 0.4
"""How often a client writes to a therapist about the sessions as well as privately."""
SUPPORT_SHARE, GROUP_SHARE = 0.12, 0.3
"""Where conversations other than with therapists go; what is left goes to pairs. Chosen so that each kind occurs."""
LEAST_CIRCLE = 3
LISTENS_SHARE = 0.5
"""How often a moderator of the community has a seat in a group."""
_ROUNDS = 6


def company(run: Run, members: Memberships, owed: Ints) -> Company:
    """Conversations for everybody who is owed some: `owed` says how many for each place of people."""
    return _Matchmaker(run, members, owed).everybody_served()


class _Matchmaker:
    """The conversations found so far, and how many each client is still owed."""

    def __init__(self, run: Run, members: Memberships, owed: Ints) -> None:
        self.run, self.members, self.people = run, members, members.people
        self.owed = owed.copy()
        self.direct = self.pairs("DIRECT")
        self.types: list[Ints] = []
        self.seats: list[Ints] = []
        self.since: list[Ints] = []

    def everybody_served(self) -> Company:
        """Serve everybody who is owed a conversation."""
        self.with_therapists()
        owner = np.repeat(np.arange(len(self.owed)), self.owed)
        turn = rank_within(owner)
        helpers = self.helpers()
        luck = self.run.draws.unit("company", self.people.keys[owner], turn)
        apart = (self.members.by_user.counts[owner] == 0) | ((luck < SUPPORT_SHARE) & (len(helpers) > 0))
        grouped = ~apart & (luck < SUPPORT_SHARE + GROUP_SHARE)
        grouped[grouped] = self.in_groups(owner[grouped], turn[grouped])
        sociable = ~apart & ~grouped
        paired = sociable.copy()
        paired[sociable] = self.with_peers(owner[sociable], turn[sociable])
        self.with_helpers(owner[~grouped & ~paired], helpers)
        return Company(np.concatenate(self.types), np.concatenate(self.seats), np.concatenate(self.since))

    def add(self, kind: int, seats: list[Ints], since: Ints) -> None:
        """Plan conversations with these people on the first seats."""
        table = np.full((len(since), SEATS), NOBODY, dtype=np.int64)
        for at, users in enumerate(seats):
            table[:, at] = users
        self.types.append(np.full(len(since), kind, dtype=np.int64))
        self.seats.append(table)
        self.since.append(since)

    def code(self, one: Ints, other: Ints) -> Ints:
        """One number for two people, whichever comes first."""
        return pair_code(np.minimum(one, other), np.maximum(one, other), len(self.people))

    def pairs(self, kind: str) -> Ints:
        """The pairs of people who sit in a conversation of this type."""
        found = read(
            rows(self.run, "ConversationParticipant", conversation__type=kind), conversation_id=UUID, user_id=UUID
        )
        user = self.people.find(found.user_id)
        codes: list[Ints] = [np.empty(0, dtype=np.int64)]
        near = np.arange(len(user))
        for step in range(1, len(user)):
            near = near[near + step < len(user)]
            near = near[found.conversation_id[near] == found.conversation_id[near + step]]
            if not len(near):
                break
            codes.append(self.code(user[near], user[near + step]))
        return np.concatenate(codes)

    def with_therapists(self) -> None:
        """A private conversation with each therapist who still treats them, and sometimes one about the sessions."""
        treated = rows(self.run, "ClientTherapist").exclude(status="inactive")
        care = read(treated, client_id=UUID, therapist_id=UUID, assigned_at=TIME)
        client, therapist = self.people.find(care.client_id), self.people.find(care.therapist_id)
        mine = np.lexsort((therapist, client))
        mine = mine[(self.owed[client[mine]] > 0) & (client[mine] != therapist[mine])]
        care, client, therapist = care.take(mine), client[mine], therapist[mine]
        code = self.code(client, therapist)
        keys = self.people.keys[client] ^ self.people.keys[therapist]
        order = self.run.draws.bits("therapist", keys)
        self.treat(DIRECT, client, therapist, care.assigned_at, ~is_in(code, self.direct), order)
        met = self.first_meetings(client, therapist)
        free = (met != MISSING) & self.run.draws.chance("session", keys, SESSION_SHARE)
        free &= ~is_in(code, self.pairs("SESSION"))
        self.treat(SESSION, client, therapist, np.maximum(met, care.assigned_at), free, order)

    def treat(self, kind: int, client: Ints, therapist: Ints, since: Ints, free: Bools, order: Keys) -> None:
        """Plan conversations of these clients with these therapists, as many as they are owed, where they are free."""
        places = np.flatnonzero(free)
        places = places[rank_within(client[places], order[places]) < self.owed[client[places]]]
        self.add(kind, [client[places], therapist[places]], since[places])
        self.owed -= np.bincount(client[places], minlength=len(self.owed))
        if kind == DIRECT:
            self.direct = np.concatenate([self.direct, self.code(client[places], therapist[places])])

    def first_meetings(self, client: Ints, therapist: Ints) -> Ints:
        """When the first meeting of each of these pairs was arranged; MISSING where none was."""
        meetings = rows(self.run, "Meeting").values("client_id", "therapist_id").annotate(first=Min("created_at"))
        found = read(meetings, client_id=UUID, therapist_id=UUID, first=TIME)
        known = pair_code(self.people.find(found.client_id), self.people.find(found.therapist_id), len(self.people))
        return np.r_[found.first, MISSING][find_unsorted(pair_code(client, therapist, len(self.people)), known)]

    def place(self, owner: Ints, turn: Ints, purpose: str) -> Ints:
        """One of each owner's communities."""
        own = self.members.by_user
        at = self.run.draws.below(purpose, self.people.keys[owner], own.counts[owner], turn)
        return np.asarray(self.members.community[own.member(owner, at)])

    def in_groups(self, owner: Ints, turn: Ints) -> Bools:
        """Circles of three or four of one community; returns who found one."""
        found = self.circles(owner, turn, self.place(owner, turn, "circle"))
        left = np.flatnonzero(~found)
        found[left] = self.circles(owner[left], turn[left], self.busiest(owner[left]))
        return found

    def busiest(self, owner: Ints) -> Ints:
        """The community of each owner to which most of the owners belong."""
        users = distinct(owner)
        held = np.flatnonzero(find(self.members.user, users) >= 0)
        user, place = self.members.user[held], self.members.community[held]
        order = np.lexsort((place, -np.bincount(place, minlength=1)[place], user))
        best = order[rank_within(user[order]) == 0]
        return np.asarray(place[best][np.searchsorted(users, owner)])

    def circles(self, owner: Ints, turn: Ints, place: Ints) -> Bools:
        """Circles of owners who chose the same community, each of them once; returns who found one."""
        once = first_of_each(pair_code(place, owner, len(self.people)))
        order = self.run.draws.bits("circle", self.people.keys[owner[once]], turn[once])
        rank = rank_within(place[once], order)
        circles = (np.bincount(place[once], minlength=len(self.members.communities)) // LEAST_CIRCLE)[place[once]]
        inside = rank < circles * SPEAKERS
        once, rank, circles = once[inside], rank[inside], circles[inside]
        circle = place[once] * len(owner) + rank % np.maximum(circles, 1)
        number = distinct(circle)
        seats = np.full((len(number), SEATS), NOBODY, dtype=np.int64)
        seats[np.searchsorted(number, circle), rank // np.maximum(circles, 1)] = owner[once]
        where = number // max(len(owner), 1)
        seats[:, SPEAKERS] = self.listeners(seats, where)
        self.add(GROUP, list(seats.T), self.joined(seats, where))
        found = np.zeros(len(owner), dtype=np.bool_)
        found[once] = True
        return found

    def listeners(self, seats: Ints, place: Ints) -> Ints:
        """A moderator of the community for some of the groups there."""
        moderators = np.flatnonzero(self.people.role[self.members.user] == MODERATOR)
        pool = Groups(self.members.community[moderators], len(self.members.communities), moderators)
        keys = self.people.keys[seats[:, 0]]
        listens = self.run.draws.chance("listens", keys, LISTENS_SHARE, place) & (pool.counts[place] > 0)
        user = np.full(len(place), NOBODY, dtype=np.int64)
        at = self.run.draws.below("listener", keys[listens], pool.counts[place[listens]], place[listens])
        user[listens] = self.members.user[pool.member(place[listens], at)]
        return np.where((seats == user[:, None]).any(axis=1), NOBODY, user)

    def joined(self, seats: Ints, place: Ints) -> Ints:
        """Since when all of them have been in the community."""
        each = [np.where(users >= 0, self.members.joined(users, place), MISSING) for users in seats.T]
        return np.asarray(np.maximum.reduce(each))

    def with_peers(self, owner: Ints, turn: Ints) -> Bools:
        """Two of one community, both owed a conversation, who have none with each other; returns who found one."""
        done = np.zeros(len(owner), dtype=np.bool_)
        for attempt in range(_ROUNDS):
            left = np.flatnonzero(~done)
            place = self.place(owner[left], turn[left], f"place {attempt}")
            luck = self.run.draws.bits(f"peer {attempt}", self.people.keys[owner[left]], turn[left])
            order = np.lexsort((luck, place))
            left, place = left[order], place[order]
            first = np.flatnonzero((rank_within(place[:-1]) % 2 == 0) & (place[1:] == place[:-1]))
            one, other = owner[left[first]], owner[left[first + 1]]
            code = self.code(one, other)
            good = np.zeros(len(code), dtype=np.bool_)
            good[first_of_each(code)] = True
            good &= (one != other) & ~is_in(code, self.direct)
            self.direct = np.concatenate([self.direct, code[good]])
            seats = np.stack([one[good], other[good]], axis=1)
            self.add(DIRECT, list(seats.T), self.joined(seats, place[first[good]]))
            done[left[np.concatenate([first[good], first[good] + 1])]] = True
        return done

    def helpers(self) -> Ints:
        """The moderators and admins, those with few conversations first; the suspended only if there are no others."""
        staff = np.isin(self.people.role, (MODERATOR, ADMIN))
        active = staff & self.people.active
        helpers = np.flatnonzero(active if active.any() else staff)
        seats = rows(self.run, "ConversationParticipant", user__role__in=("moderator", "admin"))
        busy = np.bincount(self.people.find(read(seats, user_id=UUID).user_id), minlength=len(self.people))
        luck = self.run.draws.bits("helper", self.people.keys[helpers])
        return np.asarray(helpers[np.lexsort((luck, busy[helpers]))])

    def with_helpers(self, owner: Ints, helpers: Ints) -> None:
        """Requests for support, looked after by turns; nobody answers their own, and where nobody can, nobody does."""
        helper = np.full(len(owner), NOBODY, dtype=np.int64)
        for step in range(min(len(helpers), 2)):
            own = (helper == owner) | (helper == NOBODY)
            helper[own] = helpers[(np.flatnonzero(own) + step) % len(helpers)]
        helper[helper == owner] = NOBODY
        self.add(SUPPORT, [owner, helper], np.full(len(owner), MISSING))
