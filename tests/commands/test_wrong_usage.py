"""What is asked of the seed command and cannot be: a sentence, exit code 2, and nothing is touched."""

from __future__ import annotations

import io

import pytest
from django.core.management import call_command

AS_OF = ("--as-of", "2026-03-01T12:00Z")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--assessed", "1.5"), "--assessed cannot be 1.5; it is a share, so give a number from 0 to 1."),
        (("--posts-per-user", "-1"), "--posts-per-user cannot be -1; give a number from 0 to 100."),
        (("--clients", "10000001"), "--clients cannot be 10000001; give a number from 0 to 10000000."),
        (("--enrich-only", "--with-notes", "1"), "--with-notes is for base data, and --enrich-only makes none"),
    ],
)
def test_seed__size_that_cannot_be__is_wrong_usage(manage, words, said):
    ran = manage("seed", *words, *AS_OF)
    assert ran.code == 2
    assert said in ran.err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--mode", "huge"], "Unknown mode 'huge'; choose one of light, medium, heavy."),
        (["--minimum", "client.post=3"], "Unknown minimum 'client.post'; did you mean 'client.posts'?"),
        (["--minimum", "client.posts"], "is not KEY=N"),
        (["--minimum", "client.posts=-1"], "give a number from 0"),
        (["--minimum", "client.posts=99999999999999999999"], "give a number from 0"),
        (["--only", "Posts"], "No enricher fills the table 'Posts'; choose among"),
        (["--only", "MeetingNotes"], "MeetingNotes is filled together with Meeting; name that."),
        (["--only", ","], "--only names no table"),
        (["--only", "Post", "--base-only"], "--only chooses enrichers, and --base-only runs none"),
        (["--base-only", "--minimum", "client.posts=3"], "--minimum is for enrichment, and --base-only runs none"),
        (["--base-only", "--snapshot", "kept"], "--snapshot keeps what has been verified, and --base-only verifies"),
        (["--enrich-only", "--clients", "3"], "--clients is for base data, and --enrich-only makes none"),
        (["--mode", ""], "Unknown mode ''; choose one of"),
        (["--seed", ""], "The seed is empty"),
        (["--locale", ""], "Unknown locale ''"),
        (["--clients", "-1"], "give a number from 0"),
        (["--clients", "99999999999"], "give a number from 0"),
        (["--locale", "xx_XX"], "Unknown locale 'xx_XX'; choose of en_PH"),
        (["--locale", "en_PH,en"], "Unknown locale 'en'; choose of en_PH"),
        (["--as-of", "yesterday"], "is no ISO-8601 time"),
        (["--as-of", "0001-01-01"], "is out of range"),
        (["--seed", "x" * 300], "at most 255"),
        (["--database", "other"], "Unknown database 'other'; settings.DATABASES has default"),
        (["--config", "nowhere.toml"], "Cannot read nowhere.toml: No such file"),
        (["--report", "nowhere/report.json"], "the folder does not exist"),
        (["--report", "."], "no file can be written there"),
    ],
)
def test_seed__wrong_usage__is_one_sentence_and_touches_no_database(words, said):
    out, err = io.StringIO(), io.StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command("seed", *words, stdout=out, stderr=err)
    assert (ended.value.code, out.getvalue()) == (2, "")
    assert said in err.getvalue()
    assert err.getvalue().count("\n") == 1


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--mode", "huge"], "Unknown mode 'huge'"),
        (["--minimum", "client.post=3"], "Unknown minimum 'client.post'"),
        (["--only", "Posts"], "No enricher fills the table 'Posts'"),
    ],
)
def test_seed__unknown_name__ends_with_two_and_makes_no_file(refused, tmp_path, words, said):
    assert said in refused("seed", *words, code=2)
    assert not (tmp_path / "mentara.sqlite3").exists()


@pytest.mark.parametrize("more", [(), ("--reset", "--no-input"), ("--dry-run",)])
def test_seed__nobody_to_approve_therapists__is_refused_before_anything_is_written(
    refused, database_url, tmp_path, more
):
    said = refused("seed", "--admins", "0", *more, code=2, DATABASE_URL=database_url)
    assert said.startswith("Nobody is there to approve 4 therapists; set the size admins to 1")
    assert list(tmp_path.iterdir()) == []


def test_seed__wrong_toml__names_the_place(refused, tmp_path):
    (tmp_path / "seed.toml").write_text("[sizes\nclients = 4", encoding="utf-8")
    assert "seed.toml is not valid TOML" in refused("seed", "--config", "seed.toml", code=2)


@pytest.mark.parametrize("words", [["--clients", "many"], ["--nonsense"], ["--base-only", "--enrich-only"]])
def test_seed__not_even_an_option__ends_with_two(manage, words):
    ran = manage("seed", *words)
    assert ran.code == 2
    assert ran.err.startswith("usage: manage.py seed [options]\nmanage.py seed: error: ")
    assert ran.err.count("\n") == 2


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--no-color", "--force-color"], "can't be used together"),
        (["--settings", "nowhere"], "There is no settings module nowhere; correct --settings or"),
        (["--settings", "mentara.nowhere"], "There is no settings module mentara.nowhere; correct --settings or"),
    ],
)
def test_seed__options_that_django_refuses__are_wrong_usage(refused_program, words, said):
    assert said in refused_program("seed", *words, code=2)
