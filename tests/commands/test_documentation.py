"""What README and docs show is what the code does: the table of minimums, the first run, a lock file's findings."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from seeding.documentation import BEGIN, END, main, minimums_markdown, with_table
from seeding.requirements import MINIMUMS

ROOT = Path(__file__).parents[2]
README = ROOT / "README.md"
LOCK_FILE = ROOT / "docs" / "lock_file.md"


def test_table__every_minimum__stands_in_a_row_with_its_height_and_reason():
    rows = minimums_markdown().splitlines()[2:]
    assert len(rows) == len(MINIMUMS)
    for row, minimum in zip(rows, MINIMUMS, strict=True):
        assert row.startswith(f"| {minimum.key} | {minimum.each.noun} | {minimum.at_least} | ")
        assert row.endswith(f" | {minimum.why} |")


@pytest.mark.parametrize(
    "counted",
    [
        "CommunityMember by communityId, role MODERATOR",
        "PreAssessment by userId, completedAt set",
        "distinct dayOfWeek of TherapistAvailability by therapistId, isAvailable",
        "MeetingNotes by Meeting.therapistId",
        "Meeting by clientId and therapistId",
    ],
)
def test_table__what_counts__is_in_the_database_s_own_names(counted):
    assert f"| {counted} |" in minimums_markdown()


def test_readme__table__is_up_to_date():
    text = README.read_text(encoding="utf-8")
    assert text == with_table(text), "run `python -m seeding.documentation README.md`"


def test_readme__first_run__is_what_the_command_prints(manage):
    shown = README.read_text(encoding="utf-8").partition("```text\n")[2].partition("```")[0]
    ran = manage("seed", "--mode", "light", "--as-of", "2026-03-01", DEBUG="1")
    seconds = re.compile(r"added in [\d.]+ s ")
    printed = ran.out.replace(f"{sys.executable} {ROOT}/manage.py", ".venv/bin/python manage.py")
    assert seconds.sub("added ", printed) == seconds.sub("added ", shown)


def test_lock_file__of_a_raised_minimum__names_the_tables_that_it_shows(manage, migrated, tmp_path):
    shown = re.findall(r"^  ❌ .* moved from seed.lock .*$", LOCK_FILE.read_text(encoding="utf-8"), re.MULTILINE)
    empty = migrated.read_bytes()
    manage("seed", "--as-of", "2026-03-01", "--lock")
    migrated.write_bytes(empty)
    (tmp_path / "seed.toml").write_text('[minimums]\n"client.posts" = 9\n', encoding="utf-8")
    manage("seed", "--as-of", "2026-03-01", "--config", "seed.toml")
    ran = manage("verify_minimums", "--locked", "--config", "seed.toml")
    assert (ran.code, [line for line in ran.out.splitlines() if "moved from" in line]) == (1, shown)


def test_write__stale_file__is_mended(tmp_path):
    path = tmp_path / "README.md"
    path.write_text(f"before\n{BEGIN}old\n{END}\nafter\n", encoding="utf-8")
    assert main([str(path)]) == 0
    assert path.read_text(encoding="utf-8") == f"before\n{BEGIN}{minimums_markdown()}{END}\nafter\n"


@pytest.mark.parametrize(("name", "says"), [("plain.md", "marks"), ("none.md", "No such file"), ("binary", "utf-8")])
def test_write__no_table_in_a_file__says_so_and_writes_none(name, says, tmp_path, capsys):
    stale, plain = tmp_path / "README.md", tmp_path / "plain.md"
    stale.write_text(f"{BEGIN}old\n{END}", encoding="utf-8")
    plain.write_text("nothing here", encoding="utf-8")
    (tmp_path / "binary").write_bytes(b"\xff")
    assert main([str(stale), str(tmp_path / name)]) == 2
    said = capsys.readouterr().err
    assert name in said
    assert says in said
    assert "old" in stale.read_text(encoding="utf-8")
