"""Errors a person can act on; a command prints the message and exits with the code."""

from __future__ import annotations


class SeedingError(Exception):
    """Something stands in the way of the run; the message says what, where and what to do."""

    exit_code = 1


class UnknownRowError(SeedingError):
    """A row belongs to one that was not there when those were read: somebody else writes while a step is at work."""

    def __str__(self) -> str:
        return (
            "Rows refer to others that are not there. Where people keep adding and deleting these, run this when they "
            "rest; else delete the rows that `verify_minimums --coherence` names."
        )


class NoConnectionError(Exception):
    """One more connection is not to be had; whoever wanted it leaves its work to those who have one."""


class UsageError(SeedingError):
    """The request itself is wrong: an unknown name, a value out of range, a file that does not parse."""

    exit_code = 2
