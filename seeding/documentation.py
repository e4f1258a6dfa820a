"""README's table of minimums, made from requirements.py.

`python -m seeding.documentation README.md` writes it between its marks; the exit code is 2 for a file that cannot be
read or has no marks.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.db.models import Model

from seeding.engine.minimum import Minimum

BEGIN, END = "<!-- minimums -->\n", "<!-- /minimums -->"


def minimums_markdown() -> str:
    """The minimums as a Markdown table, in the order in which they are declared."""
    from seeding.requirements import MINIMUMS

    rows = [f"| {one.key} | {one.each.noun} | {one.at_least} | {counted(one)} | {one.why} |" for one in MINIMUMS]
    return "\n".join(
        ("| key | each of the | has at least | counted in | why |", "| --- | --- | --- | --- | --- |", *rows, "")
    )


def counted(minimum: Minimum) -> str:
    """Which rows count: "CommunityMember by communityId, role MODERATOR"."""
    model = minimum.counts.model_class()
    what = model._meta.db_table
    if minimum.distinct != "pk":
        what = f"distinct {column(model, minimum.distinct)} of {what}"
    by = " and ".join(column(model, path) for path in minimum.by)
    return ", ".join((f"{what} by {by}", *(_condition(model, *one) for one in minimum.counts.where.items())))


def column(model: type[Model], path: str) -> str:
    """The database's name of a field, with its table if that is another: "Meeting.therapistId"."""
    *relations, last = path.split("__")
    end: Any = model
    for relation in relations:
        end = end._meta.get_field(relation).related_model
    name = end._meta.get_field(last).column
    return name if end is model else f"{end._meta.db_table}.{name}"


def _condition(model: type[Model], path: str, value: Any) -> str:
    if path.endswith("__isnull"):
        return f"{column(model, path.removesuffix('__isnull'))} {'not set' if value else 'set'}"
    return column(model, path) if value is True else f"{column(model, path)} {value}"


def with_table(text: str) -> str:
    """The text with the table of minimums between its marks. Raises ValueError for a text without them."""
    return between(BEGIN, END, text, minimums_markdown())


def between(begin: str, end: str, text: str, part: str) -> str:
    """The text with this part between two marks. Raises ValueError for a text without them."""
    before, found, rest = text.partition(begin)
    _, closed, after = rest.partition(end)
    if not found or not closed:
        raise ValueError(f"the marks {begin.strip()} and {end} are missing")
    return f"{before}{begin}{part}{end}{after}"


def main(paths: Sequence[str]) -> int:
    """Write the table into these files, or into none if one of them has no place for it; the exit code."""
    anew: dict[Path, str] = {}
    for path in map(Path, paths):
        try:
            anew[path] = with_table(path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            why = getattr(error, "strerror", None) or error
            sys.stderr.write(f"{path}: {why}; name a file with the table in it.\n")
            return 2
    for path, text in anew.items():
        path.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mentara.settings")
    django.setup()
    sys.exit(main(sys.argv[1:]))
