"""What the steps of one run have read already: kept until the run itself writes a table that it was read from."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from typing import Any, TypeVar

import numpy as np

T = TypeVar("T")
_NAMES = re.compile(r'"([^"]+)"')


class Kept:
    """Answers by question, each with the tables it was read from; the arrays it holds itself cannot be changed."""

    def __init__(self) -> None:
        self._answers: dict[str, tuple[frozenset[str], Any]] = {}

    def once(self, question: str, tables: Collection[str], ask: Callable[[], T]) -> T:
        """The answer kept for this question; asked for if there is none, or if one of its tables was written since."""
        if question not in self._answers:
            self._answers[question] = (frozenset(tables), _read_only(ask()))
        answer: T = self._answers[question][1]
        return answer

    def forget(self) -> None:
        """Forget everything."""
        self._answers = {}

    def wrote(self, table: str) -> None:
        """Forget what was read from this table."""
        self._answers = {question: one for question, one in self._answers.items() if table not in one[0]}


def names_in(sql: str) -> frozenset[str]:
    """The names of tables, and of columns, that stand in a statement of Django's."""
    return frozenset(_NAMES.findall(sql))


def _read_only(answer: T) -> T:
    for part in getattr(answer, "__dict__", {}).values():
        for array in part.values() if isinstance(part, dict) else (part,):
            if isinstance(array, np.ndarray):
                array.flags.writeable = False
    return answer
