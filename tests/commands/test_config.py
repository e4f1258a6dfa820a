"""What a person asks for becomes values, or one sentence that names the place and the remedy."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from seeding.config import Config, parse_as_of, parse_minimums, parse_only, parse_seed, read_config
from seeding.engine.errors import UsageError
from seeding.orchestrator import HybridSeedOrchestrator
from seeding.request import SeedRequest


@pytest.fixture
def write(tmp_path):
    def write(text: str) -> str:
        path = tmp_path / "seed.toml"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return str(path)

    return write


def test_config__no_file__is_empty():
    assert read_config(None) == Config()


def test_config__every_entry__is_read(write):
    path = write(
        'mode = "heavy"\nseed = "spring"\nlocale = "de_DE"\n[sizes]\nclients = 40\n[minimums]\n"client.posts" = 3\n'
    )
    assert read_config(path) == Config("heavy", "spring", "de_DE", {"clients": 40}, {"client.posts": 3})


def test_config__saved_with_a_byte_order_mark__is_read(write):
    assert read_config(write('\ufeffmode = "heavy"\n')) == Config("heavy")


def test_config__absent_file__is_named():
    with pytest.raises(UsageError, match=r"^Cannot read nowhere\.toml: No such file"):
        read_config("nowhere.toml")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[sizes\nclients = 4", "is not valid TOML: .*line 1"),
        ("a = " + "[" * 5000, "is not valid TOML: "),
        ("[sizes]\nclients = " + "9" * 5000, "is not valid TOML: "),
        (b"seed = '\xff'", "is not valid TOML"),
        ("[size]\nclients = 4", r"unknown entry 'size'; did you mean 'sizes'\?$"),
        ("[sizes]\nclient = 4", r"unknown key 'client' in \[sizes\]; did you mean 'clients'\?$"),
        ('[minimums]\n"client.post" = 4', r"unknown key 'client.post' in \[minimums\]; did you mean 'client.posts'\?$"),
        ("[minimums]\nclient.posts = 4", r'quotes, for instance "client.posts" = 3'),
        ("[minimums.client]", r'quotes, for instance "client\.\w+" = 3'),
        ("[minimums.clint]\npost = 4", r'quotes, for instance "client.posts" = 3'),
        ('[sizes]\nclients = "4"', "clients in .* must be a whole number, not '4'"),
        ("[sizes]\nclients = true", "clients in .* must be a whole number, not True"),
        ("[sizes]\nclients = 4.0", "clients in .* must be a whole number, not 4.0"),
        ("[sizes]\nclients.few = 4", r"unknown key|whole number"),
        ("[sizes]\nclients = -4", r"clients in \[sizes\] cannot be -4; give a number from 0"),
        ("[sizes]\nclients = 99999999999", "cannot be 99999999999; give a number from 0"),
        ("sizes = 4", "sizes must be a table"),
        (
            "[sizes]\nassessed = 1.01",
            r"assessed in \[sizes\] cannot be 1.01; it is a share, .* from 0 to 1\.$",
        ),
        ("[sizes]\nassessed = nan", "assessed .* cannot be nan; it is a share"),
        ('[sizes]\nassessed = "all"', "assessed .* cannot be 'all'; it is a share"),
        ("[sizes]\nassessed = true", "assessed .* cannot be True; it is a share"),
        ("[sizes]\nmeetings = 101", r"meetings in \[sizes\] cannot be 101; give a number from 0 to 100\.$"),
        ("[sizes]\nmeetings = 0.5", "meetings .* must be a whole number, not 0.5"),
        ("mode = 4", "mode must be text"),
        ('seed = ""', "The seed is empty"),
        ('mode = "huge"', r"unknown mode 'huge'; known are light, medium, heavy\.$"),
        ('locale = "en_GB, de_DF"', r"unknown locale 'de_DF'; did you mean 'de_DE'\?$"),
        ('locale = ""', "unknown locale ''; known are en_PH"),
        ('locale = "en_UK"', "unknown locale 'en_UK'; did you mean 'en_US'|'en_"),
    ],
)
def test_config__mistake__is_one_sentence_with_the_file(write, text, said):
    path = write(text)
    with pytest.raises(UsageError, match=said) as error:
        read_config(path)
    assert path in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2026-01-31", datetime(2026, 1, 31, tzinfo=UTC)),
        ("2026-01-31T09:30", datetime(2026, 1, 31, 9, 30, tzinfo=UTC)),
        ("2026-01-31T09:30:00Z", datetime(2026, 1, 31, 9, 30, tzinfo=UTC)),
        ("2026-01-31T09:30+08:00", datetime(2026, 1, 31, 9, 30, tzinfo=timezone(timedelta(hours=8)))),
        ("1999-12-31T23:00-01:00", datetime(2000, 1, 1, tzinfo=UTC)),
        ("2101-01-01T00:59+01:00", datetime(2100, 12, 31, 23, 59, tzinfo=UTC)),
    ],
)
def test_as_of__iso_8601__is_an_aware_instant(text, instant):
    found = parse_as_of(text)
    assert found == instant
    assert found.tzinfo is not None


def test_as_of__absent__is_none():
    assert parse_as_of(None) is None


@pytest.mark.parametrize("text", ["yesterday", "31.1.2026", "", "2026-02-30", "0001-01-01", "9999-12-31"])
def test_as_of__unreadable_or_out_of_range__is_refused(text):
    with pytest.raises(UsageError, match=r"^--as-of"):
        parse_as_of(text)


@pytest.mark.parametrize(
    "text",
    ["2000-01-01T00:59+01:00", "2100-12-31T23:00-01:00", "0001-01-01T00:00+23:59", "9999-12-31T23:59-23:59"],
)
def test_as_of__out_of_range_in_utc__is_refused(text):
    with pytest.raises(UsageError, match=r"is out of range; give a year from 2000 to 2100, in UTC\.$"):
        parse_as_of(text)


@pytest.mark.parametrize(
    ("as_of", "said"),
    [
        (datetime(1969, 7, 20, tzinfo=UTC), r"^As-of 1969-07-20 00:00:00\+00:00 is out of range"),
        (datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=14))), "is out of range; give a year from 2000 to 2100"),
        (datetime(2026, 3, 1), r"^As-of 2026-03-01 00:00:00 has no time zone"),  # noqa: DTZ001  (without one on purpose)
        ("2026-03-01", r"^As-of 2026-03-01 is no datetime; give one with a time zone\.$"),
    ],
)
def test_as_of__from_python__is_held_to_the_same(as_of, said):
    with pytest.raises(UsageError, match=said):
        HybridSeedOrchestrator(SeedRequest(as_of=as_of))


def test_minimums__several__the_last_of_a_key_counts():
    assert parse_minimums(["client.posts=3", "post.hearts=0", "client.posts=4"]) == {
        "client.posts": 4,
        "post.hearts": 0,
    }


@pytest.mark.parametrize("text", ["client.posts", "client.posts=", "client.posts=many", "client.posts=²", "=", ""])
def test_minimums__another_form__is_refused(text):
    with pytest.raises(UsageError, match="is not KEY=N; write for instance"):
        parse_minimums([text])


@pytest.mark.parametrize("height", [5.5, float("nan"), True, "3", None, -1, 10_000_001])
def test_minimums__of_a_request__are_whole_numbers(height):
    with pytest.raises(UsageError, match=r"^Minimum client\.posts (must be a whole number|cannot be)"):
        HybridSeedOrchestrator(SeedRequest(minimums={"client.posts": height}))


def test_minimums__unknown_and_like_none__are_named():
    with pytest.raises(UsageError, match=r"^Unknown minimum 'review_rate'; known are client\.communityMemberships, "):
        HybridSeedOrchestrator(SeedRequest(minimums={"review_rate": 1}))


@pytest.mark.parametrize("number", ["-1", "99999999999999999999"])
def test_minimums__beyond_reason__is_refused(number):
    with pytest.raises(UsageError, match="give a number from 0"):
        parse_minimums([f"client.posts={number}"])


def test_only__tables__each_once():
    assert parse_only("Post, Comment,Post,") == ("Post", "Comment")
    assert parse_only(["Post", "Comment,Post"]) == ("Post", "Comment")
    assert parse_only(None) == ()


@pytest.mark.parametrize("text", ["", " , "])
def test_only__no_table__is_refused(text):
    with pytest.raises(UsageError, match="--only names no table"):
        parse_only(text)


@pytest.mark.parametrize("text", ["x" * 256, "two\nlines", "\0", "\udcff"])
def test_seed__what_no_database_keeps__is_refused(text):
    with pytest.raises(UsageError, match="at most 255 printable"):
        parse_seed(text)
    with pytest.raises(UsageError, match="at most 255 printable"):
        HybridSeedOrchestrator(SeedRequest(seed=text))
