"""Every state can be seen in a medium seed, under any seed and as-of, and from a demo account."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from databases import in_turn, on_both
from django.apps import apps
from django.db import transaction
from django.db.models import BooleanField, F, Field, Q
from enrichers.small_worlds import run_of
from test_properties import rolled_back

from mentara import models as m
from seeding import cast, coherence
from seeding.demo import demo_card
from seeding.engine.clock import DAY, MINUTE, micros
from seeding.legacy.cast_hours import LONG, Hours, hours_around
from seeding.legacy.showcase import WEEKS
from seeding.orchestrator import HybridSeedOrchestrator
from seeding.request import SeedRequest
from seeding.rows.accounts import user_rows
from seeding.rows.assessments import severity_in_the_cast
from seeding.world.concerns import CONCERNS
from seeding.world.instruments import instruments
from seeding.world.locales import LOCALES, locale
from seeding.world.people import CLIENT
from seeding.world.windows import QUARTER

pytestmark = on_both

WORLDS = {
    "a-monday-noon": ("mentara", dt.datetime(2026, 3, 2, 12, tzinfo=dt.UTC)),
    "a-saturday-night": ("somewhere else", dt.datetime(2027, 7, 17, 20, 47, 31, tzinfo=dt.UTC)),
}
NEVER_SEEDED = {m.Payment, m.Invoice}
NEVER_SHOWN = {("Review.isVerified", False)}
"""A review without a meeting would not be verified, and the toolkit writes none."""


@pytest.fixture(scope="module", params=in_turn(WORLDS), ids="-".join)
def world(
    request: pytest.FixtureRequest, django_db_setup: None, django_db_blocker: Any
) -> Iterator[tuple[str, dt.datetime]]:
    """A medium seed: the database, and as-of."""
    using, name = request.param
    seed, as_of = WORLDS[name]
    with django_db_blocker.unblock(), transaction.atomic(using=using):
        HybridSeedOrchestrator(SeedRequest("medium", seed, as_of, using=using)).run_hybrid_seed()
        yield using, as_of
        transaction.set_rollback(True, using=using)


@pytest.fixture(scope="module")
def emails(world: tuple[str, dt.datetime]) -> list[str]:
    """Whom the demo card of that database names."""
    return [login.email for login in demo_card(world[0])]


def states() -> Iterator[Any]:
    """Every value that a column of a seeded table may have, read off the models."""
    for model in apps.get_app_config("mentara").get_models():
        for field in model._meta.fields if model not in NEVER_SEEDED else ():
            values = [value for value, _ in field.flatchoices] or (
                [True, False] if isinstance(field, BooleanField) else []
            )
            for value in values:
                column = f"{model._meta.db_table}.{field.column}"
                if (column, value) not in NEVER_SHOWN:
                    yield pytest.param(field, value, id=f"{column}-{value}")


MORE = {
    "first-rating": (m.Review, Q(rating=1)),
    "second-rating": (m.Review, Q(rating=2)),
    "third-rating": (m.Review, Q(rating=3)),
    "fourth-rating": (m.Review, Q(rating=4)),
    "fifth-rating": (m.Review, Q(rating=5)),
    "anonymous-review": (m.Review, Q(is_anonymous=True, is_verified=True)),
    "assessment-begun": (m.PreAssessment, Q(completed_at__isnull=True)),
    "assessment-processed": (m.PreAssessment, Q(completed_at__isnull=False, is_processed=True)),
    "assessment-unprocessed": (m.PreAssessment, Q(completed_at__isnull=False, is_processed=False)),
    "message-edited": (m.Message, Q(is_edited=True, edited_at__gt=F("created_at"))),
    "message-replied-to": (m.Message, Q(reply_to__isnull=False)),
    "comment-replied-to": (m.Comment, Q(parent__isnull=False)),
    "heart-on-comment": (m.Heart, Q(comment__isnull=False)),
    "matched-client": (m.Client, Q(relationships__isnull=False)),
    "unmatched-client": (m.Client, Q(relationships__isnull=True)),
}
REACHED = {
    m.User: ("",),
    m.Client: ("user",),
    m.Therapist: ("user",),
    m.Admin: ("user",),
    m.Moderator: ("user",),
    m.CommunityMember: ("user",),
    m.Comment: ("user", "post__user"),
    m.Heart: ("user", "comment__user"),
    m.ClientTherapist: ("client__user", "therapist__user"),
    m.Meeting: ("client__user", "therapist__user"),
    m.TherapistAvailability: ("therapist__user",),
    m.WorksheetAssignment: ("client__user", "worksheet__therapist__user"),
    m.Review: ("client__user", "therapist__user"),
    m.PreAssessment: ("user__user",),
    m.Conversation: ("participants__user",),
    m.ConversationParticipant: ("conversation__participants__user",),
    m.Message: ("conversation__participants__user",),
    m.Notification: ("user",),
    m.AuditLog: ("user",),
}
"""How a row belongs to somebody who owns it, takes part in it or is written of in it."""
ADMINISTERED = {m.User, m.Client, m.Therapist, m.AuditLog}
"""What an administrator sees of others: accounts, applications, and what the staff has done."""


def seen(rows: Any, emails: list[str]) -> bool:
    """Whether one of these people can see one of these rows."""
    if rows.model in ADMINISTERED and any(email.startswith("admin") for email in emails):
        return bool(rows.exists())
    paths = (f"{path}__email".lstrip("_") for path in REACHED[rows.model])
    return any(rows.filter(**{f"{path}__in": emails}).exists() for path in paths)


@pytest.mark.parametrize(("field", "value"), list(states()))
def test_state__medium_seed__is_there_and_reached_from_the_demo_card(
    field: Field[Any, Any], value: Any, world: tuple[str, dt.datetime], emails: list[str]
) -> None:
    rows = field.model._default_manager.using(world[0]).filter(**{field.name: value})
    assert rows.exists()
    assert seen(rows, emails)


@pytest.mark.parametrize("state", MORE)
def test_state__of_several_columns__is_there_and_reached_from_the_demo_card(
    state: str, world: tuple[str, dt.datetime], emails: list[str]
) -> None:
    model, condition = MORE[state]
    assert seen(model._default_manager.using(world[0]).filter(condition), emails)


def severities(using: str, emails: list[str]) -> set[tuple[str, str]]:
    sittings = m.PreAssessment.objects.using(using).filter(completed_at__isnull=False, user__user__email__in=emails)
    return {band for one in sittings for band in one.severity_levels.items()}


@pytest.mark.parametrize("slug", CONCERNS)
def test_severity__of_each_questionnaire__occurs_in_every_band_among_the_clients_the_card_names(
    slug: str, world: tuple[str, dt.datetime]
) -> None:
    using = world[0]
    named = next(login for login in demo_card(using) if "every severity" in login.sees)
    first, last = (int(number) for number in re.findall(r"\d+", named.sees))
    assert named.email == f"client{last}@mentara.example"
    emails = [f"client{number}@mentara.example" for number in range(first, last + 1)]
    assert {band for concern, band in severities(using, emails) if concern == slug} == set(
        instruments()[slug].band_names
    )


def test_meetings__of_this_moment__are_under_way_or_about_to_begin(world: tuple[str, dt.datetime]) -> None:
    using, as_of = world
    meetings = m.Meeting.objects.using(using)
    assert meetings.filter(status="IN_PROGRESS", start_time__lte=as_of, end_time__gt=as_of).exists()
    soon = as_of + dt.timedelta(minutes=30)
    waits = meetings.filter(status="WAITING", start_time__gt=as_of, start_time__lte=soon)
    assert waits.filter(updated_at__gt=as_of - dt.timedelta(minutes=10), updated_at__lt=as_of).exists()


def test_rules__world_with_a_cast__are_all_kept(world: tuple[str, dt.datetime]) -> None:
    using, as_of = world
    broken = coherence.check(using, coherence.AsOf(as_of, as_of))
    assert not broken


def logins(using: str) -> dict[str, m.User]:
    """Who the card says to log in as, by what it says is seen."""
    return {login.sees: m.User.objects.using(using).get(email=login.email) for login in demo_card(using)}


def test_demo_card__medium_seed__is_short_and_names_everybody_once(world: tuple[str, dt.datetime]) -> None:
    card = demo_card(world[0])
    assert 10 <= len(card) <= 14
    assert len({login.email for login in card}) == len(card)
    assert max(len(login.sees) for login in card) <= 90


def test_demo_card__what_it_says_of_clients__is_true(world: tuple[str, dt.datetime]) -> None:
    using, as_of = world
    sees = logins(using)
    client = {said: user for said, user in sees.items() if user.role == "client"}

    def of(start: str) -> Any:
        return next(user.client_profile for said, user in client.items() if said.startswith(start))

    in_session = of("a client in a session")
    assert in_session.meetings.filter(start_time__lte=as_of, end_time__gt=as_of).exists()
    assert in_session.meetings.filter(end_time__lte=as_of).exists()
    assert in_session.meetings.filter(start_time__gt=as_of).exists()
    written = m.Message.objects.using(using).filter(conversation__participants__user=in_session.user)
    assert set(written.values_list("message_type", flat=True)) == set(m.Message.Type.values)
    awaited = of("a client awaited")
    assert awaited.meetings.filter(status="WAITING").exists()
    assert awaited.worksheet_assignments.filter(status="OVERDUE", due_date__lt=as_of).exists()
    ended = of("a client who missed a session")
    assert ended.meetings.filter(status="NO_SHOW").exists()
    assert not ended.meetings.filter(start_time__gt=as_of).exists()
    assert ended.reviews.filter(rating=1).exists()
    assert not of("a client who has not found").relationships.exists()
    begun = of("a client with an assessment").pre_assessments
    assert begun.filter(is_processed=False).exists()
    assert begun.filter(is_processed=True).exists()


def test_demo_card__newcomer__has_an_empty_inbox_within_the_minimums(world: tuple[str, dt.datetime]) -> None:
    using, as_of = world
    user = next(user for said, user in logins(using).items() if said.startswith("a newcomer"))
    assert not user.email_verified
    assert not user.client_profile.relationships.exists()
    begun = user.client_profile.pre_assessments.filter(completed_at__isnull=True)
    assert begun.filter(created_at__lt=as_of - dt.timedelta(days=21)).exists()
    assert not user.notifications.filter(is_read=False).exists()
    for seat in user.conversation_participations.all():
        assert seat.last_read_at >= seat.conversation.last_message_at
        assert not seat.conversation.messages.filter(sender__role="therapist").exists()


def test_demo_card__what_it_says_of_staff__is_true(world: tuple[str, dt.datetime]) -> None:
    using, as_of = world
    staff = {said: user for said, user in logins(using).items() if user.role != "client"}

    def of(start: str) -> Any:
        return next(user for said, user in staff.items() if said.startswith(start))

    at_work = of("a therapist in a session").therapist_profile
    assert at_work.meetings.filter(start_time__lte=as_of, end_time__gt=as_of).exists()
    days = of("a therapist who is there").therapist_profile.availabilities.filter(is_available=True)
    assert {"SATURDAY", "SUNDAY"} <= set(days.values_list("day_of_week", flat=True))
    assert of("a therapist whose application is pending").therapist_profile.status == "PENDING"
    assert of("a therapist whose application was rejected").therapist_profile.status == "REJECTED"
    moderator = of("a moderator")
    assert moderator.community_memberships.filter(role="MODERATOR").exists()
    assert moderator.conversation_participations.filter(role="MODERATOR", conversation__type="GROUP").exists()
    assert of("an administrator").is_staff


def test_demo_card__what_is_no_longer_so__is_not_said_of_anybody(world: tuple[str, dt.datetime]) -> None:
    using, _ = world
    with rolled_back(using):
        weekend = m.TherapistAvailability.objects.using(using).filter(day_of_week__in=("SATURDAY", "SUNDAY"))
        weekend.update(is_available=False)
        m.PreAssessment.objects.using(using).filter(is_processed=False).update(completed_at=None)
        said = " ".join(logins(using))
    assert "weekends" not in said
    assert "waits to be processed" not in said


def test_accounts_of_the_cast__any_seed__are_open_but_the_suspended_one() -> None:
    ordinals = np.arange(cast.STAGE)
    for seed in range(60):
        active = np.asarray(user_rows(run_of("default", seed=f"s{seed}"), CLIENT, ordinals, "")["is_active"])
        assert np.flatnonzero(~active).tolist() == [cast.SUSPENDED], seed


@pytest.mark.parametrize("month", range(1, 13))
def test_hours_around__any_quarter_of_any_day__are_by_day_and_begin_there(month: int) -> None:
    pools = [locale(name) for name in LOCALES]
    zones = sorted({own.zone_in(province) for own in pools for _, province in own.places})
    days = [dt.datetime(2026, month, day, tzinfo=dt.UTC) for day in (1, 8, 25, 28)]
    for at in (micros(day) + step * QUARTER * MINUTE for day in days for step in range(96)):
        for zone in zones:
            hours = hours_around(at, (zone, "Asia/Dubai", "Atlantic/Reykjavik", "Pacific/Honolulu"), WEEKS)
            assert hours is not None
            assert hours.start(0) == at
            assert hours.opens >= 6 * 60
            assert hours.opens + LONG <= 23 * 60
            for week in WEEKS:
                assert abs(hours.start(week) - at - week * 7 * DAY) <= 60 * MINUTE


def test_hours__a_week_in_which_the_clocks_change__is_refused() -> None:
    day = (dt.date(2026, 3, 29) - dt.date(1970, 1, 1)).days
    hours = Hours("Europe/Berlin", day - 7, 40)
    assert hours.start(0) == micros(dt.datetime(2026, 3, 22, 9, tzinfo=dt.UTC))
    with pytest.raises(ValueError, match=r"clocks of Europe/Berlin change in week 1"):
        hours.start(1)


def test_severities_of_the_cast__two_who_share_a_concern__show_all_of_its_bands() -> None:
    for at, slug in enumerate(CONCERNS):
        bands = len(instruments()[slug].band_names)
        reached = {
            severity_in_the_cast(bands, at, main=held[0] == at, sitting=sitting)
            for held in cast.ASSESSED.values()
            for sitting in range(cast.SITTINGS)
            if at in held
        }
        assert reached == set(range(bands))


def test_decisions__on_applications__are_each_on_record_once(world):
    using, _ = world
    decisions = {"APPROVED": "APPROVE_THERAPIST_APPLICATION", "REJECTED": "REJECT_THERAPIST_APPLICATION"}
    decided = m.Therapist.objects.using(using).filter(status__in=decisions)
    logs = m.AuditLog.objects.using(using).filter(entity="Therapist").values_list("entity_id", "action", "user")
    assert sorted(logs) == sorted((one.pk, decisions[one.status], one.processed_by_admin_id) for one in decided)
    for log in m.AuditLog.objects.using(using).filter(entity="Therapist"):
        decided_at = decided.get(pk=log.entity_id).processed_at
        assert dt.timedelta() <= log.created_at - decided_at <= dt.timedelta(seconds=2)


def test_talks__of_the_cast__are_not_all_by_the_same_second(world):
    using, _ = world
    talk = m.Conversation.objects.using(using).get(title="Our sessions")
    moments = [message.created_at for message in talk.messages.order_by("created_at")]
    assert len({moment.second for moment in moments}) > 1
    assert len({seat.last_read_at - moments[-1] for seat in talk.participants.all()}) > 1


PERMITTED = {
    "SUSPEND_USER": "users",
    "DATA_EXPORT": "users",
    "APPROVE_THERAPIST_APPLICATION": "therapists",
    "REJECT_THERAPIST_APPLICATION": "therapists",
    "MODERATE_POST": "content",
    "MODERATE_COMMENT": "content",
    "REVIEW_MODERATE": "content",
    "ADMIN_SYSTEM_CONFIG": "system",
}


def test_deeds__of_admins__are_such_as_they_have_permission_for(world):
    using, _ = world
    done = m.AuditLog.objects.using(using).filter(user_role="admin", action__in=PERMITTED)
    for log in done.select_related("user__admin_profile"):
        assert PERMITTED[log.action] in log.user.admin_profile.permissions
    assert len(set(done.values_list("action", "user"))) > len(PERMITTED)
