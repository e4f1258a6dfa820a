"""Relationships of clients and therapists."""

from __future__ import annotations

from typing import Any

from factory.declarations import SelfAttribute

from mentara import models
from seeding.engine.clock import micros
from seeding.engine.keys import Ids, keys_of
from seeding.engine.values import Columns
from seeding.legacy.factories.accounts import ClientFactory, TherapistFactory
from seeding.legacy.factories.base import Factory
from seeding.legacy.factories.declarations import Column, Free, Key, Parent, Row
from seeding.legacy.factories.one_row import FREE, each, key
from seeding.rows.relationships import ended, relationship_rows
from seeding.world.people import ordinals_of


def relationship_columns(of: Any, ids: Ids) -> Columns:
    """A relationship of the client and the therapist."""
    known = (of.client.user.created_at, of.therapist.user.created_at, of.therapist.processed_at)
    since = max(micros(moment) for moment in known if moment is not None)
    mine, both_open = key(of.client), each(of.client.user.is_active and of.therapist.user.is_active, ids)
    inactive = (
        each(of.status == "inactive", ids)
        if of.slot >= FREE
        else ended(of.run, keys_of(mine), ordinals_of(mine), both_open)
    )
    return relationship_rows(of.run, ids, key(of.client), key(of.therapist), each(since, ids), inactive)[0]


class ClientTherapistFactory(Factory[models.ClientTherapist]):
    """A relationship that goes on, or the one that the two have already."""

    class Meta:
        model = models.ClientTherapist
        django_get_or_create = ("client", "therapist")

    class Params:
        slot = Free()
        row = Row(relationship_columns)

    id = Key("client")
    client = Parent(ClientFactory)
    therapist = Parent(TherapistFactory)
    status = Column(usual="active")
    assigned_at = Column()


class Related(Parent):
    """The relationship of the row's client and therapist."""

    def __init__(self) -> None:
        super().__init__(
            ClientTherapistFactory, client=SelfAttribute("..client"), therapist=SelfAttribute("..therapist")
        )


def related_since(of: Any) -> int:
    """Since when there has been something to meet for."""
    return max(micros(of.relationship.assigned_at), micros(of.client.created_at), micros(of.therapist.created_at))
