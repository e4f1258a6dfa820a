"""Nothing is written where it should not be, or cannot be."""

from __future__ import annotations

from types import SimpleNamespace

import dj_database_url
import pytest

from seeding import guards
from seeding.engine.errors import SeedingError, UsageError

LOCAL = ["", "localhost", "LOCALHOST", "127.0.0.1", "127.8.8.8", "::1", "/run/postgresql", "@abstract"]
AWAY = ["db.example.org", "10.0.0.4", "127.example.org", "localhost.example.org", "2001:db8::1"]


@pytest.fixture
def placed(monkeypatch):
    """Have the default database be where a URL says, without a server."""
    for variable in ("PGHOST", "PGHOSTADDR", "PGSERVICE"):
        monkeypatch.delenv(variable, raising=False)

    def place(url: str, **environment: str) -> str:
        parsed = dj_database_url.parse(url)
        vendor = parsed["ENGINE"].rpartition(".")[2].removesuffix("3")
        fake = {"default": SimpleNamespace(vendor=vendor, settings_dict=parsed)}
        monkeypatch.setattr(guards, "connections", fake)
        for variable, value in environment.items():
            monkeypatch.setenv(variable, value)
        return "default"

    return place


@pytest.mark.parametrize("host", LOCAL)
def test_host__of_this_machine__is_local(host):
    assert guards.is_local(host)


@pytest.mark.parametrize("host", AWAY)
def test_host__elsewhere__is_not_local(host):
    assert not guards.is_local(host)


@pytest.mark.parametrize("url", ["sqlite:///a.sqlite3", "postgresql:///a", "postgresql://me@localhost:5433/a"])
def test_production__debug_on_this_machine__is_allowed(placed, settings, url):
    using = placed(url)
    settings.DEBUG = False
    with pytest.raises(SeedingError, match="DEBUG is off"):
        guards.check_allowed(using, allowed=False)
    settings.DEBUG = True
    guards.check_allowed(using, allowed=False)


@pytest.mark.parametrize(
    ("url", "environment"),
    [
        ("postgresql://db.example.org/a", {}),
        ("postgresql:///a?host=db.example.org", {}),
        ("postgresql:///a?host=localhost,db.example.org", {}),
        ("postgresql://localhost/a?hostaddr=192.0.2.7", {}),
        ("postgresql:///a?service=live", {}),
        ("postgresql:///a", {"PGHOST": "db.example.org"}),
        ("postgresql://localhost/a", {"PGHOSTADDR": "192.0.2.7"}),
        ("postgresql:///a", {"PGSERVICE": "live"}),
    ],
)
def test_production__another_machine__is_refused_unless_told(placed, settings, url, environment):
    settings.DEBUG = True
    using = placed(url, **environment)
    with pytest.raises(SeedingError, match=r"which is not this machine.*add --allow-production") as error:
        guards.check_allowed(using, allowed=False)
    assert error.value.exit_code == 1
    guards.check_allowed(using, allowed=True)


def test_production__debug_off__is_refused_unless_told(placed, settings):
    settings.DEBUG = False
    using = placed("sqlite:///a.sqlite3")
    with pytest.raises(SeedingError, match=r"DEBUG is off.*add --allow-production"):
        guards.check_allowed(using, allowed=False)
    guards.check_allowed(using, allowed=True)


def test_alias__unknown__is_refused_with_those_there_are():
    with pytest.raises(UsageError, match=r"Unknown database 'other'; .* default"):
        guards.check_alias("other")


def test_sqlite__older_than_what_was_tried__is_refused_with_its_version(monkeypatch):
    monkeypatch.setattr("sqlite3.sqlite_version_info", (3, 37, 2))
    monkeypatch.setattr("sqlite3.sqlite_version", "3.37.2")
    with pytest.raises(SeedingError, match=r"SQLite 3\.37\.2, and 3\.40 or newer is needed"):
        guards.check_reachable("default")
