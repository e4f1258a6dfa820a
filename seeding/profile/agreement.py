"""How far memberships, posts and therapy follow from clients' concerns."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import numpy as np

from seeding.corpus import load
from seeding.engine.columns import JSON, TEXT, UUID, read
from seeding.engine.keys import Bools, Ints
from seeding.engine.run import Run
from seeding.profile.values import Share, share
from seeding.texts.therapy import FILED
from seeding.world.communities import Memberships, Posts
from seeding.world.concerns import CONCERNS, known_concerns
from seeding.world.mentara import NOBODY, rows
from seeding.world.people import CLIENT, People


def in_communities(everybody: People, belongs: Memberships, written: Posts) -> Iterator[Share]:
    """How far communities joined and posts written follow from the clients' concerns."""
    topic = belongs.communities.topic
    joined = own_concern(everybody, belongs.user, topic[belongs.community])
    at_home = np.unique(belongs.user[joined])
    concerned = np.isin(everybody.concerns, topic).any(axis=1) & (everybody.role == CLIENT)
    yield share("clients in a community of a concern of theirs", len(at_home), concerned.sum())
    about = (everybody.role[belongs.user] == CLIENT) & (topic[belongs.community] < len(CONCERNS))
    yield share("concern communities joined that are theirs", joined.sum(), about.sum())
    said = own_concern(everybody, written.author, topic[written.community])
    about = (everybody.role[written.author] == CLIENT) & (topic[written.community] < len(CONCERNS))
    yield share("posts in concern communities that are theirs", said.sum(), about.sum())


def own_concern(everybody: People, who: Ints, topic: Ints) -> Bools:
    """Where a client meets a topic that is a concern of theirs."""
    mine: Bools = (everybody.concerns[who] == topic[:, None]).any(axis=1) & (everybody.role[who] == CLIENT)
    return mine


def in_therapy(run: Run, everybody: People) -> Iterator[Share]:
    """Whether the therapist knows a concern of the client's, and worksheets are about one."""
    concerns = {
        user: {at for at in held if at != NOBODY}
        for user, role, held in zip(
            everybody.ids.tolist(), everybody.role.tolist(), everybody.concerns.tolist(), strict=True
        )
        if role == CLIENT
    }
    related = read(rows(run, "ClientTherapist"), pk=UUID, client_id=UUID, therapist__expertise=JSON)
    pairs = zip(related.client_id.tolist(), related.therapist__expertise, strict=True)
    covered = [bool(concerns.get(client, set()).intersection(known_concerns(known))) for client, known in pairs]
    yield share("therapists expert in a concern of the client's", sum(covered), len(covered))

    given = read(rows(run, "WorksheetAssignment"), pk=UUID, client_id=UUID, worksheet__category=TEXT)
    kinds = Counter(
        "other" if about is None else "own" if about in concerns.get(client, ()) else "foreign"
        for client, about in zip(given.client_id.tolist(), map(FILED.get, given.worksheet__category), strict=True)
    )
    yield share("worksheets on a concern that are on the client's", kinds["own"], kinds["own"] + kinds["foreign"])
    methods = {sheet["category"] for sheets in load("worksheets")["approaches"].values() for sheet in sheets}
    by_method = sum(name in methods for name in given.worksheet__category)
    yield share("worksheets on the client's, or by an approach", kinds["own"] + by_method, len(given))
