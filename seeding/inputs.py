"""What shapes a seeded database: versions, sizes, minimums, migrations, corpus and code, as values to compare."""

from __future__ import annotations

import ast
import platform
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from hashlib import blake2b
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import connections
from django.db.migrations.recorder import MigrationRecorder

from seeding.corpus import HERE as CORPUS
from seeding.engine.keys import BASE, id_range
from seeding.orchestrator import SeedRequest, sizes_of
from seeding.verification import with_heights
from seeding.world import ROLES

Inputs = Mapping[str, Mapping[str, Any]]
"""Sections of named values; a value is text, a number, a truth value or a list of texts."""
PACKAGES = {"toolkit": "mentara-seeding", "Django": "Django", "Faker": "Faker", "NumPy": "numpy"}
MAKERS = ("seeding.legacy", "seeding.enrichers")
_HERE = Path(__file__).parent


def inputs_of(request: SeedRequest) -> Inputs:
    """Everything that explains what a database seeded by this request holds, by sections."""
    return {
        "versions": versions(),
        "request": {
            "mode": request.mode,
            "locale": request.locale,
            "base": request.base,
            "enrich": request.enrich,
            "only": list(request.only),
            "DEBUG": bool(settings.DEBUG),
        },
        "seeded": seeded(request.using),
        "sizes": asdict(sizes_of(request)),
        "base": base_rows(request.using),
        "minimums": {key: minimum.at_least for key, minimum in with_heights(request.minimums).items()},
        "migrations": migrations(request.using),
        "corpus": corpus(),
        "code": code(),
    }


def versions() -> dict[str, str]:
    """The versions of this toolkit, of Python (its minor version) and of the packages that values come from."""
    found = {"Python": ".".join(platform.python_version_tuple()[:2])}
    for name, package in PACKAGES.items():
        try:
            found[name] = version(package)
        except PackageNotFoundError:
            found[name] = "not installed"
    return found


def seeded(using: str) -> dict[str, list[str]]:
    """The seeds and the as-ofs of the runs that wrote into the database."""
    runs = list(apps.get_model("seeding.SeedRun")._default_manager.using(using).values_list("seed", "as_of"))
    return {
        "seed": sorted({seed for seed, _ in runs}),
        "as-of": sorted({as_of.isoformat() for _, as_of in runs}),
    }


def base_rows(using: str) -> dict[str, int]:
    """How many base rows of each size that can be chosen the database holds, whatever was asked for last."""
    made = {"pk__range": id_range(BASE)}
    users = apps.get_model("mentara.User")._default_manager.using(using)
    communities = apps.get_model("mentara.Community")._default_manager.using(using)
    return {
        "communities": communities.filter(**made).count(),
        **{f"{role}s": users.filter(**made, role=role).count() for role in ROLES},
    }


def migrations(using: str) -> dict[str, str]:
    """The migrations of the seeded tables that the database has applied, with the digests of their files."""
    found = {}
    for app, name in sorted(MigrationRecorder(connections[using]).applied_migrations()):
        if app in ("mentara", "seeding"):
            file = Path(apps.get_app_config(app).path) / "migrations" / f"{name}.py"
            found[f"{app}.{name}"] = digest_of(file) if file.exists() else "unknown"
    return found


def corpus() -> dict[str, str]:
    """A digest for each file of the corpus."""
    files = [path for path in CORPUS.rglob("*") if path.suffix in (".json", ".toml")]
    return {path.relative_to(CORPUS).as_posix(): digest_of(path) for path in files}


def code() -> dict[str, str]:
    """A digest for each room of code that rows come from: whatever base generators and enrichers import."""
    rooms: dict[str, list[Path]] = defaultdict(list)
    for path in sorted(modules()):
        rooms[path.parent.relative_to(_HERE.parent).as_posix()].append(path)
    return {room: digest_of(*paths) for room, paths in rooms.items()}


def modules() -> set[Path]:
    """The files of all modules that base generators and enrichers import, at first or second hand."""
    ahead, known, found = list(MAKERS), set[str](), set[Path]()
    while ahead:
        name = ahead.pop()
        if name in known:
            continue
        known.add(name)
        place = _HERE.parent.joinpath(*name.split("."))
        path = place / "__init__.py" if place.is_dir() else place.with_suffix(".py")
        if path.exists():  # otherwise it is the name of something in a module
            found.add(path)
            ahead += _imported(path)
    return found


def _imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] == "seeding":
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def digest_of(*paths: Path) -> str:
    """A short digest of texts, whatever their line ends."""
    content = blake2b(digest_size=6)
    for path in paths:
        content.update(f"{path.name}\n{path.read_text(encoding='utf-8')}\0".encode())
    return content.hexdigest()
