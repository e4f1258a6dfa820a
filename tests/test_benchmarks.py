"""The benchmark programs run and write their tables, and what they compare asks and measures the same.

Sizes are so small that the figures mean nothing.
"""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import django
import pytest
from databases import called
from programs import ROOT, Databases

from benchmarks import growth, questions, sqlite_dump
from benchmarks.databases import SQLite
from benchmarks.processes import Failed, Taken, environment, measure
from benchmarks.results import FOLDER, goal, parser

SVG = "{http://www.w3.org/2000/svg}"


Page = Callable[..., str]


@pytest.fixture
def page(postgres_server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> Page:
    """Run a benchmark; returns what it wrote."""
    monkeypatch.setenv("TEST_DATABASE_URL", postgres_server)

    def written(name: str, *arguments: str) -> str:
        output = tmp_path / f"{name}.md"
        import_module(f"benchmarks.{name}").main(["--runs", "1", "--output", str(output), *arguments])
        text = output.read_text(encoding="utf-8")
        assert capsys.readouterr().out == text
        assert str(tmp_path) not in text
        assert str(ROOT) not in text
        return text

    return written


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
def test_light__a_run__compares_with_the_bare_start(page: Page) -> None:
    table = rows(page("light", "--databases", "sqlite"), "SQLite")
    assert list(table) == ["django.setup()", "seed", "seed again", "verify_minimums"]
    assert table["django.setup()"][2] == "1.00"
    assert float(table["seed"][2]) > 1
    assert table["seed"][3].startswith("≤ 3 ")


@pytest.mark.benchmark
def test_restore__both_databases__compares_with_what_restores(page: Page) -> None:
    text = page("restore", "--clients", "9")
    postgres, sqlite = rows(text, "PostgreSQL"), rows(text, "SQLite")
    assert list(postgres) == ["seed", "pg_restore -j2", "psql -f", "pg_dump -Fc", "pg_dump"]
    assert list(sqlite) == ["seed", "reload of .dump", ".dump"]
    for judged in (postgres["pg_restore -j2"], sqlite["reload of .dump"]):
        assert float(judged[3]) > 0
        assert judged[4].startswith("≤ 1 ")


@pytest.mark.benchmark
def test_rerun__a_run__compares_with_sql_by_hand(page: Page) -> None:
    table = rows(page("rerun", "--clients", "9", "--databases", "postgres"), "PostgreSQL")
    assert list(table) == ["SQL by hand", "verify_minimums", "seed again"]
    assert all(float(seconds) > 0 for whole, *_, inside, _ in table.values() for seconds in (whole, inside))


@pytest.mark.benchmark
def test_growth__two_sizes__writes_table_and_plot(page: Page, tmp_path: Path) -> None:
    plot, words = tmp_path / "growth.svg", ("--clients", "9", "100", "--databases", "sqlite")
    text = page("growth", *words, "--plot", str(plot))
    small, large = rows(text, "SQLite").values()
    assert int(small[0].replace(",", "")) < int(large[0].replace(",", ""))
    assert float(large[6]) > 40  # megabytes: Python with NumPy and Django takes more
    assert 100 < int(large[7]) < 1000
    verified, more = map(float, large[8:])
    assert 0 < verified < more
    assert len(circles(plot.read_text(encoding="utf-8"))) == 2 * 3  # sizes, panels


def test_growth__of_two_databases__is_plotted_side_by_side() -> None:
    found = [
        growth.Grown(clients, [Taken(seconds, seconds, peak, "")], 90 * clients, 300, [1], [2])
        for clients, seconds, peak in ((9, 0.8, 80), (100, 0.9, 90), (10_000, 9, 400))
    ]
    drawn = circles(growth.plot({"PostgreSQL": found, "SQLite": found[:2]}))
    assert len(drawn) == (3 + 2) * 3
    assert all(0 < float(circle.get("cx", "nan")) < 340 for circle in drawn)


def circles(drawing: str) -> list[ET.Element]:
    return list(ET.fromstring(drawing).iter(f"{SVG}circle"))  # noqa: S314 - our own


@pytest.mark.benchmark
def test_peers__of_python__make_rows_or_say_why_not(page: Page) -> None:
    of_python = ("Django", "factory_boy", "model-bakery", "django-seed", "misata")
    text = page("peers", "--rows", "20", "--only", *of_python, "--databases", "sqlite")
    ours, *peers = rows(text, "SQLite").items()
    assert ours[0] == "`seed --clients 8`"
    assert len(peers) == 5
    assert dict(peers)[f"bulk_create (Django {django.__version__})"][0] == "140"
    for name, cells in peers:
        assert cells[0].startswith("did not run: not installed") or float(cells[4]) > 0, name


@pytest.mark.parametrize("phase", ["--base-only", "--only=Post,Comment"])
def test_sql_by_hand__gaps_of_all_kinds__answers_as_verification(
    kind: str,
    phase: str,
    databases: Databases,
    django_db_blocker: Any,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    url = databases.fresh(kind)
    called(django_db_blocker, url, "seed", phase, "-v", "0")
    verified = json.loads(called(django_db_blocker, url, "verify_minimums", "--format", "json").stdout)["minimums"]
    monkeypatch.setenv("DATABASE_URL", url)
    questions.main()
    answers = json.loads(capsys.readouterr().out)["answers"]
    assert answers == [[check["key"], check["rows"], check["short"]] for check in verified]
    assert sum(short > 0 for *_, short in answers) > 5


def test_goal__at_its_limit__is_kept() -> None:
    assert (goal(1.0, 1), goal(1.001, 1)) == ("≤ 1 ✅", "≤ 1 ❌")
    assert (goal(12.0, 12, at_least=True), goal(11.999, 12, at_least=True)) == ("≥ 12 ✅", "≥ 12 ❌")


def test_sqlite_dump__loaded__has_the_same_rows(tmp_path: Path, django_db_blocker: Any) -> None:
    made = SQLite(tmp_path)
    seeded, loaded = made.copy(), made.bare()
    called(django_db_blocker, seeded, "seed", "--base-only", "-v", "0")
    sqlite_dump.save(made.path(seeded), tmp_path / "dump")
    sqlite_dump.load(made.path(loaded), tmp_path / "dump")
    assert made.counts(loaded) == made.counts(seeded)
    assert made.counts(loaded)["User"] == 16


def test_measure__a_child_takes_memory__is_the_peak() -> None:
    child = "import sys; b = bytearray(300_000_000); print(len(b))"
    parent = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {child!r}], check=True)"
    taken = f"measure([sys.executable, '-c', {parent!r}], environment())"
    small = f"import sys; from benchmarks.processes import environment, measure; print({taken})"
    found = measure([sys.executable, "-c", small], environment()).out
    assert "out='300000000\\n'" in found
    assert 300 < float(found.partition("peak_mb=")[2].partition(",")[0]) < 400


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


@pytest.mark.parametrize("runs", ["0", "-3", "many"])
def test_runs__fewer_than_one_or_no_number__are_wrong_usage(runs: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        parser("A benchmark.").parse_args(["--runs", runs])
    assert ended.value.code == 2
    assert "argument --runs: " in capsys.readouterr().err
