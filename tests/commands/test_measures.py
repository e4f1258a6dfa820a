"""README's table of measures says what profile_seed found, and what is missing by name."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import transaction
from seeded import seeded

from benchmarks.measures import BEGIN, END, MODES, blocks, covered, percent, profile_of, table
from seeding.documentation import between

README = Path(__file__).parents[2] / "README.md"
PROFILE = {
    "rows": {"Post": 1200, "User": 34},
    "distinct": [{"name": "posts", "part": 19, "whole": 20, "share": 0.95}],
    "spread": [{"name": "posts per user", "gini": 0.5, "mean": 2.0, "most": 9}],
    "agreement": [{"name": "clients at home", "part": 0, "whole": 0, "share": None}],
    "scores": {"concerned": 0.5, "others": None, "first": 0.61, "follow_up": 0.4},
    "states": [{"column": "User.role", "found": {"client": 3, "admin": 0}, "missing": ["admin"]}],
    "flags": [{"column": "User.isActive", "found": {"True": 3, "False": 1}, "missing": []}],
    "bands": [{"column": "ocd", "found": {"low": 0, "high": 0}, "missing": ["low", "high"]}],
    "rhythm": [{"name": "posts", "hours": [0, 1, 8], "weekdays": [4, 8]}],
}


def test_table__one_profile_a_mode__has_a_row_a_measure():
    lines = table([PROFILE] * len(MODES)).splitlines()
    assert lines[0] == "| measure | light | medium | heavy |"
    assert "| rows | 1,234 | 1,234 | 1,234 |" in lines
    assert "| distinct posts | 95.0% of 20 | 95.0% of 20 | 95.0% of 20 |" in lines
    assert all(line.count("|") == len(MODES) + 2 for line in lines)


def test_covered__values_that_do_not_occur__are_named():
    assert covered(PROFILE["states"]) == "1 of 2; not User.role admin"
    assert covered(PROFILE["flags"]) == "2 of 2"
    assert covered(PROFILE["bands"]) == "0 of 2; not ocd (all)"


def test_percent__of_nothing__is_a_dash():
    assert percent(PROFILE["agreement"][0]) == "—"


def test_blocks__numbers__are_as_high_as_they_are_against_the_highest():
    assert blocks([0, 1, 8, 16]) == "·▁▄█"
    assert blocks([]) == ""


def test_measures__of_a_file_without_their_marks__are_refused_before_they_are_taken(tmp_path):
    (tmp_path / "notes.md").write_text("nothing to replace", encoding="utf-8")
    for name, said in (("notes.md", "the marks "), ("nowhere.md", "No such file")):
        ran = subprocess.run(  # noqa: S603  (our own program)
            [sys.executable, "-m", "benchmarks.measures", str(tmp_path / name)],
            cwd=README.parent, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert (ran.returncode, said in ran.stderr, "Traceback" in ran.stderr) == (2, True, False), ran.stderr


@pytest.mark.django_db
def test_readme__measures__are_what_is_measured(tmp_path):
    profiles = {}
    for mode in MODES:
        said = io.StringIO()
        with transaction.atomic():
            seeded("default", mode=mode)
            call_command("profile_seed", format="json", stdout=said)
            transaction.set_rollback(True)
        profiles[mode] = json.loads(said.getvalue())
    text = README.read_text(encoding="utf-8")
    assert text == between(BEGIN, END, text, table([*profiles.values()])), "run `make measures`"
    assert profile_of("light", tmp_path) == profiles["light"]
