"""The benchmark programs run and write their tables, and what they compare asks and measures the same.

Sizes are so small that the figures mean nothing.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import django
import pytest
from programs import ROOT, Databases

from benchmarks import sqlite_dump
from benchmarks.databases import SQLite
from benchmarks.processes import Failed, environment, measure
from benchmarks.results import FOLDER, goal

SVG = "{http://www.w3.org/2000/svg}"


def page(name: str, server: str, tmp_path: Path, *arguments: str) -> str:
    """Run a benchmark; returns what it wrote."""
    output = tmp_path / f"{name}.md"
    command = [sys.executable, "-m", f"benchmarks.{name}", "--runs", "1", "--output", str(output), *arguments]
    printed = measure(command, {**os.environ, "TEST_DATABASE_URL": server}).out
    text = output.read_text(encoding="utf-8")
    assert printed == text
    assert str(tmp_path) not in text
    assert str(ROOT) not in text
    return text


def rows(text: str, title: str) -> dict[str, list[str]]:
    """The rows of the table under a title that starts so, by their first cells."""
    section = re.search(rf"^## {title}.*?(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
    assert section, text
    lines = [line.strip("| ").split(" | ") for line in section[0].splitlines() if line.startswith("|")]
    return {first: rest for first, *rest in lines[2:]}


@pytest.mark.parametrize("name", ["fixtures", "growth", "light", "measures", "peers", "rerun", "restore"])
def test_program__asked_for_help__says_how_it_is_called(name: str) -> None:
    shown = measure([sys.executable, "-m", f"benchmarks.{name}", "--help"], dict(os.environ)).out
    assert shown.startswith(f"usage: {name}.py [-h]")


def test_index__every_page__is_in_it() -> None:
    pages = {path.name for path in FOLDER.glob("*.md")} - {"README.md"}
    index = (FOLDER / "README.md").read_text(encoding="utf-8")
    assert pages == set(re.findall(r"^\| \[\w+\]\((\w+\.md)\) \|", index, re.MULTILINE))


@pytest.mark.benchmark
def test_light__a_run__compares_with_the_bare_start(postgres_server: str, tmp_path: Path) -> None:
    table = rows(page("light", postgres_server, tmp_path, "--databases", "sqlite"), "SQLite")
    assert list(table) == ["django.setup()", "seed", "seed again", "verify_minimums"]
    assert table["django.setup()"][2] == "1.00"
    assert float(table["seed"][2]) > 1
    assert table["seed"][3].startswith("≤ 3 ")


@pytest.mark.benchmark
def test_restore__both_databases__compares_with_what_restores(postgres_server: str, tmp_path: Path) -> None:
    text = page("restore", postgres_server, tmp_path, "--clients", "9")
    postgres, sqlite = rows(text, "PostgreSQL"), rows(text, "SQLite")
    assert list(postgres) == ["seed", "pg_restore -j2", "psql -f", "pg_dump -Fc", "pg_dump"]
    assert list(sqlite) == ["seed", "reload of .dump", ".dump"]
    for judged in (postgres["pg_restore -j2"], sqlite["reload of .dump"]):
        assert float(judged[3]) > 0
        assert judged[4].startswith("≤ 1 ")


@pytest.mark.benchmark
def test_rerun__a_run__compares_with_sql_by_hand(postgres_server: str, tmp_path: Path) -> None:
    table = rows(page("rerun", postgres_server, tmp_path, "--clients", "9", "--databases", "postgres"), "PostgreSQL")
    assert list(table) == ["SQL by hand", "verify_minimums", "seed again"]
    assert all(float(seconds) > 0 for whole, *_, inside, _ in table.values() for seconds in (whole, inside))


@pytest.mark.benchmark
def test_growth__two_sizes__writes_table_and_plot(postgres_server: str, tmp_path: Path) -> None:
    plot = tmp_path / "growth.svg"
    text = page("growth", postgres_server, tmp_path, "--clients", "9", "100", "--plot", str(plot))
    for database in ("PostgreSQL", "SQLite"):
        small, large = rows(text, database).values()
        assert int(small[0].replace(",", "")) < int(large[0].replace(",", ""))
        assert float(large[6]) > 40  # megabytes: Python with NumPy and Django takes more
        assert 100 < int(large[7]) < 1000
        verified, grown = map(float, large[8:])
        assert 0 < verified < grown
    drawing = ET.parse(plot).getroot()  # noqa: S314 - our own file
    assert len(list(drawing.iter(f"{SVG}circle"))) == 2 * 2 * 3  # sizes, databases, panels
    places = [float(circle.get("cx", "nan")) for circle in drawing.iter(f"{SVG}circle")]
    assert all(0 < place < 340 for place in places)


@pytest.mark.benchmark
def test_peers__of_python__make_rows_or_say_why_not(postgres_server: str, tmp_path: Path) -> None:
    of_python = ("Django", "factory_boy", "model-bakery", "django-seed", "misata")
    text = page("peers", postgres_server, tmp_path, "--rows", "20", "--only", *of_python, "--databases", "sqlite")
    ours, *peers = rows(text, "SQLite").items()
    assert ours[0] == "`seed --clients 8`"
    assert len(peers) == 5
    assert dict(peers)[f"bulk_create (Django {django.__version__})"][0] == "140"
    for name, cells in peers:
        assert cells[0].startswith("did not run: not installed") or float(cells[4]) > 0, name


@pytest.mark.parametrize("phase", ["--base-only", "--only=Post,Comment"])
def test_sql_by_hand__gaps_of_all_kinds__answers_as_verification(kind: str, phase: str, databases: Databases) -> None:
    env = environment(databases.fresh(kind))

    def run(*command: str) -> str:
        done = subprocess.run((sys.executable, *command), check=False, cwd=ROOT, env=env, stdout=subprocess.PIPE)  # noqa: S603  (our own)
        assert done.returncode in (0, 1)  # 1: something stays short, as it should
        return done.stdout.decode()

    run("manage.py", "seed", phase, "-v", "0")
    verified = json.loads(run("manage.py", "verify_minimums", "--format", "json"))["minimums"]
    answers = json.loads(run("-m", "benchmarks.questions"))["answers"]
    assert answers == [[check["key"], check["rows"], check["short"]] for check in verified]
    assert sum(short > 0 for *_, short in answers) > 5


def test_goal__at_its_limit__is_kept() -> None:
    assert (goal(1.0, 1), goal(1.001, 1)) == ("≤ 1 ✅", "≤ 1 ❌")
    assert (goal(12.0, 12, at_least=True), goal(11.999, 12, at_least=True)) == ("≥ 12 ✅", "≥ 12 ❌")


def test_sqlite_dump__loaded__has_the_same_rows(databases: Databases, tmp_path: Path) -> None:
    made = SQLite(tmp_path)
    seeded, loaded = made.copy(), made.bare()
    measure([sys.executable, "manage.py", "seed", "--base-only", "-v", "0"], environment(seeded))
    sqlite_dump.save(made.path(seeded), tmp_path / "dump")
    sqlite_dump.load(made.path(loaded), tmp_path / "dump")
    assert made.counts(loaded) == made.counts(seeded)
    assert made.counts(loaded)["User"] == 16


def test_measure__a_child_takes_memory__is_the_peak() -> None:
    child = "import sys; b = bytearray(300_000_000); print(len(b))"
    parent = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {child!r}], check=True)"
    taken = measure([sys.executable, "-c", parent], environment())
    assert taken.out == "300000000\n"
    assert 300 < taken.peak_mb < 400


def test_measure__a_program_fails__says_its_last_lines_without_folders(tmp_path: Path) -> None:
    broken = tmp_path / "broken.py"
    broken.write_text("raise SystemExit('no such thing as ' + __file__)")
    with pytest.raises(Failed, match=r"exited with 1: no such thing as broken\.py$"):
        measure([sys.executable, broken], environment())


def test_measure__longer_than_allowed__is_ended() -> None:
    with pytest.raises(Failed, match="longer than allowed"):
        measure([sys.executable, "-c", "while True: pass"], environment(), at_most=0.2)


def test_counting__statements_of_all_kinds__each_counts_once(kind: str, databases: Databases, tmp_path: Path) -> None:
    program = """
import django; django.setup()
from django.db import connection, transaction
with transaction.atomic(), transaction.atomic(), connection.cursor() as cursor:
    from mentara.models import User
    before = STATEMENTS.stat().st_size
    assert not User.objects.filter(email="a@mentara.example").exists()
    mark = "?" if connection.vendor == "sqlite" else "%s"
    raw = connection.connection.cursor()
    raw.executemany(f'DELETE FROM "User" WHERE "email" = {mark}', [("a",), ("b",), ("c",)])
    connection.connection.execute("SELECT 1")
print(STATEMENTS.stat().st_size - before)
"""
    noted = tmp_path / "statements"
    env = environment(databases.fresh(kind), DJANGO_SETTINGS_MODULE="benchmarks.counting", STATEMENTS=str(noted))
    program = f"from pathlib import Path; STATEMENTS = Path({str(noted)!r})\n{program}"
    assert measure([sys.executable, "-c", program], env).out == "3\n"
