"""Indexes and foreign keys aside: what is put back is as it was, whatever they are, and what stops that is named."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from django.db import IntegrityError, connection, connections, transaction
from programs import catalogue, ended, execute
from seeded import seeded
from test_large_loads import SIZES, asked
from worlds import AS_OF

from mentara.models import AuditLog, Comment, Heart, Post
from seeding.engine import setaside
from seeding.engine.errors import SeedingError
from seeding.fixtures import snapshot
from seeding.models import SetAside
from seeding.tables import seeded_models

on_postgres, on_sqlite = (pytest.mark.parametrize("kind", [kind]) for kind in ("postgres", "sqlite"))


@pytest.mark.django_db(transaction=True)
def test_put_back__rows_do_not_allow_an_index__says_so_and_enforces_foreign_keys_again() -> None:
    twice = uuid4()
    AuditLog.objects.bulk_create(AuditLog(action="DATA_EXPORT", entity="User", entity_id=twice) for _ in range(2))
    setaside.set_aside("default", [AuditLog])
    unique = 'CREATE UNIQUE INDEX only_once ON "AuditLog" ("entityId")'
    note = SetAside.objects.create(kind=setaside.INDEX, table="AuditLog", name="only_once", statement=unique)
    with pytest.raises(SeedingError, match=r"index only_once of AuditLog .* cannot be put back: .*\. Mend those rows"):
        setaside.put_back("default")
    with connection.cursor() as cursor:
        assert cursor.execute("PRAGMA foreign_keys").fetchone() == (1,)
    note.delete()
    setaside.put_back("default")
    assert setaside.missing("default") == []


@pytest.fixture
def cut_short(apart: str) -> str:
    """A seeded database whose indexes and foreign keys are aside, as a load leaves it that is killed in the end."""
    seeded(apart, **SIZES)
    setaside.set_aside(apart, seeded_models())
    connections[apart].close()
    return apart


def test_verification__a_large_load_was_killed__names_what_is_missing(
    cut_short: str, capsys: pytest.CaptureFixture[str]
) -> None:
    on, to_enrich = f"--database={cut_short}", ("--enrich-only", "--allow-production", f"--as-of={AS_OF.isoformat()}")
    assert ended("verify_minimums", on) == 1
    said = capsys.readouterr().out
    assert "are missing since a run did not end" in said
    assert "Not satisfied" in said
    assert ended("seed", on, *to_enrich, "--dry-run") == 1
    said = capsys.readouterr().out
    assert "are missing since a run did not end" in said
    assert "Would be satisfied" not in said
    assert ended("verify_minimums", on) == 1
    assert ended("seed", on, *to_enrich) == 0
    assert ended("verify_minimums", on) == 0


def test_rows_that_refer_to_none__came_while_keys_were_aside__stop_the_run_and_are_named(
    url: str, cut_short: str
) -> None:
    before = catalogue(url)
    nobody = "'00000000000000000000000000000000'"
    execute(url, f'UPDATE "Heart" SET "userId" = {nobody} WHERE id = (SELECT id FROM "Heart" LIMIT 1)')  # noqa: S608  (our own text)
    with pytest.raises(SeedingError, match="Heart"):
        asked(cut_short, base=False).run_hybrid_seed()
    assert catalogue(url) != before
    assert ended("verify_minimums", f"--database={cut_short}") == 1


def test_put_back__one_row_refers_to_none__makes_everything_else_and_names_it(url: str, apart: str) -> None:
    seeded(apart, **SIZES)
    before, nobody = catalogue(url), "'00000000000000000000000000000000'"
    setaside.set_aside(apart, seeded_models())
    execute(url, f'UPDATE "Heart" SET "userId" = {nobody} WHERE id = (SELECT id FROM "Heart" LIMIT 1)')  # noqa: S608  (our own text)
    with pytest.raises(SeedingError, match="Heart"):
        setaside.put_back(apart)
    left = [note.table for note in SetAside.objects.using(apart).exclude(kind=setaside.ENFORCEMENT)]
    assert left in ([], ["Heart"])
    after = catalogue(url)
    assert [one for one in before if one not in after and "Heart" not in str(one)] == []


UNIQUE = 'ALTER TABLE "Post" ADD CONSTRAINT own UNIQUE (id, title)'
INDEXED = 'CREATE UNIQUE INDEX own ON "Post" (id, title)'
REFERRING = 'ALTER TABLE "Heart" ADD CONSTRAINT own FOREIGN KEY ("postId") REFERENCES "Post"'
ODD = {
    "index that a table is clustered on": (INDEXED, 'ALTER TABLE "Post" CLUSTER ON own'),
    "key that a table is clustered on": (UNIQUE, 'ALTER TABLE "Post" CLUSTER ON own'),
    "index that tells rows apart": (INDEXED, 'ALTER TABLE "Post" REPLICA IDENTITY USING INDEX own'),
    "key that tells rows apart": (UNIQUE, 'ALTER TABLE "Post" REPLICA IDENTITY USING INDEX own'),
    "statistics": ('CREATE INDEX own ON "Post" (lower(title))', "ALTER INDEX own ALTER COLUMN 1 SET STATISTICS 500"),
    "comment on the index of a key": (UNIQUE, "COMMENT ON INDEX own IS 'mine'"),
    "comment on a key": (UNIQUE, "COMMENT ON CONSTRAINT own ON \"Post\" IS 'mine'"),
    "comment on a foreign key": (REFERRING, "COMMENT ON CONSTRAINT own ON \"Heart\" IS 'it''s mine'"),
    "deferrable key": (f"{UNIQUE} DEFERRABLE",),
    "deferred key": (f"{UNIQUE} DEFERRABLE INITIALLY DEFERRED",),
    "foreign key that is not validated": (f"{REFERRING} NOT VALID",),
    "foreign keys that are not enforced": ('ALTER TABLE "Heart" DISABLE TRIGGER ALL',),
    "foreign keys enforced on replicas too": (
        """DO $$ DECLARE own name; BEGIN
            FOR own IN SELECT tgname FROM pg_trigger WHERE tgrelid = '"Heart"'::regclass LOOP
                EXECUTE format('ALTER TABLE "Heart" ENABLE ALWAYS TRIGGER %I', own);
            END LOOP; END $$""",
    ),
    "index that goes with an extension": (INDEXED, "ALTER INDEX own DEPENDS ON EXTENSION plpgsql"),
    "unique index that foreign keys could be bound to": (
        'CREATE UNIQUE INDEX own ON "Post" (id) INCLUDE ("userId")',
        "COMMENT ON INDEX own IS 'mine'",
    ),
    "index of the same name elsewhere": (
        "CREATE SCHEMA aside",
        "CREATE TABLE aside.archive (at integer)",
        "CREATE INDEX message_thread_created_idx ON aside.archive (at)",
        'CREATE INDEX "Post_communityId_39802724" ON aside.archive (at)',
        "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET search_path = aside, public', current_database()); END $$",
    ),
    "name with a quotation mark": ('CREATE INDEX "o""wn" ON "Post" (id, title)',),
    "exclusion": ('ALTER TABLE "Post" ADD CONSTRAINT own EXCLUDE USING btree (id WITH =)',),
    "index that could not be made": (
        INDEXED,
        "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'own'::regclass",
    ),
    "table of somebody else that refers to ours": ('CREATE TABLE own (post uuid REFERENCES "Post")',),
    "table in parts": (
        'ALTER TABLE "AuditLog" RENAME TO own',
        'CREATE TABLE "AuditLog" (LIKE own INCLUDING DEFAULTS) PARTITION BY HASH (id)',
        'ALTER TABLE "AuditLog" ATTACH PARTITION own FOR VALUES WITH (MODULUS 1, REMAINDER 0)',
        'CREATE INDEX whole ON "AuditLog" ("createdAt", action)',
    ),
    "table that is a part": (
        'CREATE TABLE whole (LIKE "AuditLog" INCLUDING DEFAULTS) PARTITION BY HASH (id)',
        'CREATE INDEX whole_created ON whole ("createdAt", action)',
        'ALTER TABLE whole ADD CONSTRAINT own FOREIGN KEY ("entityId") REFERENCES "Post"',
        'ALTER TABLE whole ATTACH PARTITION "AuditLog" FOR VALUES WITH (MODULUS 1, REMAINDER 0)',
    ),
    "foreign key to a table in parts": (
        "CREATE TABLE whole (id uuid PRIMARY KEY) PARTITION BY HASH (id)",
        "CREATE TABLE part PARTITION OF whole FOR VALUES WITH (MODULUS 1, REMAINDER 0)",
        'ALTER TABLE "AuditLog" ADD CONSTRAINT own FOREIGN KEY ("entityId") REFERENCES whole',
    ),
    "table whose parts are yet to come": (
        'ALTER TABLE "AuditLog" RENAME TO own',
        'CREATE TABLE "AuditLog" (LIKE own INCLUDING DEFAULTS) PARTITION BY HASH (id)',
        'ALTER TABLE "AuditLog" ADD CONSTRAINT whole FOREIGN KEY ("entityId") REFERENCES "Post"',
    ),
}
UNTOLD = (
    """SELECT indexrelid::regclass::text, indisclustered, indisreplident, indisvalid,
        obj_description(indexrelid, 'pg_class'),
        ARRAY(SELECT attstattarget FROM pg_attribute WHERE attrelid = indexrelid ORDER BY attnum)
    FROM pg_index ORDER BY 1""",
    "SELECT conname, obj_description(oid, 'pg_constraint') FROM pg_constraint WHERE conname = 'own'",
    "SELECT conrelid::regclass::text, conname, conindid::regclass::text FROM pg_constraint ORDER BY 1, 2",
    "SELECT objid::regclass::text FROM pg_depend WHERE classid = 'pg_class'::regclass AND deptype = 'x'",
    """SELECT tgrelid::regclass::text, conname, tgenabled::text, COUNT(*)
    FROM pg_trigger JOIN pg_constraint ON pg_constraint.oid = tgconstraint GROUP BY 1, 2, 3 ORDER BY 1, 2, 3""",
)
"""What the definitions of indexes and constraints do not say."""


@on_postgres
@pytest.mark.parametrize("odd", ODD)
def test_put_back__indexes_or_keys_that_are_odd__are_as_they_were(url: str, apart: str, odd: str) -> None:
    def everything() -> list[Any]:
        return [*catalogue(url), *(row for query in UNTOLD for row in execute(url, query))]

    execute(url, *ODD[odd])
    before = everything()
    setaside.set_aside(apart, [AuditLog, Comment, Heart, Post])
    connections[apart].close()
    setaside.put_back(apart)
    assert everything() == before


@on_postgres
def test_set_aside__somebody_comments_on_a_key_meanwhile__waits_for_them_and_keeps_it(url: str, apart: str) -> None:
    def set_aside() -> None:
        setaside.set_aside(apart, [Heart])
        connections[apart].close()  # which is the thread's own

    execute(url, REFERRING)
    here = "(SELECT oid FROM pg_database WHERE datname = current_database())"
    waiting = f"SELECT pid FROM pg_locks WHERE NOT granted AND database = {here}"  # noqa: S608  (our own text)
    with psycopg.connect(url) as somebody, ThreadPoolExecutor(1) as thread:
        somebody.execute("COMMENT ON CONSTRAINT own ON \"Heart\" IS 'mine'")
        under_way = thread.submit(set_aside)
        while not execute(url, waiting):
            assert not under_way.done(), under_way.exception()
        somebody.commit()
        under_way.result()
    setaside.put_back(apart)
    assert ("own", "mine") in execute(url, UNTOLD[1])


@on_postgres
def test_missing__keys_of_two_notes__are_each_named_once_and_as_what_they_are(apart: str) -> None:
    setaside.set_aside(apart, seeded_models())
    named = setaside.missing(apart)
    setaside.put_back(apart)
    assert len(named) == len(set(named))
    assert [
        one for one in named if one.startswith("validation") or ("_pkey" in one and not one.startswith("key"))
    ] == []
    assert {"key Post_pkey of Post", "foreign key Post_userId_6ddb2d1e_fk_User_id of Post"} <= set(named)


@on_postgres
def test_put_back__somebody_has_made_a_primary_key_by_hand__says_what_to_do(url: str, apart: str) -> None:
    setaside.set_aside(apart, seeded_models())
    execute(url, 'ALTER TABLE "Post" ADD CONSTRAINT mine PRIMARY KEY (id)')
    with pytest.raises(SeedingError, match=r"key Post_pkey of Post .*\. Somebody has made it by hand meanwhile"):
        setaside.put_back(apart)
    execute(url, 'ALTER TABLE "Post" DROP CONSTRAINT mine CASCADE')
    setaside.put_back(apart)
    assert setaside.missing(apart) == []


STRAY = """
    INSERT INTO "AuditLog" (id, action, entity, "entityId", "createdAt", "userId")
    VALUES (hex(randomblob(16)), 'DATA_EXPORT', 'User', hex(randomblob(16)), '2026-01-01', hex(randomblob(16)))
"""


@on_sqlite
def test_put_back__rows_that_refer_to_none_were_there_before__is_held_up_by_others_only(url: str, apart: str) -> None:
    execute(url, STRAY)
    setaside.set_aside(apart, [AuditLog])
    setaside.put_back(apart)
    assert setaside.missing(apart) == []
    setaside.set_aside(apart, [AuditLog])
    execute(url, STRAY)
    with pytest.raises(SeedingError, match="2 references lead to rows that do not exist, 1 of them before the load"):
        setaside.put_back(apart)


@on_sqlite
def test_set_aside__unique_indexes_of_sqlite__allow_no_row_twice_meanwhile(url: str, apart: str) -> None:
    execute(url, 'CREATE UNIQUE INDEX own ON "AuditLog" ("entityId")')
    setaside.set_aside(apart, [AuditLog])
    twice = [AuditLog(action="DATA_EXPORT", entity="User", entity_id=UUID(int=1)) for _ in range(2)]
    with pytest.raises(IntegrityError, match="entityId"):
        AuditLog.objects.using(apart).bulk_create(twice)


def test_large_load__within_a_transaction_of_somebody_else__sets_nothing_aside(apart: str) -> None:
    assert setaside.can_set_aside(apart, seeded_models())
    with transaction.atomic(using=apart):
        assert not setaside.can_set_aside(apart, seeded_models())


def test_put_back__somebody_has_made_an_index_by_hand__says_what_to_do_and_then_puts_everything_back(
    url: str, apart: str
) -> None:
    seeded(apart, **SIZES)
    before = catalogue(url)
    setaside.set_aside(apart, seeded_models())
    note = SetAside.objects.using(apart).filter(kind=setaside.INDEX, table="Heart").order_by("pk")[0]
    execute(url, note.statement)
    with pytest.raises(SeedingError, match=f"{note.name} of Heart .* drop that one, then seed again"):
        setaside.put_back(apart)
    execute(url, f'DROP INDEX "{note.name}"')
    setaside.put_back(apart)
    assert catalogue(url) == before


def test_reset__rows_came_that_a_key_does_not_allow__deletes_them_and_puts_everything_back(
    url: str, apart: str
) -> None:
    seeded(apart, **SIZES)
    before, nobody = catalogue(url), "'00000000000000000000000000000000'"
    setaside.set_aside(apart, seeded_models())
    execute(url, f'UPDATE "Heart" SET "userId" = {nobody} WHERE id = (SELECT id FROM "Heart" LIMIT 1)')  # noqa: S608  (our own text)
    connections[apart].close()
    assert asked(apart, reset=True).run_hybrid_seed().satisfied
    assert catalogue(url) == before


def test_flush__a_large_load_was_killed__loses_no_index_or_key(url: str, apart: str) -> None:
    before = catalogue(url)
    seeded(apart, **SIZES)
    setaside.set_aside(apart, seeded_models())
    connections[apart].close()
    assert ended("flush", f"--database={apart}", "--no-input") == 0
    assert asked(apart).run_hybrid_seed().satisfied
    assert catalogue(url) == before


def test_restore__a_large_load_was_killed__puts_every_index_and_key_back(url: str, apart: str, tmp_path: Path) -> None:
    before, file = catalogue(url), tmp_path / "kept"
    seeded(apart, **SIZES)
    snapshot.take(apart, file, lambda: None)
    setaside.set_aside(apart, seeded_models())
    connections[apart].close()
    snapshot.restore(apart, file, lambda: None, replace=True)
    assert catalogue(url) == before
    assert setaside.missing(apart) == []
