"""Nothing is emptied before somebody has confirmed it by the database's name."""

from __future__ import annotations

from types import SimpleNamespace

import dj_database_url
import pytest
from django.db import connections

from seeding.engine.errors import SeedingError, UsageError
from seeding.management import confirming


def test_reset__no_terminal__is_refused(monkeypatch):
    monkeypatch.setattr("sys.stdin", SimpleNamespace(isatty=lambda: False))
    with pytest.raises(UsageError, match="--no-input"):
        confirming.confirm_reset("default", asked=True)
    confirming.confirm_reset("default", asked=False)


def test_reset__database_without_a_name__asks_for_its_alias(monkeypatch):
    unnamed = SimpleNamespace(vendor="postgresql", settings_dict=dj_database_url.parse("postgresql:///?service=live"))
    monkeypatch.setattr(confirming, "connections", {"default": unnamed})
    monkeypatch.setattr("seeding.engine.files.connections", {"default": unnamed})
    monkeypatch.setattr("sys.stdin", SimpleNamespace(isatty=lambda: True))
    monkeypatch.setattr("builtins.input", lambda _: "")
    with pytest.raises(SeedingError, match="Nothing was emptied"):
        confirming.confirm_reset("default", asked=True)
    monkeypatch.setattr("builtins.input", lambda _: "default")
    confirming.confirm_reset("default", asked=True)


@pytest.mark.parametrize("typed", ["yes", "", None])
def test_reset__another_name__empties_nothing(monkeypatch, typed):
    def answer(_: str) -> str:
        if typed is None:
            raise EOFError
        return typed

    monkeypatch.setattr("sys.stdin", SimpleNamespace(isatty=lambda: True))
    monkeypatch.setattr("builtins.input", answer)
    with pytest.raises(SeedingError, match="Nothing was emptied"):
        confirming.confirm_reset("default", asked=True)


def test_reset__name_typed__goes_on(monkeypatch):
    name = str(connections["default"].settings_dict["NAME"]).rpartition("/")[2]
    monkeypatch.setattr("sys.stdin", SimpleNamespace(isatty=lambda: True))
    asked: list[str] = []
    monkeypatch.setattr("builtins.input", lambda prompt: asked.append(prompt) or f" {name} ")
    confirming.confirm_reset("default", asked=True)
    assert asked == [f"This empties every Mentara table of {name!r}. Type its name to go on: "]
