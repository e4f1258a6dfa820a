"""What the steps of one run have read already: kept until the run itself writes a table that it was read from."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeVar

import numpy as np

from seeding.engine.values import Columns

T = TypeVar("T")
Growth = Callable[[Any, Columns], Any]
"""What becomes of an answer when these rows are there besides."""
_NAMES = re.compile(r'"([^"]+)"')


@dataclass(frozen=True)
class _Answer:
    value: Any
    tables: frozenset[str]
    grows: Mapping[str, Growth]


class Kept:
    """Answers by question, each with the tables it was read from; the arrays it holds itself cannot be changed."""

    def __init__(self) -> None:
        self._answers: dict[str, _Answer] = {}

    def once(
        self, question: str, tables: Collection[str], ask: Callable[[], T], grows: Mapping[str, Growth] | None = None
    ) -> T:
        """The answer kept for this question; asked for if there is none, or if one of its tables was written since.

        With new rows of a table that it `grows` with it is not asked for anew.
        """
        if question not in self._answers:
            self._answers[question] = _Answer(_read_only(ask()), frozenset(tables), grows or {})
        answer: T = self._answers[question].value
        return answer

    def forget(self) -> None:
        """Forget everything."""
        self._answers = {}

    def wrote(self, table: str, new: Columns | None = None) -> None:
        """Forget what was read from this table, or where `new` rows were added to it, have that grow which can."""
        for question, one in [*self._answers.items()]:
            if table not in one.tables:
                continue
            if new is None or table not in one.grows:
                del self._answers[question]
            else:
                self._answers[question] = replace(one, value=_read_only(one.grows[table](one.value, new)))


def names_in(sql: str) -> frozenset[str]:
    """The names of tables, and of columns, that stand in a statement of Django's."""
    return frozenset(_NAMES.findall(sql))


def _read_only(answer: T) -> T:
    for part in getattr(answer, "__dict__", {}).values():
        for array in part.values() if isinstance(part, dict) else (part,):
            if isinstance(array, np.ndarray):
                array.flags.writeable = False
    return answer
