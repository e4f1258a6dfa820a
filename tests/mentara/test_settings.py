"""The settings follow the environment, and say clearly what is wrong with it."""

import pytest
from django.core.exceptions import ImproperlyConfigured

from mentara import settings


@pytest.mark.parametrize("url", ["nonsense", "unknown://host/name", "postgresql://host:port/name", "postgresql://[/x"])
def test_database_url__unreadable__is_refused_in_one_sentence(monkeypatch, url):
    monkeypatch.setenv("DATABASE_URL", url)
    with pytest.raises(ImproperlyConfigured, match=r"^DATABASE_URL cannot be read: [^.]+"):
        settings._database()


@pytest.mark.parametrize("url", ["postgresql://", "postgres:///?host=/tmp", "postgresql://me@localhost:5432"])
def test_database_url__a_server_without_a_database__is_refused(monkeypatch, url):
    monkeypatch.setenv("DATABASE_URL", url)
    with pytest.raises(ImproperlyConfigured, match=r"^DATABASE_URL names a server but no database on it; [^.]+\.$"):
        settings._database()


def test_database_url__a_driver_that_is_not_there__is_named(monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "oracle://host/name")
    with pytest.raises(
        ImproperlyConfigured, match=r"^DATABASE_URL .* whose driver oracledb is not installed; [^.]+\.$"
    ):
        settings._database()


@pytest.mark.parametrize(
    "url", ["sqlite:///a#b.sqlite3", "sqlite:///a?b.sqlite3", "postgresql://me:p#w@localhost/name"]
)
def test_database_url__a_name_that_would_end_early__is_refused(monkeypatch, url):
    monkeypatch.setenv("DATABASE_URL", url)
    with pytest.raises(ImproperlyConfigured, match=r"write %23 for a # and %3F for a \?\.$"):
        settings._database()


def test_database_url__signs_written_so__name_that_file(monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "sqlite:///a%23b%3Fc.sqlite3?timeout=3&init_command=PRAGMA+cache_size%3D5")
    database = settings._database()
    assert database["NAME"] == "a#b?c.sqlite3"
    assert database["OPTIONS"]["timeout"] == 3
    assert database["OPTIONS"]["init_command"] == "PRAGMA cache_size=5"


def test_database_url__two_slashes_for_sqlite__is_refused_for_it_would_be_in_memory(monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "sqlite://mentara.sqlite3")
    with pytest.raises(ImproperlyConfigured, match="write three slashes"):
        settings._database()
    monkeypatch.setenv("DATABASE_URL", "sqlite://:memory:")
    assert settings._database()["NAME"] == ":memory:"


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///", "sqlite://?timeout=3"])
def test_database_url__no_file_for_sqlite__is_refused_for_it_would_be_in_memory(monkeypatch, url):
    monkeypatch.setenv("DATABASE_URL", url)
    with pytest.raises(ImproperlyConfigured, match="names no file"):
        settings._database()


@pytest.mark.parametrize("option", ["nonsense=1", "timeout=long"])
def test_database_url__an_option_that_sqlite_does_not_take__is_refused(monkeypatch, option):
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///a.sqlite3?{option}")
    with pytest.raises(ImproperlyConfigured, match=r"does not take \(.+\); correct DATABASE_URL\.$"):
        settings._database()


def test_database_url__absent__is_a_file_of_the_project(monkeypatch):
    monkeypatch.delenv("DATABASE_URL", raising=False)
    database = settings._database()
    assert database["ENGINE"] == "django.db.backends.sqlite3"
    assert database["NAME"] == str(settings.BASE_DIR / "mentara.sqlite3")
    assert database["OPTIONS"] == {"transaction_mode": "IMMEDIATE", "timeout": 20}


def test_database_url__postgresql__names_its_parts(monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgresql://me@db.example.org:5433/mentara")
    database = settings._database()
    assert (database["USER"], database["HOST"], database["PORT"]) == ("me", "db.example.org", 5433)


@pytest.mark.parametrize("given", [{}, {"SECRET_KEY": " "}], ids=["unset", "blank"])
def test_secret_key__debug_off_and_none_given__is_refused(monkeypatch, given):
    monkeypatch.delenv("SECRET_KEY", raising=False)
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(ImproperlyConfigured, match="SECRET_KEY"):
        settings._secret_key(debug=False)


def test_secret_key__given__is_taken(monkeypatch):
    monkeypatch.setenv("SECRET_KEY", " given ")
    assert settings._secret_key(debug=False) == "given"


@pytest.mark.parametrize(
    ("value", "expected"), [("", True), ("1", True), ("True", True), ("0", False), ("false", False), ("off", False)]
)
def test_flag__value__is_read(monkeypatch, value, expected):
    monkeypatch.setenv("DEBUG", value)
    assert settings._flag("DEBUG", default=True) is expected


@pytest.mark.parametrize(("value", "found"), [("", True), (" On ", True), ("1", True), ("no", False), ("0", False)])
def test_debug__a_yes_or_a_no__is_understood(monkeypatch, value, found):
    monkeypatch.setenv("DEBUG", value)
    assert settings._flag("DEBUG", default=True) is found


def test_debug__another_word__is_refused(monkeypatch):
    monkeypatch.setenv("DEBUG", "maybe")
    with pytest.raises(ImproperlyConfigured, match=r"^DEBUG is 'maybe'; give 1 or 0, or leave it out\.$"):
        settings._flag("DEBUG", default=True)
