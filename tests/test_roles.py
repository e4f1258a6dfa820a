"""Roles with few rights: what they may not do is left as it is, or named, and nothing is lost."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import pytest
from databases import Manage
from programs import AS_OF, Databases, catalogue, execute

from seeding.engine import asking, setaside
from seeding.engine.errors import SeedingError
from seeding.models import SetAside

SEED = ("seed", "--as-of", AS_OF, "-v", "0")
LARGE = (*SEED, "--clients", "700")


@pytest.fixture
def url(databases: Databases) -> str:
    return databases.fresh("postgres")


@pytest.fixture
def role(url: str) -> Iterator[tuple[str, str]]:
    """A role that may sign in and nothing else, and the database's URL for it."""
    name = f"seeder_{os.getpid()}"
    execute(url, f"CREATE ROLE {name} LOGIN PASSWORD 'secret'")
    parts = urlsplit(url)
    place = parts.netloc.rpartition("@")[2]
    yield name, urlunsplit(parts._replace(netloc=f"{name}:secret@{place}"))
    execute(url, f"REASSIGN OWNED BY {name} TO CURRENT_USER", f"DROP OWNED BY {name}", f"DROP ROLE {name}")


def indexes(url: str) -> list[Any]:
    return execute(url, "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY 1")


def test_large_load__who_may_only_write_rows__leaves_indexes_in_place(
    manage: Manage, url: str, role: tuple[str, str]
) -> None:
    name, as_role = role
    execute(url, f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {name}")
    execute(url, f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {name}")
    before = indexes(url)
    seeded = manage(as_role, *SEED)
    assert (seeded.returncode, seeded.stderr) == (0, "")
    assert indexes(url) == before


def test_reset__who_may_not_truncate__names_that_right_and_keeps_every_row(
    manage: Manage, url: str, role: tuple[str, str]
) -> None:
    name, as_role = role
    execute(url, f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {name}")
    assert manage(url, *SEED).returncode == 0
    before = execute(url, 'SELECT COUNT(*) FROM "User"')
    stopped = manage(as_role, *SEED, "--reset", "--no-input")
    assert stopped.returncode == 1
    assert "the role may not TRUNCATE" in stopped.stderr
    assert execute(url, 'SELECT COUNT(*) FROM "User"') == before


def own_everything(url: str, name: str) -> None:
    execute(url, f"ALTER SCHEMA public OWNER TO {name}")
    for (table,) in execute(url, "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"):
        execute(url, f'ALTER TABLE "{table}" OWNER TO {name}')


@pytest.mark.usefixtures("large")
def test_large_load__who_may_connect_once__needs_a_single_worker(
    manage: Manage, url: str, role: tuple[str, str]
) -> None:
    name, as_role = role
    own_everything(url, name)
    execute(url, f"ALTER ROLE {name} CONNECTION LIMIT 1")
    before = indexes(url)
    seeded = manage(as_role, *SEED, "--workers", "1")
    assert (seeded.returncode, seeded.stderr) == (0, "")
    assert indexes(url) == before


@pytest.mark.parametrize("limit", [1, 2])
def test_verification__who_may_connect_once_or_twice__asks_on_what_there_is(
    manage: Manage, url: str, role: tuple[str, str], limit: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    name, as_role = role
    assert manage(url, *SEED).returncode == 0
    execute(url, 'DELETE FROM "Notification"')
    execute(url, f"GRANT SELECT ON ALL TABLES IN SCHEMA public TO {name}")
    execute(url, f"ALTER ROLE {name} CONNECTION LIMIT {limit}")
    unlimited = manage(url, "verify_minimums")
    monkeypatch.setattr(asking, "LARGE", 0)
    verified = manage(as_role, "verify_minimums")
    assert (verified.returncode, verified.stdout, verified.stderr) == (1, unlimited.stdout, unlimited.stderr)
    assert "short of user.notifications" in verified.stdout


@pytest.mark.usefixtures("large")
def test_large_load__fewer_connections_than_workers__does_with_those_there_are(
    manage: Manage, url: str, role: tuple[str, str]
) -> None:
    name, as_role = role
    own_everything(url, name)
    before = indexes(url)
    execute(url, f"ALTER ROLE {name} CONNECTION LIMIT 0")
    stopped = manage(as_role, *SEED, "--workers", "2")
    assert (stopped.returncode, stopped.stderr.count("\n")) == (1, 1)
    assert stopped.stderr.startswith(f"Cannot read the database 'default' ({urlsplit(url).path[1:]}) (")
    assert "too many connections for role" in stopped.stderr
    for limit in (1, 2):
        execute(url, f"ALTER ROLE {name} CONNECTION LIMIT {limit}")
        done = manage(as_role, *SEED, "--reset", "--no-input", "--workers", "4")
        assert (done.returncode, done.stderr) == (0, "")
        assert indexes(url) == before


def test_large_load__who_owns_the_tables_but_not_the_schema__leaves_indexes_in_place(
    manage: Manage, url: str, role: tuple[str, str]
) -> None:
    name, as_role = role
    execute(url, "REVOKE CREATE ON SCHEMA public FROM PUBLIC")
    for (table,) in execute(url, "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"):
        execute(url, f'ALTER TABLE "{table}" OWNER TO {name}')
    before = indexes(url)
    seeded = manage(as_role, *SEED)
    assert (seeded.returncode, seeded.stderr) == (0, "")
    assert indexes(url) == before


@pytest.mark.usefixtures("large")
@pytest.mark.parametrize(
    "beyond",
    [
        ("CREATE TABLE plan (id integer PRIMARY KEY)", 'ALTER TABLE "User" ADD plan integer REFERENCES plan'),
        (
            "CREATE SCHEMA ext",
            "CREATE FUNCTION ext.norm(text) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT lower($1)'",
            'CREATE INDEX norm ON "Post" (ext.norm(title))',
        ),
        (
            "CREATE SCHEMA ext",
            'CREATE COLLATION ext.own FROM "C"',
            'CREATE INDEX own ON "Post" (title COLLATE ext.own)',
        ),
        (
            "CREATE SCHEMA ext",
            "CREATE DOMAIN ext.word AS text",
            'CREATE INDEX own ON "Post" ((title::ext.word))',
        ),
        (
            "CREATE SCHEMA ext",
            "CREATE OPERATOR ext.=== (FUNCTION = texteq, LEFTARG = text, RIGHTARG = text)",
            "CREATE INDEX own ON \"Post\" (id) WHERE title OPERATOR(ext.===) 'x'",
        ),
    ],
    ids=["foreign_key", "function", "collation", "type", "operator"],
)
def test_large_load__what_the_role_could_not_make_again__stays(
    manage: Manage, url: str, role: tuple[str, str], beyond: tuple[str, ...]
) -> None:
    name, as_role = role
    own_everything(url, name)
    execute(url, *beyond)
    before = catalogue(url)
    seeded = manage(as_role, *SEED)
    assert (seeded.returncode, seeded.stderr) == (0, "")
    assert catalogue(url) == before


def test_put_back__the_role_may_not_any_more__says_so(apart: str, url: str, role: tuple[str, str]) -> None:
    name, _ = role
    SetAside.objects.using(apart).create(
        kind=setaside.INDEX,
        table="Post",
        name="own",
        statement=f'SET LOCAL ROLE {name}; CREATE INDEX own ON "Post" (id)',
    )
    with pytest.raises(SeedingError, match=r"must be owner of table Post\. Grant that to the role, then seed again\.$"):
        setaside.put_back(apart)


def test_reading__a_policy_hides_rows__is_refused(
    manage: Manage, url: str, role: tuple[str, str], tmp_path: Path
) -> None:
    name, as_role = role
    assert manage(url, *SEED).returncode == 0
    execute(
        url,
        f"GRANT SELECT ON ALL TABLES IN SCHEMA public TO {name}",
        'ALTER TABLE "Client" ENABLE ROW LEVEL SECURITY',
        'CREATE POLICY few ON "Client" USING (false)',
    )
    found = manage(as_role, "verify_minimums")
    assert found.returncode == 1
    assert "row-level security" in found.stderr
    assert "Satisfied" not in found.stdout
    for words in (("dump_seed", str(tmp_path / "dump.json")), ("profile_seed",), ("read_seed",)):
        read = manage(as_role, *words)
        assert read.returncode == 1
        assert "row-level security" in read.stderr
    assert not (tmp_path / "dump.json").exists()
