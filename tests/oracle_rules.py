"""A naive reading of what the rules of coherence say. It shares no code with the toolkit: see `oracle.py`."""

from __future__ import annotations

import datetime as dt
import tomllib
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from oracle import DAY, Row, World, minute, ours

DATED = {"CommunityMember": "joined_at", "ClientTherapist": "assigned_at", "ConversationParticipant": "joined_at"}
DATED_ALSO = {"WorksheetAssignment": "assigned_at"}
HAPPENS = ("last_read_at", "read_at", "completed_at", "submitted_at", "edited_at", "last_login", "processed_at")
UNDATED = ("PreAssessmentAnswer",)
NEVER_SEEDED = ("Payment", "Invoice")
PARENTS = {
    "Client": {"user_id": "User"},
    "Therapist": {"user_id": "User", "processed_by_admin_id": "Admin"},
    "Admin": {"user_id": "User"},
    "Moderator": {"user_id": "User"},
    "CommunityMember": {"user_id": "User", "community_id": "Community"},
    "Post": {"user_id": "User", "community_id": "Community"},
    "Comment": {"user_id": "User", "post_id": "Post", "parent_id": "Comment"},
    "Heart": {"user_id": "User", "post_id": "Post", "comment_id": "Comment"},
    "ClientTherapist": {"client_id": "Client", "therapist_id": "Therapist"},
    "Meeting": {"client_id": "Client", "therapist_id": "Therapist"},
    "MeetingNotes": {"meeting_id": "Meeting"},
    "TherapistAvailability": {"therapist_id": "Therapist"},
    "Worksheet": {"therapist_id": "Therapist"},
    "WorksheetAssignment": {"worksheet_id": "Worksheet", "client_id": "Client"},
    "ConversationParticipant": {"conversation_id": "Conversation", "user_id": "User"},
    "Message": {"conversation_id": "Conversation", "sender_id": "User", "reply_to_id": "Message"},
    "PreAssessment": {"user_id": "Client"},
    "Review": {"client_id": "Client", "therapist_id": "Therapist", "meeting_id": "Meeting"},
    "Notification": {"user_id": "User"},
    "AuditLog": {"user_id": "User"},
}
RESERVED = ("example", "example.com", "example.org", "example.net", "test", "invalid", "localhost")
INSTRUMENTS = tomllib.loads(
    (Path(__file__).parent.parent / "seeding" / "corpus" / "instruments.toml").read_text(encoding="utf-8")
)
"""The published facts, which are data; the scoring here is not the toolkit's."""


def broken_rules(world: World, as_of: dt.datetime, edited: Collection[UUID] = ()) -> list[str]:
    """Every breach by a row that the toolkit wrote: the rule, the table, the row, and what is wrong.

    Rows that somebody has edited since are theirs.
    """
    judge = _Judge(world, as_of, edited)
    for name in sorted(name for name in dir(judge) if name.startswith("rule_")):
        getattr(judge, name)()
    return judge.broken


@dataclass
class _Judge:
    world: World
    as_of: dt.datetime
    edited: Collection[UUID]
    broken: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        rows = self.world.rows
        self.membership = {(row["user_id"], row["community_id"]): row for row in rows("CommunityMember")}
        self.relationship = {(row["client_id"], row["therapist_id"]): row for row in rows("ClientTherapist")}
        self.seats = {(row["conversation_id"], row["user_id"]): row for row in rows("ConversationParticipant")}
        self.seated = _by(rows("ConversationParticipant"), "conversation_id")
        self.messages = _by(rows("Message"), "conversation_id")

    def ours(self, key: UUID) -> bool:
        return ours(key) and key not in self.edited

    def written(self, table: str) -> Iterator[Row]:
        """The rows of a table that the toolkit wrote."""
        return (row for key, row in self.world[table].items() if self.ours(key))

    def hold(self, rule: str, table: str, row: Row, what: str, *, kept: bool) -> None:
        if not kept:
            self.broken.append(f"{rule} {table} {row.get('id', row.get('user_id'))}: {what}")

    def theirs_since(self, row: Row, key: UUID, dated: str, days: int) -> bool:
        return not self.ours(key) and row[dated] > self.as_of - days * DAY

    def leaves_no_room(self, table: str, key: UUID) -> bool:
        return self.theirs_since(self.world[table][key], key, DATED.get(table, "created_at"), 90)

    def parents(self, table: str, row: Row) -> Iterator[tuple[str, UUID]]:
        for column, parent in PARENTS.get(table, {}).items():
            if row[column] is not None:
                yield parent, row[column]

    def lies_ahead(self, table: str, key: UUID, dated: str = "") -> bool:
        """Whether a row behind this one may be dated after as-of."""
        row = self.world[table][key]
        dated = dated or DATED.get(table, "created_at")
        if not self.ours(key):
            return bool(row[dated] > self.as_of - 7 * DAY)
        return bool(row[dated] > self.as_of - dt.timedelta(minutes=1))

    def excused(self, table: str, row: Row) -> bool:
        """Whether something of the last days, or of the future, pushes this row behind as-of."""
        if any(self.lies_ahead(*parent) for parent in self.parents(table, row)):
            return True
        if table in {"MeetingNotes", "Review"}:
            meeting = self.world["Meeting"][row["meeting_id"]]
            return not self.ours(meeting["id"]) and meeting["end_time"] > self.as_of - 7 * DAY
        if table == "Message":
            before = (one for one in self.messages[row["conversation_id"]] if one["created_at"] < row["created_at"])
            if any(self.lies_ahead("Message", one["id"]) for one in before):
                return True
            seat = self.seats.get((row["conversation_id"], row["sender_id"]))
            return seat is not None and self.lies_ahead("ConversationParticipant", seat["id"])
        if table in {"Notification", "AuditLog"}:
            entity, key = named(table, row)
            return key in self.world.tables.get(entity, {}) and self.lies_ahead(entity, key)
        if table == "Conversation":
            newest = max((message["created_at"] for message in self.messages[row["id"]]), default=None)
            return row["created_at"] <= self.as_of and newest is not None and row["updated_at"] <= newest
        return False

    def rule_t1_not_older_than_a_parent(self) -> None:
        for table in PARENTS:
            for row in self.written(table):
                dates = [row[DATED.get(table, "created_at")]]
                dates += [row[DATED_ALSO[table]]] if table in DATED_ALSO else []
                for parent, key in self.parents(table, row):
                    if (table, parent) == ("Therapist", "Admin"):
                        dates = [row["processed_at"]]
                    born = self.world[parent][key][DATED.get(parent, "created_at")]
                    kept = min(dates) >= born or self.leaves_no_room(parent, key)
                    self.hold("T1", table, row, f"{min(dates)} before its {parent} of {born}", kept=kept)

    def rule_t2_nothing_after_as_of(self) -> None:
        for table in self.world.tables:
            if table in UNDATED:
                continue
            for row in self.written(table):
                dated = DATED.get(table, "created_at")
                stamps = [row[dated], *(row[name] for name in HAPPENS if row.get(name) is not None)]
                stamps += [row["updated_at"]] if "updated_at" in row else []
                stamps += [row[DATED_ALSO[table]]] if table in DATED_ALSO else []
                kept = max(stamps) <= self.as_of or self.excused(table, row)
                self.hold("T2", table, row, f"{max(stamps)} after as-of", kept=kept)
                if "updated_at" in row and "created_at" in row:
                    self.hold("T2", table, row, "updated before made", kept=row["updated_at"] >= row["created_at"])

    def rule_t3_meetings(self) -> None:
        for row in self.written("Meeting"):
            start, end, status = row["start_time"], row["end_time"], row["status"]
            length = dt.timedelta(minutes=row["duration"])
            self.hold("T3", "Meeting", row, "its end is not start and duration", kept=end == start + length)
            self.hold("T3", "Meeting", row, "created after its start", kept=row["created_at"] < start)
            if status in {"COMPLETED", "NO_SHOW"}:
                self.hold("T3", "Meeting", row, f"{status} not over", kept=end <= self.as_of)
            if status in {"SCHEDULED", "CONFIRMED", "WAITING"}:
                self.hold("T3", "Meeting", row, f"{status} has begun", kept=start > self.as_of)
            if status == "IN_PROGRESS":
                self.hold("T3", "Meeting", row, "in progress, not now", kept=start <= self.as_of <= end)

    def belongs(self, table: str, row: Row, community: UUID) -> None:
        membership = self.membership.get((row["user_id"], community))
        kept = membership is not None and (
            membership["joined_at"] <= row["created_at"] or self.leaves_no_room("CommunityMember", membership["id"])
        )
        self.hold("C1", table, row, "its author is no member, or joined later", kept=kept)

    def rule_c1_members(self) -> None:
        posts, comments = self.world["Post"], self.world["Comment"]
        for row in self.written("Post"):
            self.belongs("Post", row, row["community_id"])
        for row in self.written("Comment"):
            self.belongs("Comment", row, posts[row["post_id"]]["community_id"])
        for row in self.written("Heart"):
            post = row["post_id"] or comments[row["comment_id"]]["post_id"]
            self.belongs("Heart", row, posts[post]["community_id"])

    def rule_c2_comments(self) -> None:
        for row in self.written("Comment"):
            post = self.world["Post"][row["post_id"]]
            self.hold("C2", "Comment", row, "not newer than its post", kept=row["created_at"] > post["created_at"])
            if row["parent_id"]:
                parent = self.world["Comment"][row["parent_id"]]
                kept = parent["post_id"] == row["post_id"] and row["created_at"] > parent["created_at"]
                self.hold("C2", "Comment", row, "a reply to another post's comment, or not newer", kept=kept)

    def rule_c3_own_hearts(self) -> None:
        for row in self.written("Heart"):
            table, key = ("Post", row["post_id"]) if row["post_id"] else ("Comment", row["comment_id"])
            target = self.world[table][key]
            self.hold("C3", "Heart", row, "given to the giver's own", kept=target["user_id"] != row["user_id"])

    def rule_c4_moderators(self) -> None:
        for row in self.written("CommunityMember"):
            if row["role"] == "MODERATOR":
                kept = self.world["User"][row["user_id"]]["role"] == "moderator"
                self.hold("C4", "CommunityMember", row, "a moderator who is none", kept=kept)

    def rule_r1_in_a_relationship(self) -> None:
        for table, dated in (
            ("Meeting", "created_at"),
            ("WorksheetAssignment", "assigned_at"),
            ("Review", "created_at"),
        ):
            for row in self.written(table):
                therapist = row.get("therapist_id")
                if table == "WorksheetAssignment":
                    therapist = self.world["Worksheet"][row["worksheet_id"]]["therapist_id"]
                pair = self.relationship.get((row["client_id"], therapist))
                kept = pair is not None and (
                    pair["assigned_at"] <= row[dated] or self.leaves_no_room("ClientTherapist", pair["id"])
                )
                self.hold("R1", table, row, "no relationship, or a younger one", kept=kept)
                if table == "Meeting" and pair is not None and pair["status"] == "inactive":
                    self.hold("R1", table, row, "still to come, and they parted", kept=row["start_time"] <= self.as_of)

    def rule_r2_inside_a_window(self) -> None:
        windows = _by(self.world.rows("TherapistAvailability"), "therapist_id")
        for row in self.written("Meeting"):
            kept = any(_holds(window, row) for window in windows[row["therapist_id"]])
            self.hold("R2", "Meeting", row, f"{row['start_time']} lies in no window", kept=kept)

    def rule_r3_no_overlap(self) -> None:
        def overlap(one: Row, other: Row) -> bool:
            first, second = (sorted((row["start_time"], row["end_time"])) for row in (one, other))
            return bool(first[0] < second[1] and second[0] < first[1])

        for who in ("client_id", "therapist_id"):
            diaries = _by((row for row in self.world.rows("Meeting") if row["status"] != "CANCELLED"), who)
            for diary in diaries.values():
                for row in diary:
                    if self.ours(row["id"]):
                        clash = [other["id"] for other in diary if other is not row and overlap(row, other)]
                        self.hold("R3", "Meeting", row, f"overlaps {clash} of the {who}", kept=not clash)

    def rule_r4_notes(self) -> None:
        for row in self.written("MeetingNotes"):
            meeting = self.world["Meeting"][row["meeting_id"]]
            kept = meeting["status"] == "COMPLETED" and row["created_at"] > meeting["end_time"]
            self.hold("R4", "MeetingNotes", row, "the meeting was not held, or not over", kept=kept)

    def rule_r5_windows(self) -> None:
        def hours(window: Row) -> tuple[int, int]:
            first, last = minute(window["start_time"]), minute(window["end_time"])
            return first, last if last >= first else 24 * 60

        days = _by(self.world.rows("TherapistAvailability"), "therapist_id", "day_of_week")
        for windows in days.values():
            for row in windows:
                if self.ours(row["id"]):
                    self.hold(
                        "R5", "TherapistAvailability", row, "ends early", kept=row["start_time"] < row["end_time"]
                    )
                    first, last = hours(row)
                    others = [hours(other) for other in windows if other is not row and ":" in other["start_time"]]
                    kept = not any(start < last and first < end for start, end in others)
                    self.hold("R5", "TherapistAvailability", row, "overlaps another", kept=kept)

    def rule_r6_assignments(self) -> None:
        for row in self.written("WorksheetAssignment"):
            status, submitted = row["status"], row["submitted_at"]
            kept = (submitted is not None) == (status in {"SUBMITTED", "REVIEWED"})
            self.hold("R6", "WorksheetAssignment", row, f"{status}, submitted {submitted}", kept=kept)
            kept = (row["feedback"] is not None) == (status == "REVIEWED")
            self.hold("R6", "WorksheetAssignment", row, f"{status}, feedback {row['feedback']}", kept=kept)
            kept = {"OVERDUE": row["due_date"] < self.as_of, "ASSIGNED": row["due_date"] > self.as_of}.get(status, True)
            self.hold("R6", "WorksheetAssignment", row, f"{status}, due {row['due_date']}", kept=kept)
            self.hold("R6", "WorksheetAssignment", row, "due at once", kept=row["due_date"] > row["assigned_at"])

    def rule_r7_reviews(self) -> None:
        reviewed = Counter(row["meeting_id"] for row in self.world.rows("Review"))
        for row in self.written("Review"):
            self.hold("R7", "Review", row, "verified?", kept=row["is_verified"] == (row["meeting_id"] is not None))
            self.hold("R7", "Review", row, "without a meeting", kept=row["meeting_id"] is not None)
            meeting = self.world["Meeting"].get(row["meeting_id"])
            if meeting:
                same = all(meeting[who] == row[who] for who in ("client_id", "therapist_id"))
                kept = same and meeting["status"] == "COMPLETED" and row["created_at"] > meeting["end_time"]
                self.hold("R7", "Review", row, "another pair's meeting, or one not held, or not over", kept=kept)
                self.hold("R7", "Review", row, "not the only one", kept=reviewed[row["meeting_id"]] == 1)

    def rule_r8_approved(self) -> None:
        for row in self.written("ClientTherapist"):
            kept = self.world["Therapist"][row["therapist_id"]]["status"] == "APPROVED"
            self.hold("R8", "ClientTherapist", row, "with somebody not approved", kept=kept)
            decided = self.world["Therapist"][row["therapist_id"]]["processed_at"]
            kept = decided is None or decided > self.as_of - dt.timedelta(weeks=6) or row["assigned_at"] >= decided
            self.hold("R8", "ClientTherapist", row, "before the therapist was approved", kept=kept)
        for row in self.written("Therapist"):
            decided = row["status"] in {"APPROVED", "REJECTED"}
            kept = decided == (row["processed_by_admin_id"] is not None) == (row["processed_at"] is not None)
            self.hold("R8", "Therapist", row, "who decided, and when?", kept=kept)

    def rule_m1_direct(self) -> None:
        direct = {row["id"] for row in self.world.rows("Conversation") if row["type"] == "DIRECT"}
        pairs = Counter(frozenset(seat["user_id"] for seat in self.seated[key]) for key in direct)
        for key in direct:
            seats = self.seated[key]
            if self.ours(key) or any(self.ours(seat["id"]) for seat in seats):
                row = self.world["Conversation"][key]
                self.hold("M1", "Conversation", row, f"{len(seats)} participants", kept=len(seats) == 2)
                pair = frozenset(seat["user_id"] for seat in seats)
                self.hold("M1", "Conversation", row, "not the pair's only one", kept=pairs[pair] == 1)

    def rule_m2_messages(self) -> None:
        for row in self.written("Message"):
            seat = self.seats.get((row["conversation_id"], row["sender_id"]))
            kept = seat is not None and seat["joined_at"] < row["created_at"]
            self.hold("M2", "Message", row, "its sender takes no part, or joined later", kept=kept)
            if row["reply_to_id"]:
                answered = self.world["Message"][row["reply_to_id"]]
                kept = (
                    answered["conversation_id"] == row["conversation_id"] and answered["created_at"] < row["created_at"]
                )
                self.hold("M2", "Message", row, "a reply to a later message, or from elsewhere", kept=kept)

    def rule_m3_last_message(self) -> None:
        for key, row in self.world["Conversation"].items():
            sent = [message["created_at"] for message in self.messages[key]]
            if self.ours(key) or any(self.ours(message["id"]) for message in self.messages[key]):
                kept = row["last_message_at"] == max(sent, default=None)
                self.hold("M3", "Conversation", row, "lastMessageAt is not the newest", kept=kept)
        for row in self.written("ConversationParticipant"):
            kept = row["last_read_at"] is None or row["last_read_at"] >= row["joined_at"]
            self.hold("M3", "ConversationParticipant", row, "read before joining", kept=kept)

    def rule_a1_a2_answers(self) -> None:
        answers = _by(self.world.rows("PreAssessmentAnswer"), "pre_assessment_id")
        for row in self.written("PreAssessment"):
            taken: dict[str, dict[int, int]] = defaultdict(dict)
            for answer in answers[row["id"]]:
                taken[answer["questionnaire"]][answer["answer_index"]] = answer["value"]
            kept = set(taken) == set(row["scores"]) == set(row["severity_levels"])
            kept = kept and (bool(taken) or row["completed_at"] is None)
            self.hold("A1", "PreAssessment", row, "scores without answers, or the reverse", kept=kept)
            for slug, given in taken.items():
                if slug not in INSTRUMENTS:
                    self.hold("A1", "PreAssessment", row, f"no questionnaire {slug}", kept=False)
                    continue
                form = INSTRUMENTS[slug]
                allowed = {
                    at: form.get("item_values", {}).get(str(at + 1), form["values"]) for at in range(form["items"])
                }
                kept = set(given) == set(allowed) and all(given[at] in allowed[at] for at in given)
                self.hold("A1", "PreAssessment", row, f"{slug}: answers {given}", kept=kept)
                if kept:
                    score, severity = _scored(form, given, allowed)
                    said = row["scores"].get(slug), row["severity_levels"].get(slug)
                    self.hold("A2", "PreAssessment", row, f"{slug}: says {said}", kept=said == (score, severity))

    def rule_a3_follow_ups(self) -> None:
        for sittings in _by(self.world.rows("PreAssessment"), "user_id").values():
            done = sorted((row for row in sittings if row["completed_at"]), key=lambda row: row["completed_at"])
            for row in done[1:]:
                kept = row["completed_at"] - done[0]["completed_at"] >= 21 * DAY
                mine = self.ours(row["id"]) or self.ours(done[0]["id"])
                self.hold("A3", "PreAssessment", row, "follows within three weeks", kept=kept or not mine)

    def rule_n1_notifications(self) -> None:
        for row in self.written("Notification"):
            self.hold("N1", "Notification", row, "read?", kept=row["is_read"] == (row["read_at"] is not None))
            entity, key = named("Notification", row)
            about = self.world.tables.get(entity, {}).get(key)
            if about is None:
                self.hold("N1", "Notification", row, f"names no row: {row['data']}", kept=False)
                continue
            kept = row["created_at"] >= about[DATED.get(entity, "created_at")]
            self.hold("N1", "Notification", row, "older than what it names", kept=kept)
            kept = row["user_id"] in self.concerned(entity, about)
            self.hold("N1", "Notification", row, f"none of the user's concern: {row['data']}", kept=kept)

    def concerned(self, entity: str, row: Row) -> set[UUID]:
        """Whom a row concerns."""
        world = self.world
        match entity:
            case "User":
                return {row["id"]}
            case "Client" | "Therapist" | "Admin" | "Moderator" | "PreAssessment":
                return {row["user_id"]}
            case "Community":
                return {user for user, community in self.membership if community == row["id"]}
            case "CommunityMember":
                return {user for user, community in self.membership if community == row["community_id"]}
            case "Post":
                return {row["user_id"]} | {user for user, place in self.membership if place == row["community_id"]}
            case "Comment":
                parents = {world["Comment"][row["parent_id"]]["user_id"]} if row["parent_id"] else set()
                return {row["user_id"], world["Post"][row["post_id"]]["user_id"]} | parents
            case "Heart":
                table, key = ("Post", row["post_id"]) if row["post_id"] else ("Comment", row["comment_id"])
                return {world[table][key]["user_id"]}
            case "Meeting" | "ClientTherapist" | "Review":
                return {row["client_id"], row["therapist_id"]}
            case "MeetingNotes":
                return self.concerned("Meeting", world["Meeting"][row["meeting_id"]])
            case "TherapistAvailability":
                return {row["therapist_id"]}
            case "Worksheet":
                given = [one for one in world.rows("WorksheetAssignment") if one["worksheet_id"] == row["id"]]
                return {row["therapist_id"]} | {one["client_id"] for one in given}
            case "WorksheetAssignment":
                return {row["client_id"], world["Worksheet"][row["worksheet_id"]]["therapist_id"]}
            case "Conversation":
                return {seat["user_id"] for seat in self.seated[row["id"]]}
            case "ConversationParticipant" | "Message":
                return {seat["user_id"] for seat in self.seated[row["conversation_id"]]}
        return set()

    def rule_n2_audit_logs(self) -> None:
        for row in self.written("AuditLog"):
            actor = self.world["User"].get(row["user_id"])
            kept = actor is not None and (actor["role"] in {"admin", "moderator"} or actor["id"] in self.world["Admin"])
            self.hold("N2", "AuditLog", row, "its actor is no admin or moderator", kept=kept)
            about = self.world.tables.get(row["entity"], {}).get(row["entity_id"])
            kept = about is not None and row["created_at"] >= about[DATED.get(row["entity"], "created_at")]
            self.hold("N2", "AuditLog", row, "names no row, or a newer one", kept=kept)

    def rule_p1_people(self) -> None:
        profiles = {"client": "Client", "therapist": "Therapist", "admin": "Admin", "moderator": "Moderator"}
        for row in self.written("User"):
            found = [role for role, table in profiles.items() if row["id"] in self.world[table]]
            self.hold("P1", "User", row, f"{row['role']} with profiles {found}", kept=found == [row["role"]])
            if row["role"] in {"client", "therapist"}:
                kept = row["birth_date"] is None or _years(row["birth_date"], self.as_of.date()) >= 18
                self.hold("P1", "User", row, f"born {row['birth_date']}", kept=kept)
        for row in self.written("Therapist"):
            years = _years(row["practice_start_date"], self.as_of.date())
            kept = abs(years - row["years_of_experience"]) <= 1
            self.hold("P1", "Therapist", row, f"{row['years_of_experience']} years since {years}", kept=kept)

    def rule_p2_addresses(self) -> None:
        for row in self.written("User"):
            self.hold("P2", "User", row, row["email"], kept=_reserved(row["email"].rpartition("@")[2]))
        for table, column in (("User", "avatar_url"), ("Meeting", "meeting_url"), ("Community", "image_url")):
            for row in self.written(table):
                if row[column]:
                    host = row[column].partition("://")[2].partition("/")[0]
                    self.hold("P2", table, row, row[column], kept=_reserved(host))

    def rule_b3_nobody_says_a_text_twice(self) -> None:
        for table in ("Post", "Comment"):
            said = Counter((row["user_id"], row["content"]) for row in self.world.rows(table))
            for row in self.written(table):
                self.hold("B3", table, row, row["content"], kept=said[row["user_id"], row["content"]] == 1)

    def rule_x_billing(self) -> None:
        for table in NEVER_SEEDED:
            for row in self.written(table):
                self.hold("schema", table, row, "never seeded", kept=False)


def named(table: str, row: Row) -> tuple[str, Any]:
    """The table and the key that a notification or an audit log names."""
    if table == "AuditLog":
        return row["entity"], row["entity_id"]
    try:
        return row["data"]["entity"], UUID(row["data"]["entityId"])
    except (KeyError, TypeError, ValueError):
        return "", None


def _by(rows: Iterable[Row], *columns: str) -> defaultdict[Any, list[Row]]:
    found: defaultdict[Any, list[Row]] = defaultdict(list)
    for row in rows:
        key = tuple(row[column] for column in columns)
        found[key if len(key) > 1 else key[0]].append(row)
    return found


def _holds(window: Row, meeting: Row) -> bool:
    if not window["is_available"]:
        return False
    try:
        zone = ZoneInfo(window["timezone"])
        opens, closes = minute(window["start_time"]), minute(window["end_time"])
    except (KeyError, OSError, ValueError):
        return False
    start, end = meeting["start_time"].astimezone(zone), meeting["end_time"].astimezone(zone)
    return (
        start.date() == end.date()
        and start.strftime("%A").upper() == window["day_of_week"]
        and opens * 60 <= start.hour * 3600 + start.minute * 60 + start.second
        and end.hour * 3600 + end.minute * 60 + end.second <= closes * 60
    )


def _scored(form: dict[str, Any], given: dict[int, int], allowed: dict[int, list[int]]) -> tuple[int, str]:
    counted = {}
    for at, value in given.items():
        turned = at + 1 in form.get("reversed", ())
        counted[at + 1] = allowed[at][0] + allowed[at][-1] - value if turned else value
    total = sum(value for item, value in counted.items() if item not in form.get("unscored", ()))
    if "screen" in form:
        screen = form["screen"]
        symptoms = sum(counted[int(item)] >= least for item, least in screen["symptoms"].items())
        fulfilled = all(counted[int(item)] >= least for item, least in screen["conditions"].items())
        return total, "positive-screen" if symptoms >= screen["needed"] and fulfilled else "negative-screen"
    return total, next(band["name"] for band in form["bands"] if band["from"] <= total <= band["to"])


def _years(since: dt.date, until: dt.date) -> int:
    return until.year - since.year - ((until.month, until.day) < (since.month, since.day))


def _reserved(host: str) -> bool:
    return any(host == domain or host.endswith("." + domain) for domain in RESERVED)
