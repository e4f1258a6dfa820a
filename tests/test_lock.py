"""seed.lock: the same from both databases, and a table that moves is named with what moved it.

Locks are compared in Python, whichever database they are of: one does for each of those tests.
"""

from __future__ import annotations

import ast
import io
import json
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from fnmatch import fnmatch
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from databases import BOTH, in_turn, on_both, on_postgres, on_sqlite
from django.core.management import call_command
from django.db import connections
from django.db.migrations.recorder import MigrationRecorder
from programs import ROOT, Databases, ended, environment
from seeded import seeded
from test_properties import rolled_back

from mentara.models import Heart, Invoice, Post, User
from seeding.fixtures import inputs
from seeding.fixtures.lockfile import READ_FOR
from seeding.models import SeedRun

AS_OF = "2026-03-01T12:00Z"
LOCKED = "seed.lock"
HEAD = "# What seeding put into the database.\n"


@pytest.fixture(autouse=True)
def _debug(settings: Any) -> None:
    settings.DEBUG = True


@pytest.fixture
def lock(tmp_path: Path) -> Path:
    return tmp_path / "seed.lock"


def seed(using: str, **options: Any) -> None:
    given = {"as_of": AS_OF, "allow_production": True, "verbosity": 0, **options}
    call_command("seed", database=using, **given)


def locked(using: str, lock: Path) -> None:
    """A seeded database and its lock."""
    seeded(using, as_of=datetime.fromisoformat(AS_OF))
    seed(using, lock=str(lock))


def verify(using: str, lock: Path, **options: Any) -> tuple[int, dict[str, Any]]:
    """The exit code, and what was found: why each table moved, and what changed."""
    out, code = io.StringIO(), 0
    try:
        call_command("verify_minimums", database=using, locked=str(lock), format="json", stdout=out, **options)
    except SystemExit as ended:
        code = int(ended.code or 0)
    document = json.loads(out.getvalue())
    assert document["satisfied"] is (code == 0)
    return code, document["locked"]


def why(found: dict[str, Any]) -> dict[str, str]:
    return {moved["table"]: moved["why"] for moved in found["moved"]}


@on_both
def test_lock__either_database__is_the_same_file(tmp_path: Path) -> None:
    for using in BOTH:
        seed(using, lock=str(tmp_path / using))
    assert (tmp_path / "default").read_bytes() == (tmp_path / "postgres").read_bytes()


@on_both
def test_lock__seeded_again_later__is_the_same_file(using: str, lock: Path) -> None:
    locked(using, lock)
    first = lock.read_bytes()
    seed(using, lock=str(lock), as_of="2026-03-15T12:00Z")
    assert lock.read_bytes() == first


@on_sqlite
def test_verify__nothing_moved__ends_with_nought(using: str, lock: Path) -> None:
    seed(using, lock=str(lock), minimum=["client.posts=2"], clients=4)
    code, found = verify(using, lock)
    assert (code, found) == (0, {"file": str(lock), "tables": 24, "changed": [], "moved": []})


@on_postgres
def test_verify__minimum_raised__names_its_table_and_what_follows(using: str, lock: Path) -> None:
    locked(using, lock)
    seed(using, minimum=["client.posts=7"])
    code, found = verify(using, lock, minimum=["client.posts=7"])
    assert (code, found["changed"]) == (1, ["minimum client.posts 5 → 7"])
    assert why(found)["Post"] == "minimum client.posts 5 → 7"
    assert why(found)["Comment"].startswith("it follows from the change of other tables (minimum client.posts 5 → 7)")
    assert "Client" not in why(found)


@on_sqlite
def test_verify__share_overridden__is_part_of_the_lock(using: str, lock: Path, tmp_path: Path) -> None:
    seed(using, assessed=1.0, lock=str(lock))
    assert verify(using, lock)[0] == 0
    config = tmp_path / "seed.toml"
    config.write_text("[sizes]\nassessed = 0.9\n")
    code, found = verify(using, lock, config=str(config))
    assert (code, found["moved"], found["changed"]) == (0, [], ["size assessed 1.0 → 0.9"])


@on_both
@pytest.mark.parametrize(("using", "told"), in_turn([True, False]))
def test_verify__size_raised__names_it(using: str, lock: Path, tmp_path: Path, told: bool) -> None:
    locked(using, lock)
    seed(using, clients=12)
    config = tmp_path / "seed.toml"
    config.write_text("[sizes]\nclients = 12\n" if told else "")
    code, found = verify(using, lock, config=str(config))
    assert (code, found["changed"]) == (1, ["size clients 8 → 12" if told else "base rows of clients 8 → 12"])
    client = next(moved for moved in found["moved"] if moved["table"] == "Client")
    assert (client["before"], client["after"]) == (8, 12)
    assert client["why"] == found["changed"][0]


@on_postgres
def test_verify__another_seed_and_as_of__names_both(using: str, lock: Path) -> None:
    with rolled_back(using):
        locked(using, lock)
    seed(using, seed="another", as_of="2026-03-02T12:00Z")
    code, found = verify(using, lock)
    assert code == 1
    assert found["changed"] == [
        "as-of 2026-03-01T12:00:00+00:00 → 2026-03-02T12:00:00+00:00",
        "seed mentara → another",
    ]


@on_both
@pytest.mark.parametrize(("using", "happened"), in_turn(["added", "deleted", "changed"]))
def test_verify__a_row_by_hand__says_that_no_input_changed(using: str, lock: Path, happened: str) -> None:
    locked(using, lock)
    post, hearts = Post.objects.using(using).earliest("pk"), Heart.objects.using(using)
    if happened == "added":
        post.pk = None
        Post(user=post.user, community=post.community, title="By hand", content="…").save(using=using)
    elif happened == "deleted":
        hearts.filter(pk=hearts.earliest("pk").pk).delete()
    else:
        Post.objects.using(using).filter(pk=post.pk).update(title="By hand")
    code, found = verify(using, lock)
    table = "Heart" if happened == "deleted" else "Post"
    said = f"no input has changed, so rows were {happened} by hand or by a run with other options"
    assert (code, found["changed"], why(found)) == (1, [], {table: said})


@on_sqlite
def test_verify__billing__is_not_locked(using: str, lock: Path) -> None:
    locked(using, lock)
    client = User.objects.using(using).get(email="client1@mentara.example").client_profile
    dates = {"issued_at": client.created_at, "due_date": client.created_at}
    Invoice(client=client, number="1", total=1, currency="PHP", **dates).save(using=using)
    assert verify(using, lock)[0] == 0


@on_postgres
def test_verify__migration__is_named_only_as_the_reason_of_what_moved(using: str, lock: Path) -> None:
    locked(using, lock)
    MigrationRecorder(connections[using]).record_applied("mentara", "0002_more")
    code, found = verify(using, lock)
    assert (code, found["changed"], found["moved"]) == (0, ["migration mentara.0002_more is new"], [])
    User.objects.using(using).filter(email="client1@mentara.example").update(bio="Another")
    code, found = verify(using, lock)
    assert (code, why(found)) == (1, {"User": "migration mentara.0002_more is new"})


@on_sqlite
def test_verify__debug_off__explains_the_users(using: str, lock: Path, settings: Any) -> None:
    with rolled_back(using):
        locked(using, lock)
    settings.DEBUG = False
    seed(using)
    code, found = verify(using, lock)
    assert (code, why(found)) == (1, {"User": "DEBUG on → off"})


@on_postgres
def test_verify__versions_and_code__are_named(using: str, lock: Path) -> None:
    locked(using, lock)
    text = lock.read_text(encoding="utf-8")
    code_of_rows = inputs.code()["seeding/rows"]
    for old, new in ((inputs.versions()["NumPy"], "2.0.0"), (code_of_rows, "0" * 12)):
        assert text.count(f'"{old}"') == 1
        text = text.replace(f'"{old}"', f'"{new}"')
    lock.write_text(text.replace("User = { rows = 16", "User = { rows = 15"), encoding="utf-8")
    code, found = verify(using, lock)
    assert (code, why(found)) == (
        1,
        {"User": f"NumPy 2.0.0 → {inputs.versions()['NumPy']}; code of seeding/rows has changed"},
    )


def manage(project: Path, url: str, *words: str, code: int = 0) -> str:
    """Run a project's own manage.py; returns what it wrote."""
    env = {**environment(url, DEBUG="1", PYTHONUTF8="1"), "PYTHONPATH": str(project)}
    command = [sys.executable, str(project / "manage.py"), *words]
    done = subprocess.run(command, env=env, cwd=project, capture_output=True, encoding="utf-8", check=False)  # noqa: S603  (our own)
    assert done.returncode == code, done.stderr
    return done.stdout


@on_sqlite
def test_verify__text__says_the_same_to_people(using: str, lock: Path, capsys: pytest.CaptureFixture[str]) -> None:
    locked(using, lock)
    call_command("verify_minimums", database=using, locked=str(lock))
    assert f"✅ All 24 tables hold what {lock} says\n✅ Satisfied." in capsys.readouterr().out.replace(
        "  ✅ All 24", "✅ All 24"
    )
    hearts = Heart.objects.using(using).count()
    Heart.objects.using(using).all().delete()
    with pytest.raises(SystemExit):
        call_command("verify_minimums", database=using, locked=str(lock), verbosity=0)
    said = capsys.readouterr().err.splitlines()
    assert (
        f"Heart moved from {lock} ({hearts} rows → 0): no input has changed, so rows were deleted by hand" in said[-1]
    )


@pytest.mark.django_db
def test_seeded__connection_with_a_time_zone_of_its_own__is_told_in_utc(monkeypatch: pytest.MonkeyPatch) -> None:
    for zone in ("America/New_York", "Asia/Manila"):
        monkeypatch.setattr(connections["default"], "timezone", ZoneInfo(zone))
        SeedRun.objects.create(seed=zone, as_of=datetime.fromisoformat(AS_OF))
        assert SeedRun.objects.get(seed=zone).as_of.tzinfo == ZoneInfo(zone)
        assert inputs.seeded("default")["as-of"] == ["2026-03-01T12:00:00+00:00"]
        SeedRun.objects.all().delete()


BROKEN = {
    "absent": None,
    "no_toml": "[tables",
    "empty": "",
    "of_tomorrow": "format = 2",
    "no_tables": "format = 1",
    "other_kinds": "format = 1\ntables = 3",
    "no_sections": "format = 1\n[tables]\nUser = { rows = 1, digest = 'x' }",
    "endless_rows": "format = 1\n[tables]\nUser = { rows = inf, digest = 'x' }",
    "bare_rows": "format = 1\n[tables]\nUser = 1",
    "row_of_text": "format = 1\n[tables]\nUser = { rows = 'x', digest = 'x' }",
}


@pytest.mark.django_db
@pytest.mark.parametrize("begins", ["", HEAD], ids=["another_file", "a_lock"])
@pytest.mark.parametrize("content", BROKEN.values(), ids=BROKEN)
def test_verify__no_lock_or_a_broken_one__is_one_sentence(
    lock: Path, content: str | None, begins: str, capsys: pytest.CaptureFixture[str]
) -> None:
    if content is not None:
        lock.write_text(begins + content)
    with pytest.raises(SystemExit) as ended:
        call_command("verify_minimums", locked=str(lock))
    out, err = capsys.readouterr()
    assert (ended.value.code, out, err.count("\n")) == (2, "", 1)
    damaged = content is not None and begins
    assert "object" not in err
    assert ("remove it, and `seed --lock" if damaged else "give a file that `seed --lock` wrote") in err


@pytest.mark.django_db
def test_verify__a_folder_for_a_lock__is_not_one_to_write(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert ended("verify_minimums", "--locked", str(tmp_path)) == 2
    assert capsys.readouterr().err == (
        f"Cannot read {tmp_path}: Is a directory; give a file that `seed --lock` wrote from a seeded database.\n"
    )


def test_corpus__every_pattern__is_of_a_file() -> None:
    files = inputs.corpus()
    assert [pattern for pattern in READ_FOR if not any(fnmatch(file, pattern) for file in files)] == []


def reworded(value: Any, key: str = "") -> Any:
    """The value with another word at the end of each text in it."""
    if isinstance(value, str):
        return f"{value} indeed" if " " in value or key == "plain" else value
    if isinstance(value, list):
        return [reworded(one, key) for one in value]
    return {name: reworded(one, name) for name, one in value.items()} if isinstance(value, dict) else value


def seed_apart(project: Path, databases: Databases, *words: str) -> str:
    """Seed a database by this copy of the project; returns its URL."""
    url = databases.fresh("sqlite")
    manage(project, url, "seed", "--mode", "medium", "--as-of", AS_OF, "-v", "0", *words)
    return url


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory, databases: Databases) -> Path:
    """A copy of the project, whose corpus may be changed, with the lock of what it seeds as it is."""
    copy = tmp_path_factory.mktemp("project")
    for name in ("seeding", "mentara"):
        shutil.copytree(ROOT / name, copy / name)
    shutil.copy(ROOT / "manage.py", copy)
    seed_apart(copy, databases, "--lock", LOCKED)
    return copy


@contextmanager
def text_changed(project: Path, pattern: str) -> Iterator[None]:
    """Other words in the first file of this pattern in the corpus, for a while."""
    file = min((project / "seeding" / "corpus").glob(pattern))
    text = file.read_text(encoding="utf-8")
    file.write_text(json.dumps(reworded(json.loads(text))), encoding="utf-8")
    try:
        yield
    finally:
        file.write_text(text, encoding="utf-8")


@pytest.mark.parametrize("pattern", READ_FOR)
def test_corpus__texts_of_a_file_changed__move_no_table_but_those_named(
    project: Path, databases: Databases, pattern: str
) -> None:
    before = tomllib.loads((project / LOCKED).read_text(encoding="utf-8"))["tables"]
    with text_changed(project, pattern):
        seed_apart(project, databases, "--lock", "after.lock")
    after = tomllib.loads((project / "after.lock").read_text(encoding="utf-8"))["tables"]
    moved = {table for table in before if before[table] != after[table]}
    assert moved
    assert moved <= READ_FOR[pattern]


def test_verify__a_line_of_the_corpus__names_the_tables_and_the_file(project: Path, databases: Databases) -> None:
    with text_changed(project, "reviews.json"):
        done = manage(project, seed_apart(project, databases), "verify_minimums", "--locked", LOCKED, code=1)
    assert f"❌ Review moved from {LOCKED} (" in done
    assert " rows, not the same): corpus reviews.json has changed\n" in done
    assert done.count("moved") == 1


def test_code__rooms__are_those_that_rows_come_from() -> None:
    modules = {path.relative_to(ROOT).as_posix() for path in inputs.modules()}
    assert {"seeding/texts/threads.py", "seeding/engine/keys.py", "seeding/enrichers/posts.py"} <= modules
    assert not modules & {"seeding/console.py", "seeding/fixtures/lockfile.py", "seeding/verification.py"}


def test_code__imports__are_those_that_python_reads(monkeypatch: pytest.MonkeyPatch) -> None:
    def parsed(path: Path) -> Iterator[str]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "seeding":
                yield from (str(node.module), *(f"{node.module}.{alias.name}" for alias in node.names))

    found = inputs.modules()
    monkeypatch.setattr(inputs, "_imported", parsed)
    assert found == inputs.modules()
