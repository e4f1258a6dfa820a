"""The seed command as a person meets it: what it says, how it ends, and what it leaves alone."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from databases import on_both
from django.core.management import call_command, load_command_class
from programs import ended

from mentara.models import Client, Post, User

AS_OF = ("--as-of", "2026-03-01T12:00Z")
MANAGE = Path(__file__).parents[2] / "manage.py"


def ask(path, sql: str) -> object:
    """The first value of what a statement finds in the file, if it finds something."""
    with closing(sqlite3.connect(path)) as connection, connection:
        row = connection.execute(sql).fetchone()
    return row[0] if row else None


def test_seed__empty_database__ends_satisfied_on_both(manage, database_url):
    if database_url.startswith("postgres"):
        assert manage("migrate", "-v", "0", DATABASE_URL=database_url).code == 0
    ran = manage("seed", "--allow-production", *AS_OF, DATABASE_URL=database_url)
    assert (ran.code, ran.err) == (0, "")
    for part in ("Base data", "Enrichment", "[13/13] Notifications… ✅ +", "✅ All 8 clients meet their minimums"):
        assert part in ran.out
    assert "client1@mentara.example" in ran.out
    assert "mentara-demo" in ran.out
    again = manage("seed", "--allow-production", *AS_OF, DATABASE_URL=database_url)
    assert (again.code, again.err) == (0, "")
    assert "0 rows added" in again.out


def test_seed__quiet__says_nothing(manage, filled):
    ran = manage("seed", "-v", "0", *AS_OF)
    assert (ran.code, ran.out, ran.err) == (0, "", "")


def test_seed__quiet_and_short__says_only_that(manage, filled):
    ran = manage("seed", "-v", "0", "--minimum", "community.members=99", *AS_OF)
    assert (ran.code, ran.out) == (1, "")
    assert (
        "7 of 7 communities short of community.members (99): needs 99 users, 16 exist; add 83 users or lower" in ran.err
    )


def test_seed__short__ends_with_one_and_says_why(manage, filled):
    ran = manage("seed", "--minimum", "community.members=99", *AS_OF)
    assert (ran.code, ran.err) == (1, "")
    assert "needs 99 users, 16 exist; add 83 users or lower community.members" in ran.out


def test_seed__more_days_than_a_week_has__is_said_so(manage, filled):
    for command in (("seed", *AS_OF), ("verify_minimums",)):
        ran = manage(*command, "--minimum", "therapist.availabilityDays=8")
        assert (ran.code, ran.err) == (1, "")
        assert "there are no more than 7 choices of day_of_week; lower therapist.availabilityDays" in ran.out


def test_seed__output_without_a_tick__says_ok(manage, filled):
    ran = manage("seed", "--dry-run", "--clients", "12", *AS_OF, PYTHONIOENCODING="ascii")
    assert ran.code == 0
    assert "ok All 12 clients meet their minimums" in ran.out


def test_seed__dry_run__says_what_is_lacking_and_writes_nothing(manage, filled):
    before = filled.read_bytes()
    ran = manage("seed", "--dry-run", "--clients", "12", *AS_OF)
    assert (ran.code, ran.err) == (0, "")
    assert "Client client9@mentara.example: needs " in ran.out
    assert "nothing was written" in ran.out
    assert (
        ran.out.index("\nGaps\n") < ran.out.index("\nVerification, as it would be\n") < ran.out.index("All 12 clients")
    )
    assert "Would be satisfied." in ran.out
    assert "b'" not in ran.out
    assert filled.read_bytes() == before


def test_seed__dry_run_on_no_database__names_the_command_and_makes_no_file(refused, tmp_path):
    said = refused("seed", "--dry-run", code=1)
    assert "run `python manage.py migrate` first" in said
    assert not (tmp_path / "mentara.sqlite3").exists()


def test_seed__base_only_then_enrich_only__ends_satisfied(manage, migrated):
    base = manage("seed", "--base-only", *AS_OF)
    assert (base.code, base.err) == (0, "")
    assert "Enrichment" not in base.out
    rest = manage("seed", "--enrich-only", *AS_OF)
    assert (rest.code, rest.err) == (0, "")
    assert "Base data" not in rest.out


def test_seed__only__runs_these_enrichers(manage, filled):
    ran = manage("seed", "--enrich-only", "--only", "Post,Comment", *AS_OF)
    assert ran.code == 0
    assert "[2/2] Comments" in ran.out
    assert "Hearts" not in ran.out


def test_seed__flag_and_config__the_flag_wins(manage, migrated, tmp_path):
    config = tmp_path / "seed.toml"
    config.write_text('[sizes]\nclients = 3\ntherapists = 3\n[minimums]\n"client.posts" = 1\n', encoding="utf-8")
    words = ("seed", "--config", str(config), "--clients", "5", "--minimum", "client.posts=2", *AS_OF)
    report = tmp_path / "report.json"
    manage(*words, "--report", str(report))
    document = json.loads(report.read_text(encoding="utf-8"))
    checks = {check["key"]: check for check in document["verification"]["minimums"]}
    assert (checks["client.posts"]["rows"], checks["client.posts"]["at_least"]) == (5, 2)
    assert ask(tmp_path / "mentara.sqlite3", 'SELECT count(*) FROM "Therapist"') == 3


def test_seed__shares_by_flag_and_config__shape_the_base_data(manage, migrated, tmp_path):
    config = tmp_path / "seed.toml"
    config.write_text("[sizes]\nassessed = 1\nwith_therapist = 1.0\n", encoding="utf-8")
    words = ("seed", "--base-only", "--config", str(config), "--with-therapist", "0", "--posts-per-user", "0", *AS_OF)
    assert manage(*words).code == 0
    counted = 'SELECT (SELECT count(*) FROM "PreAssessment") >= count(*) FROM "Client"'
    assert ask(tmp_path / "mentara.sqlite3", counted) == 1
    assert ask(tmp_path / "mentara.sqlite3", 'SELECT count(*) FROM "ClientTherapist"') < 4
    assert ask(tmp_path / "mentara.sqlite3", 'SELECT count(*) FROM "Post"') < 4


def test_seed__report__is_json_that_says_how_it_ended(manage, filled, tmp_path):
    report = tmp_path / "report.json"
    assert manage("seed", "--report", str(report), *AS_OF).code == 0
    document = json.loads(report.read_text(encoding="utf-8"))
    assert document["satisfied"] is True
    assert document["as_of"] == "2026-03-01T12:00:00+00:00"


def test_seed__reset__empties_first(manage, filled):
    ask(filled, """UPDATE "User" SET "firstName" = 'Somebody'""")
    ran = manage("seed", "--reset", "--no-input", *AS_OF)
    assert (ran.code, ran.err) == (0, "")
    assert "0 rows added" not in ran.out
    assert ask(filled, """SELECT count(*) FROM "User" WHERE "firstName" = 'Somebody'""") == 0


def test_seed__reset_without_a_terminal__is_refused(refused, filled):
    before = filled.read_bytes()
    assert "--no-input" in refused("seed", "--reset", code=2)
    assert filled.read_bytes() == before


def test_seed__admins_there_already__approve_therapists(manage, filled):
    decided = 'SELECT COUNT(*) FROM "Therapist" WHERE "processedByAdminId" IN (SELECT "userId" FROM "Admin")'
    before = ask(filled, decided)
    assert manage("seed", "--admins", "0", "--therapists", "6", *AS_OF).code == 0
    assert ask(filled, decided) > before > 0


@pytest.mark.parametrize("command", ["seed", "verify_minimums", "dump_seed", "profile_seed", "read_seed"])
def test_help__stream_of_ascii_alone__is_shown(command):
    assert load_command_class("seeding", command).create_parser("manage.py", command).format_help().isascii()


def test_card__of_rows_written_long_ago__says_when_that_was(manage, migrated):
    words = ("seed", "--mode", "light", "--as-of")
    first = manage(*words, "2026-03-01")
    again = manage(*words, "2026-09-01")
    assert "in a session just now" in first.out
    assert "in a session just now" in again.out
    assert [ran.out.count("All this was so on 2026-03-01: ") for ran in (first, again)] == [0, 1]


def test_card__of_rows_written_at_two_times__says_between_which(manage, migrated):
    words = ("seed", "--mode", "light", "--as-of")
    manage(*words, "2026-03-01")
    grown = manage(*words, "2026-03-15", "--clients", "9")
    earlier = manage(*words, "2026-03-01", "--clients", "9")
    said = "All this was so when it was written, between 2026-03-01 and 2026-03-15: "
    assert [ran.out.count(said) for ran in (grown, earlier)] == [1, 1]


def interrupt(*_, **__):
    raise KeyboardInterrupt


def test_dry_run__interrupted__does_not_speak_of_what_it_left(monkeypatch, capsys):
    monkeypatch.setattr("seeding.management.commands.seed.ensure_migrated", lambda *_, **__: None)
    monkeypatch.setattr("seeding.orchestrator.HybridSeedOrchestrator.run_hybrid_seed", interrupt)
    assert ended("seed", "--dry-run", "--allow-production") == 130
    assert capsys.readouterr().err == "Interrupted; nothing was written.\n"


@pytest.mark.parametrize(
    ("where", "said"),
    [
        ("confirm_reset", "Interrupted; nothing was written.\n"),
        ("ensure_migrated", "Interrupted; the next run finishes what this one left.\n"),
    ],
)
def test_seed__interrupted__says_whether_anything_was_begun(monkeypatch, capsys, where, said):
    for step in ("confirm_reset", "ensure_migrated"):
        monkeypatch.setattr(
            f"seeding.management.commands.seed.{step}", interrupt if step == where else lambda *_, **__: None
        )
    assert ended("seed", "--reset", "--allow-production") == 130
    assert capsys.readouterr().err == said


def test_large_load__whoever_read_the_output_has_gone__puts_everything_back(tmp_path):
    path = tmp_path / "mentara.sqlite3"
    seed = f"{sys.executable} {MANAGE} seed --clients 550 2>errors | head -n 3"
    environment = {**os.environ, "DATABASE_URL": f"sqlite:///{path}", "DEBUG": "1", "PYTHONUNBUFFERED": "1"}
    done = subprocess.run(seed, shell=True, env=environment, cwd=tmp_path, capture_output=True, text=True, check=True)  # noqa: S602  (our own)
    assert done.stdout.splitlines()[0] == "Migrated the database."
    said = "Whoever read the output has gone, so this has ended; the next run finishes what it left.\n"
    assert (tmp_path / "errors").read_text(encoding="utf-8") == said
    assert ask(path, "SELECT COUNT(*) FROM seeding_set_aside") == 0
    assert ask(path, "SELECT COUNT(*) FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL") > 50


@pytest.mark.parametrize("words", [[], ["--reset", "--no-input"]])
def test_production__debug_off__is_refused_without_the_word(refused, filled, words):
    before = filled.read_bytes()
    assert "add --allow-production" in refused("seed", *words, code=1, DEBUG="0", SECRET_KEY="s")
    assert filled.read_bytes() == before


def test_production__another_host__is_refused_before_it_is_asked(refused):
    said = refused("seed", code=1, DATABASE_URL="postgresql:///mentara?host=db.mentara.invalid")
    assert "db.mentara.invalid, which is not this machine" in said


def test_production__told_explicitly__seeds_without_a_password(manage, migrated):
    ran = manage("seed", "--allow-production", *AS_OF, DEBUG="0", SECRET_KEY="s")
    assert (ran.code, ran.err) == (0, "")
    assert "mentara-demo" not in ran.out
    again = manage("seed", *AS_OF)
    assert (again.code, again.err) == (0, "")
    assert "mentara-demo" not in again.out  # these accounts have no password still


@pytest.mark.parametrize(
    ("closed", "words", "code"),
    [(">&-", "seed --as-of 2026-03-01T12:00Z", 0), ("2>&-", "seed --mode x", 2)],
)
def test_output__closed_by_whoever_started_it__changes_nothing_else(filled, closed, words, code):
    ran = subprocess.run(  # noqa: S602  (our own words)
        f"{sys.executable} {MANAGE} {words} {closed}",
        shell=True,
        env={**os.environ, "DATABASE_URL": f"sqlite:///{filled}", "DEBUG": "1"},
        check=False,
        capture_output=True,
    )
    assert (ran.returncode, ran.stdout, ran.stderr) == (code, b"", b"")


def with_full_streams(filled, words, unbuffered, **streams):
    """How manage.py ends with these words, where one of its streams is a device that is always full."""
    environment = {**os.environ, "DATABASE_URL": f"sqlite:///{filled}", "DEBUG": "1", "PYTHONUNBUFFERED": unbuffered}
    with Path("/dev/full").open("w") as full:
        pipes = {name: full if where == "full" else where for name, where in streams.items()}
        return subprocess.run(  # noqa: S603  (our own words)
            [sys.executable, str(MANAGE), *words.split()], env=environment, check=False, encoding="utf-8", **pipes
        )


on_linux = pytest.mark.skipif(not Path("/dev/full").exists(), reason="Linux has a device that is always full")


@on_linux
@pytest.mark.parametrize(
    ("words", "unbuffered"),
    [("seed --as-of 2026-03-01T12:00Z", "1"), ("verify_minimums", ""), ("read_seed", "")],
)
def test_output__full__is_one_sentence(filled, words, unbuffered):
    ran = with_full_streams(filled, words, unbuffered, stdout="full", stderr=subprocess.PIPE)
    remedy = "make room or send it elsewhere, then run this again"
    assert (ran.returncode, ran.stderr) == (1, f"The output cannot be written (No space left on device); {remedy}.\n")


@on_linux
@pytest.mark.parametrize(
    ("words", "code"),
    [("seed --mode x", 2), ("verify_minimums -v 0 --minimum client.posts=99", 1)],
)
@pytest.mark.parametrize("unbuffered", ["1", ""])
def test_error_output__full__leaves_the_exit_code(filled, words, code, unbuffered):
    ran = with_full_streams(filled, words, unbuffered, stdout=subprocess.DEVNULL, stderr="full")
    assert ran.returncode == code


@on_both
def test_seed__called_from_code__seeds_that_database(using, settings, capsys):
    settings.DEBUG = True
    call_command("seed", database=using, clients=3, as_of="2026-03-01", allow_production=True, verbosity=0)
    assert Client.objects.using(using).count() == 3
    assert User.objects.using(using).filter(email="client1@mentara.example").exists()
    assert Post.objects.using(using).exists()
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(("given", "taken"), [({}, "1"), ({"OPENBLAS_NUM_THREADS": "3"}, "3")])
def test_start_up__openblas__is_told_its_threads_before_numpy_is_there(given, taken):
    program = (
        "import os, sys, django; django.setup(); import seeding.management; early = 'numpy' not in sys.modules; "
        "import seeding.orchestrator; "
        "print(early, 'numpy' in sys.modules, os.environ['OPENBLAS_NUM_THREADS'])"
    )
    kept = {key: value for key, value in os.environ.items() if key != "OPENBLAS_NUM_THREADS"}
    ran = subprocess.run(  # noqa: S603  (our own words)
        [sys.executable, "-c", program], env={**kept, **given}, check=True, capture_output=True, text=True
    )
    assert ran.stdout.split() == ["True", "True", taken]
