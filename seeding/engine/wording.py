"""How numbers, minimums and commands are put in sentences that a person reads."""

from __future__ import annotations

import re

from django.db import DEFAULT_DB_ALIAS


def numbered(number: int, noun: str) -> str:
    """So many of what is named in the plural: 1 user with role moderator, 2 communities."""
    if number == 1:
        noun = re.sub(r"(ie)?s\b", lambda ending: "y" if ending[1] else "", noun, count=1)
    return f"{number:,} {noun}"


def words(key: str) -> str:
    """What a minimum's key counts, as words: client.completedAssessments are completed assessments."""
    name = key.split(".")[1]
    return "".join(f" {letter.lower()}" if letter.isupper() else letter for letter in name)


def option_for(using: str) -> str:
    """What a command that somebody is told to run needs besides, to work on this database."""
    return "" if using == DEFAULT_DB_ALIAS else f" --database {using}"
