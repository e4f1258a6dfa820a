"""Rules of notifications and the audit log. Each is broken alone, or only seems to be."""

from __future__ import annotations

from typing import Any

import pytest
from coherence.kept_world import Found, World, ago, broken, change, found

from mentara.models import Admin

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "data", [{}, {"entity": "Post"}, {"entity": "Post", "entityId": "nothing"}, {"entity": "Wish", "entityId": "1"}, []]
)
def test_notification__that_names_no_row__is_reported(world: World, data: Any) -> None:
    change(world.notification, data=data)
    assert found() == broken("N1", world.notification)


def test_notification__of_a_row_of_another_table__is_reported(world: World) -> None:
    change(world.notification, data={"entity": "Post", "entityId": str(world.comment.pk)})
    assert found() == broken("N1", world.notification)


def test_notification__older_than_its_row__is_reported(world: World) -> None:
    change(world.notification, created_at=ago(91))
    assert found() == broken("N1", world.notification)


def concerning(world: World) -> list[tuple[Any, Any]]:
    """A user and a row of each table that concerns them, and, in the same place, nobody else."""
    availability, seat = world.window, world.conversation.participants.get(user=world.client)
    return [
        (world.client, world.client),
        (world.client, world.client.client_profile),
        (world.therapist, world.therapist.therapist_profile),
        (world.client, world.community),
        (world.client, world.seat),
        (world.client, world.post),
        (world.friend, world.post),
        (world.client, world.comment),
        (world.friend, world.reply),
        (world.client, world.heart),
        (world.friend, world.thanks),
        (world.therapist, world.relationship),
        (world.client, world.held),
        (world.therapist, world.notes),
        (world.therapist, availability),
        (world.client, world.submitted.worksheet),
        (world.therapist, world.worksheet),
        (world.client, world.submitted),
        (world.therapist, world.submitted),
        (world.therapist, world.review),
        (world.client, world.conversation),
        (world.therapist, seat),
        (world.client, world.answered),
        (world.client, world.first),
    ]


def test_notifications__of_rows_that_concern_their_user__are_allowed(world: World) -> None:
    for user, row in concerning(world):
        world.notify(user, row, days=0)
    assert found() == set()


def test_notifications__of_rows_that_concern_others__are_reported(world: World) -> None:
    bystander = world.user("client")
    notifications = [world.notify(bystander, row, days=0) for _, row in concerning(world)]
    assert {found_id for rule, _, found_id in found_all() if rule == "N1"} == {str(n.pk) for n in notifications}


def found_all() -> Found:
    """What the checker reports, however many rows."""
    from seeding import coherence

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(coherence, "EXAMPLES", 1000)
        return found()


@pytest.mark.parametrize("fields", [{"is_read": True}, {"read_at": ago(1)}])
def test_notification__read_at_no_time_or_unread__is_reported(world: World, fields: dict[str, Any]) -> None:
    change(world.notification, **fields)
    assert found() == broken("N1", world.notification)


@pytest.mark.parametrize("actor", ["client", "therapist", None])
def test_audit_log__of_somebody_without_office__is_reported(world: World, actor: str | None) -> None:
    change(world.log, user=actor and getattr(world, actor), user_role=None)
    assert found() == broken("N2", world.log)


def test_audit_log__of_a_client_with_an_admin_s_profile__is_kept(world: World) -> None:
    Admin.objects.create(user=world.client, created_at=ago(350))
    change(world.log, user=world.client, user_role="client")
    assert not [one for one in found() if one[0] == "N2"]


def test_audit_log__that_misnames_the_actors_role__is_reported(world: World) -> None:
    change(world.log, user_role="moderator")
    assert found() == broken("N2", world.log)


@pytest.mark.parametrize("fields", [{"entity": "Post"}, {"entity": "Wish"}, {"created_at": ago(301)}])
def test_audit_log__that_names_no_older_row__is_reported(world: World, fields: dict[str, Any]) -> None:
    change(world.admin, created_at=ago(400))
    change(world.admin.admin_profile, created_at=ago(400))
    change(world.log, **fields)
    assert found() == broken("N2", world.log)
