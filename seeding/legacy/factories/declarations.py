"""How a factory says where its values come from: a key, the row drawn from it, the row's columns, and parents."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

import numpy as np
from factory.declarations import BaseDeclaration, SelfAttribute, Sequence, SubFactory, deepgetattr
from factory.enums import CREATE_STRATEGY

from seeding.engine.keys import BASE, Ids, ids_of, keys_of, locality_of, make_ids, uuids_of
from seeding.engine.values import Columns, python_rows
from seeding.legacy.factories.one_row import FREE

ATTEMPTS = 512
"""So many ids are tried for a row that is as it was asked to be."""
_NOTHING = object()


class Free(Sequence):
    """The next ordinal or slot that no seeded row has nor, of rows that are saved, one that another process made.

    `ids` tells the ids of the row with that number; without it, they are the Key's.
    """

    def __init__(self, step: int = 1, ids: Callable[[int], Ids] | None = None) -> None:
        super().__init__(lambda number: FREE + step * number)
        self.ids = ids

    def evaluate(self, instance: Any, step: Any, extra: dict[str, Any]) -> int:
        """Count on."""
        number: int = super().evaluate(instance, step, extra)
        while step.builder.strategy == CREATE_STRATEGY and self._is_taken(instance, step, number):
            number = self.function(step.builder.factory_meta.next_sequence())
        return number

    def _is_taken(self, instance: Any, step: Any, number: int) -> bool:
        meta = step.builder.factory_meta
        ids = self.ids(number) if self.ids else meta.base_declarations["id"].ids(instance, step, number)
        return bool(meta.model._default_manager.using(meta.database).filter(pk__in=uuids_of(ids)).exists())


class Parent(SubFactory):
    """A row that this one refers to, made by another factory in the same run."""

    def __init__(self, factory: Any, **fixed: Any) -> None:
        super().__init__(factory, **{"run": SelfAttribute("..run"), **fixed})


class Key(BaseDeclaration):
    """The id, from the table, the owner and the slot.

    A free slot has many ids to offer: the first is taken whose row is as `tries` says that it should be. Raises
    ValueError where none is, as where what it is about is too young.
    """

    def __init__(self, owner: str, *, tries: tuple[str, ...] = ()) -> None:
        super().__init__()
        self.owner, self.tries = owner, tries

    def evaluate(self, instance: Any, step: Any, extra: dict[str, Any]) -> UUID:  # noqa: ARG002 - factory_boy's signature
        """Find the id."""
        meta = step.builder.factory_meta
        ids = self.ids(instance, step, instance.slot)
        good = np.ones(len(ids), dtype=np.bool_)
        if len(ids) > 1:
            columns = meta.parameters["row"].value.columns(instance, ids)
            for name in self.tries:
                good &= np.asarray(columns[name]) == getattr(instance, name)
        if not good.any():
            asked = ", ".join(f"{name}={getattr(instance, name)!r}" for name in self.tries)
            table = meta.model._meta.db_table
            raise ValueError(f"No {table} with {asked} has room yet: what it is about is too young; make that older.")
        chosen = int(np.argmax(good))
        return uuids_of(ids[chosen : chosen + 1])[0]

    def ids(self, instance: Any, step: Any, slot: int) -> Ids:
        """The ids that the slot offers."""
        attempts = np.arange(ATTEMPTS if self.tries and slot >= FREE else 1)
        owner = np.repeat(ids_of([getattr(instance, self.owner).pk]), len(attempts))
        table = step.builder.factory_meta.model._meta.db_table
        return make_ids(table, BASE, keys_of(owner), locality_of(owner), slot, attempts)


class Row(BaseDeclaration):
    """The row that the bulk path would write for this key, as values by attribute name."""

    def __init__(self, columns: Callable[[Any, Any], Columns], key: str = "id") -> None:
        super().__init__()
        self.columns, self.key = columns, key

    def evaluate(self, instance: Any, step: Any, extra: dict[str, Any]) -> dict[str, Any]:  # noqa: ARG002 - likewise
        """Draw the row."""
        key = deepgetattr(instance, self.key)
        keys = np.array([key]) if isinstance(key, int) else ids_of([UUID(str(key))])
        return python_rows(step.builder.factory_meta.model, self.columns(instance, keys))[0]


class Column(BaseDeclaration):
    """The attribute as the row has it; `usual` is what it is instead in rows that no seeding run has."""

    name: str

    def __init__(self, *, usual: Any = _NOTHING) -> None:
        super().__init__()
        self.usual = usual

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    def evaluate(self, instance: Any, step: Any, extra: dict[str, Any]) -> Any:  # noqa: ARG002 - likewise
        """Read the row."""
        if self.usual is not _NOTHING and getattr(instance, "slot", getattr(instance, "ordinal", 0)) >= FREE:
            return self.usual
        return instance.row[self.name]


class Later(Column):
    """The attribute as the row has it, or when the row was made, where that is given and later."""

    def evaluate(self, instance: Any, step: Any, extra: dict[str, Any]) -> Any:
        """Read the row."""
        found = super().evaluate(instance, step, extra)
        return found if found is None else max(found, instance.created_at)
