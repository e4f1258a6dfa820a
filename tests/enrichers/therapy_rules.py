"""The rules of therapy, told again in plain Python: what they say about rows that the toolkit wrote."""

import datetime as dt
from collections import defaultdict
from itertools import pairwise
from zoneinfo import ZoneInfo, available_timezones

from mentara import models as m

DAYS = ["MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY"]
YOUNG, RECENT = dt.timedelta(days=90), dt.timedelta(days=7)


def ours(row):
    """Whether the toolkit wrote the row."""
    return row.pk.hex.startswith("5eed") and row.pk.hex[12] == "8"


def broken(as_of):
    """What the rows written by the toolkit break, as sentences."""
    return [*_meetings(as_of), *_notes(as_of), *_windows(as_of), *_reviews(as_of), *_worksheets(as_of)]


def _older(row, at, parents, as_of):
    """T1 and T2: not older than its parents unless those are young, nor after as-of unless one is very young."""
    for parent, since in parents:
        if since > at and (ours(parent) or since <= as_of - YOUNG):
            yield f"T1 {row!r} at {at} is older than {parent!r} of {since}"
    if at > as_of and not any(not ours(parent) and since > as_of - RECENT for parent, since in parents):
        yield f"T2 {row!r} at {at}"


def _relations():
    return {(r.client_id, r.therapist_id): r for r in m.ClientTherapist.objects.all()}


def _inside(meeting, window):
    zone = ZoneInfo(window.timezone)
    start, end = meeting.start_time.astimezone(zone), meeting.end_time.astimezone(zone)
    same = start.date() == end.date() and DAYS[start.weekday()] == window.day_of_week
    return same and f"{start:%H:%M:%S}" >= window.start_time and f"{end:%H:%M}" <= window.end_time


def _meetings(as_of):
    relations, windows = _relations(), defaultdict(list)
    for window in m.TherapistAvailability.objects.filter(is_available=True):
        if window.timezone in available_timezones():
            windows[window.therapist_id].append(window)
    yield from _double_booked("client_id")
    yield from _double_booked("therapist_id")
    for meeting in filter(ours, m.Meeting.objects.select_related("client", "therapist")):
        pair = relations.get((meeting.client_id, meeting.therapist_id))
        if pair is None:
            yield f"R1 {meeting!r} of two without a relationship"
            continue
        parents = [(pair, pair.assigned_at), (meeting.client, meeting.client.created_at)]
        parents.append((meeting.therapist, meeting.therapist.created_at))
        yield from _older(meeting, meeting.created_at, parents, as_of)
        if pair.status == "inactive" and meeting.start_time > as_of:
            yield f"R1 {meeting!r} after the relationship"
        if not any(_inside(meeting, window) for window in windows[meeting.therapist_id]):
            yield f"R2 {meeting!r} at {meeting.start_time}"
        yield from (f"{wrong} of {meeting!r}" for wrong, found in _oddities(meeting, as_of).items() if found)


def _oddities(meeting, as_of):
    over, ahead = meeting.end_time <= as_of, meeting.start_time > as_of
    fits = {"COMPLETED": over, "NO_SHOW": over, "CANCELLED": True, "IN_PROGRESS": not over and not ahead}
    return {
        "T3 length": meeting.end_time != meeting.start_time + dt.timedelta(minutes=meeting.duration),
        "length": meeting.duration < 15,
        "start": meeting.start_time.minute % 15 or meeting.start_time.second or meeting.start_time.microsecond,
        "T3 status": not fits.get(meeting.status, ahead),
        "long wait": meeting.status == "WAITING" and meeting.start_time > as_of + dt.timedelta(minutes=30),
        "T3 booking": not meeting.created_at < meeting.start_time,
        "T2 dates": not meeting.created_at <= meeting.updated_at <= as_of,
        "address": (meeting.meeting_type == "video") != bool(meeting.meeting_url),
    }


def _double_booked(who):
    calendars = defaultdict(list)
    for meeting in m.Meeting.objects.exclude(status="CANCELLED"):
        calendars[getattr(meeting, who)].append(meeting)
    for meetings in calendars.values():
        for one in filter(ours, meetings):
            for other in meetings:
                if one.pk != other.pk and one.start_time < other.end_time and other.start_time < one.end_time:
                    yield f"R3 {one!r} overlaps {other!r}"


def _notes(as_of):
    for note in filter(ours, m.MeetingNotes.objects.select_related("meeting")):
        meeting = note.meeting
        if meeting.status != "COMPLETED" or note.created_at <= meeting.end_time:
            yield f"R4 {note!r}"
        parents = [(meeting, meeting.created_at), (meeting, meeting.end_time)]
        yield from _older(note, note.created_at, parents, as_of)
        if "{" in note.notes:
            yield f"{note.notes} is not filled in"


def _windows(as_of):
    days = defaultdict(list)
    for window in m.TherapistAvailability.objects.select_related("therapist"):
        days[window.therapist_id, window.day_of_week].append(window)
        if ours(window):
            yield from _older(window, window.created_at, [(window.therapist, window.therapist.created_at)], as_of)
            if not (window.start_time < window.end_time and len(window.start_time) == len(window.end_time) == 5):
                yield f"R5 {window!r}"
    for windows in days.values():
        for one in filter(ours, windows):
            for other in windows:
                if one.pk != other.pk and one.start_time < other.end_time and other.start_time < one.end_time:
                    yield f"R5 {one!r} overlaps {other!r}"


def _reviews(as_of):
    relations = _relations()
    seen = [review.meeting_id for review in m.Review.objects.all() if review.meeting_id]
    for review in filter(ours, m.Review.objects.select_related("meeting", "client", "therapist")):
        meeting, pair = review.meeting, relations.get((review.client_id, review.therapist_id))
        if (
            meeting is None
            or not review.is_verified
            or seen.count(review.meeting_id) > 1
            or not 1 <= review.rating <= 5
        ):
            yield f"R7 {review!r}"
            continue
        if (meeting.client_id, meeting.therapist_id) != (review.client_id, review.therapist_id) or pair is None:
            yield f"R7 {review!r} is of others"
            continue
        if meeting.status != "COMPLETED" or review.created_at <= meeting.end_time:
            yield f"R7 {review!r} of {meeting!r}"
        parents = [(pair, pair.assigned_at), (meeting, meeting.created_at), (meeting, meeting.end_time)]
        yield from _older(review, review.created_at, parents, as_of)
        if "{" in (review.content or ""):
            yield f"{review.content} is not filled in"


def _worksheets(as_of):
    relations = _relations()
    for sheet in filter(ours, m.Worksheet.objects.select_related("therapist")):
        yield from _older(sheet, sheet.created_at, [(sheet.therapist, sheet.therapist.created_at)], as_of)
        if sheet.created_at > as_of - dt.timedelta(weeks=4) or "{" in sheet.instructions:
            yield f"{sheet!r} of {sheet.created_at}"
    for given in filter(ours, m.WorksheetAssignment.objects.select_related("worksheet", "client")):
        pair = relations.get((given.client_id, given.worksheet.therapist_id))
        if pair is None:
            yield f"R1 {given!r}"
            continue
        parents = [(pair, pair.assigned_at), (given.worksheet, given.worksheet.created_at)]
        parents.append((given.client, given.client.created_at))
        yield from _older(given, given.assigned_at, parents, as_of)
        yield from _older(given, given.created_at, parents, as_of)
        submitted = given.status in {"SUBMITTED", "REVIEWED"}
        wrong = (
            (given.submitted_at is not None) != submitted,
            bool(given.feedback) != (given.status == "REVIEWED"),
            given.status == "OVERDUE" and not given.due_date < as_of,
            given.status == "ASSIGNED" and not given.due_date > as_of,
            given.due_date <= given.assigned_at,
            submitted and not given.assigned_at <= given.submitted_at <= as_of,
            not given.created_at <= given.updated_at <= as_of,
        )
        if any(wrong):
            yield f"R6 {given!r} {given.status} {wrong}"


def neighbours_in_time(meetings):
    """The meetings two by two, in the order of time."""
    return pairwise(sorted(meetings, key=lambda meeting: meeting.start_time))
