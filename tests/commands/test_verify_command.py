"""verify_minimums reads, says what it found, and changes nothing."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys

import pytest
from databases import on_both
from django.core.management import call_command
from django.db import connections
from django.test.utils import CaptureQueriesContext
from programs import ROOT
from seeded import seeded as fill

from mentara.models import CommunityMember, Heart, User

pytestmark = on_both


@pytest.fixture
def seeded(using):
    fill(using)
    return using


def verify(using: str, **options: object) -> tuple[int, str]:
    out, code = io.StringIO(), 0
    try:
        call_command("verify_minimums", database=using, stdout=out, **options)
    except SystemExit as ended:
        code = ended.code
    return code, out.getvalue()


def test_verify__satisfied__ends_with_nought(seeded):
    code, out = verify(seeded, coherence=True)
    assert code == 0, out
    assert "✅ All 8 clients meet their minimums" in out
    assert "✅ Every rule of coherence is kept" in out


def test_verify__rows_gone__names_them_and_the_remedy(seeded):
    giver = User.objects.using(seeded).get(email="client1@mentara.example")
    Heart.objects.using(seeded).filter(user=giver).delete()
    code, out = verify(seeded)
    assert code == 1
    assert "1 of 8 clients short of client.hearts (3)" in out
    assert "seed --enrich-only" in out
    assert "client1@mentara.example: has 0, needs 3" in out


@pytest.mark.parametrize(
    ("moderators", "minimum", "said"),
    [
        (2, "community.members=17", "needs 17 users, 16 exist; add 1 user or lower community.members"),
        (2, "community.members=18", "needs 18 users, 16 exist; add 2 users or lower community.members"),
        (1, "community.moderators=2", "needs 2 users with role moderator, 1 exists; add 1 user with role moderator"),
        (0, "community.moderators=1", "needs 1 user with role moderator, 0 exist; add 1 user with role moderator"),
    ],
)
def test_verify__too_few_to_supply_it__says_one_and_several_of_them(seeded, moderators, minimum, said):
    CommunityMember.objects.using(seeded).filter(role="MODERATOR").delete()
    for user in User.objects.using(seeded).filter(role="moderator")[moderators:]:
        User.objects.using(seeded).filter(pk=user.pk).update(role="client")
    assert said in verify(seeded, minimum=[minimum])[1]


def test_verify__json__is_the_same_in_keys(seeded):
    code, out = verify(seeded, format="json", minimum=["client.posts=99"])
    document = json.loads(out)
    assert (code, document["satisfied"], document["coherence_checked"]) == (1, False, False)
    posts = next(check for check in document["minimums"] if check["key"] == "client.posts")
    assert (posts["at_least"], posts["short"]) == (99, 8)


def test_verify__quiet__says_only_what_is_short(seeded, capsys):
    code, out = verify(seeded, minimum=["client.posts=99"], verbosity=0)
    assert (code, out) == (1, "")
    assert "8 of 8 clients short of client.posts (99)" in capsys.readouterr().err


def test_verify__any__only_reads(seeded):
    with CaptureQueriesContext(connections[seeded]) as queries:
        verify(seeded, coherence=True)
    assert {query["sql"].split()[0].strip("(").upper() for query in queries} <= {"SELECT", "WITH", "PRAGMA"}


def test_verify__in_a_process_of_its_own__does_without_numpy(filled):
    program = (
        "import django, sys; django.setup(); from django.core.management import call_command; "
        "call_command('verify_minimums'); print('numpy' in sys.modules)"
    )
    ran = subprocess.run(  # noqa: S603  (our own words)
        [sys.executable, "-c", program],
        env={**os.environ, "DATABASE_URL": f"sqlite:///{filled}"},
        check=True,
        capture_output=True,
        encoding="utf-8",
    )
    assert ran.stdout.split()[-2:] == ["Satisfied.", "False"]


@pytest.mark.parametrize("command", ["verify_minimums", "profile_seed", "read_seed"])
def test_command__whoever_reads_its_output_has_gone__says_so(filled, command):
    shell = f"{sys.executable} {ROOT}/manage.py {command} 2>errors | true"
    environment = {**os.environ, "DATABASE_URL": f"sqlite:///{filled}", "DEBUG": "1"}
    subprocess.run(shell, shell=True, env=environment, cwd=filled.parent, check=True)  # noqa: S602  (our own)
    said = (filled.parent / "errors").read_text(encoding="utf-8")
    assert said == "Whoever read the output has gone, so this has ended early.\n"


def test_verify__settings_without_a_database__is_one_sentence(refused_program, tmp_path):
    (tmp_path / "none.py").write_text("from mentara.settings import *\nDATABASES = {}\n", encoding="utf-8")
    said = refused_program("verify_minimums", code=2, DJANGO_SETTINGS_MODULE="none", PYTHONPATH=f"{tmp_path}:{ROOT}")
    assert said.startswith(
        "The project's settings need correcting (--traceback shows where they are read): settings.DATABASES"
    )


def test_verify__no_database__names_the_command_and_makes_no_file(refused, tmp_path):
    assert "run `python manage.py migrate` first" in refused("verify_minimums", code=1)
    assert not (tmp_path / "mentara.sqlite3").exists()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--minimum", "client.post=3"], "Unknown minimum 'client.post'"),
        (["--config", "nowhere.toml"], "nowhere.toml"),
        (["--database", "x"], "'x'"),
    ],
)
def test_verify__wrong_usage__is_one_sentence(refused, words, said):
    assert said in refused("verify_minimums", *words, code=2)
