"""AuditLog: what administrators do leaves a trace."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seeding.engine.columns import TIME, UUID, places_of, read
from seeding.engine.enricher import Enricher, Gaps
from seeding.engine.gaps import Subjects
from seeding.engine.grouping import Groups, rank_within
from seeding.engine.keys import Ids, Ints, keys_of
from seeding.rows.audit_logs import Deeds, audit_log_rows
from seeding.world.decisions import SUSPENSION, told, untold
from seeding.world.mentara import rows
from seeding.world.people import People, people

FIRST = 300
"""So many rows of a table, the first by id, are enough to choose from."""
WORK: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("MODERATE_POST", "Post", {}),
    ("DATA_EXPORT", "User", {"role": "client"}),
    ("MODERATE_COMMENT", "Comment", {}),
    ("REVIEW_MODERATE", "Review", {}),
)
"""What any administrator may have done: the action, and to which rows."""


@dataclass(frozen=True)
class Work:
    """One kind of work: the rows there are, and for each deed that is due the stretch of them its actor may take."""

    action: str | NDArray[Any]
    table: str
    ids: Ids
    since: Ints
    start: Ints
    size: Ints
    once: bool = False
    """Whether it is done once to a row: who has no row left signs in instead."""


class AuditLogsEnricher(Enricher):
    """Administrators sign in, decide on applications, moderate, and export data at users' request."""

    table = "AuditLog"
    fills = ("admin.auditLogs",)
    after = ("Comment", "Review")

    def ensure_admin_has_audit_logs(self, admins: Subjects = None) -> int:
        """Each admin has enough audit logs."""
        return self.fill("admin.auditLogs", subjects=admins)

    def supply(self, gaps: Gaps) -> None:
        """Each admin goes through the kinds of work there are, by turns, and takes another row each time."""
        short = gaps["admin.auditLogs"]
        if not len(short):
            return
        everybody = people(self.run)
        actor = np.repeat(everybody.find(short.ids), short.needs)
        turn = np.repeat(short.has, short.needs) + rank_within(actor)
        ids = self.new_ids("mentara.AuditLog", everybody.ids, actor)
        columns, dated_back = audit_log_rows(self.run, ids, everybody, self.deeds(everybody, actor, turn))
        self.write("mentara.AuditLog", columns, dated_back)

    def deeds(self, everybody: People, actor: Ints, turn: Ints) -> Deeds:
        """What each actor does at each turn: the next kind of work that they have, and the next row of it.

        The first kind is there for everybody, who do it where no row is left of one that is done once.
        """
        work = list(self.work(everybody, actor))
        actions = np.concatenate([np.broadcast_to(kind.action, len(kind.ids)) for kind in work])
        tables = np.concatenate([np.full(len(kind.ids), kind.table) for kind in work])
        ids, since = np.concatenate([kind.ids for kind in work]), np.concatenate([kind.since for kind in work])
        before = np.cumsum([0, *(len(kind.ids) for kind in work[:-1])])
        starts = np.stack([kind.start for kind in work], axis=1) + before
        sizes = np.stack([kind.size for kind in work], axis=1)
        number = (sizes > 0).sum(axis=1)
        keys, each = everybody.keys[actor], np.arange(len(actor))
        those_with_rows_first = np.argsort(sizes == 0, axis=1, kind="stable")
        kind = those_with_rows_first[each, (self.run.draws.below("deed", keys, number) + turn) % number]
        once = np.array([one.once for one in work])
        done_up = once[kind] & (rank_within(actor * len(work) + kind) >= sizes[each, kind])
        kind = np.where(done_up, 0, kind)
        lap = self.run.draws.below("lap", keys, FIRST) + turn // number
        row = starts[each, kind] + lap % sizes[each, kind]
        return Deeds(actor, actions[row].tolist(), tables[row].tolist(), ids[row], since[row])

    def work(self, everybody: People, actor: Ints) -> Iterator[Work]:
        """What these actors can have done: with rows of their own, to anybody's, and on applications they decided."""
        none, one = np.zeros(len(actor), dtype=np.int64), np.ones(len(actor), dtype=np.int64)
        yield Work("USER_LOGIN", "User", everybody.ids, everybody.created, actor, one)
        admins = read(rows(self.run, "Admin"), pk=UUID, created_at=TIME)
        own = places_of(everybody.ids[actor], admins.pk)
        yield Work("ADMIN_SYSTEM_CONFIG", "Admin", admins.pk, admins.created_at, own, one)
        for action, table, where in WORK:
            some = rows(self.run, table, **where)
            found = read(some.filter(pk__in=some.order_by("pk").values("pk")[:FIRST]), pk=UUID, created_at=TIME)
            yield Work(action, table, found.pk, found.created_at, none, none + len(found))
        yield self.suspensions(admins.pk, own)
        yield self.decisions(everybody, actor)

    def suspensions(self, admins: Ids, own: Ints) -> Work:
        """The closed accounts of clients of which no log tells yet, shared out among the admins; by each actor's."""
        closed = rows(self.run, "User", role="client", is_active=False).exclude(pk__in=told(self.run, SUSPENSION))
        found = read(closed, pk=UUID, created_at=TIME)
        by_admin = Groups((keys_of(found.pk) % max(len(admins), 1)).astype(np.int64), len(admins))
        found = found.take(by_admin.rows)
        start, size = by_admin.starts[own], by_admin.counts[own]
        return Work(SUSPENSION, "User", found.pk, found.created_at, start, size, once=True)

    def decisions(self, everybody: People, actor: Ints) -> Work:
        """The applications of therapists, in the order of the admins who approved or rejected them."""
        found = untold(self.run)
        by_admin = Groups(everybody.find(found.processed_by_admin_id), len(everybody))
        found = found.take(by_admin.rows)
        start, size = by_admin.starts[actor], by_admin.counts[actor]
        return Work(found.action, "Therapist", found.pk, found.since, start, size, once=True)
