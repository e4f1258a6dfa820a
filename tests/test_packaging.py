"""The wheel in an empty environment, and the examples run there: their commands, as they stand in their files."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
import tomllib
import zipfile
from email.parser import Parser
from pathlib import Path
from typing import Any

import pytest
import yaml
from programs import ROOT

EXAMPLES = ROOT / "examples"
OURS = (
    *("DATABASE_URL", "DEBUG", "DJANGO_SETTINGS_MODULE", "PYTHONPATH", "PYTHONDONTWRITEBYTECODE"),
    *("PYTEST_ADDOPTS", "PYTEST_XDIST_WORKER"),
)


@pytest.fixture(scope="module")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with the wheel, built from the source distribution."""
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "build", "--outdir", str(folder), str(ROOT)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)  # noqa: S603  (our own package)
    return folder


@pytest.fixture(scope="module")
def wheel(dist: Path) -> zipfile.ZipFile:
    """What is in the wheel."""
    (file,) = dist.glob("*.whl")
    return zipfile.ZipFile(file)


@pytest.fixture(scope="module")
def clinic(dist: Path, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The example project beside an empty environment; call it with a command of a workflow file to run that there."""
    folder = tmp_path_factory.mktemp("clinic")
    project = shutil.copytree(EXAMPLES / "clinic", folder / "project", ignore=shutil.ignore_patterns("*.sqlite3", ".*"))
    subprocess.run([sys.executable, "-m", "venv", str(folder / "venv")], check=True)  # noqa: S603  (our own)
    kept = {key: value for key, value in os.environ.items() if key not in OURS}
    base = {
        **kept,
        "PATH": f"{folder / 'venv' / 'bin'}{os.pathsep}{os.environ['PATH']}",
        "VIRTUAL_ENV": str(folder / "venv"),
        "PIP_FIND_LINKS": str(dist),
        "PIP_CONSTRAINT": str(ROOT / "constraints.txt"),
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "PIP_NO_COMPILE": "1",  # what is imported is compiled then
    }

    def run(command: str | list[str], **environment: str) -> str:
        words = command if isinstance(command, list) else ["sh", "-ec", command]
        done = subprocess.run(  # noqa: S603  (our own examples)
            words, cwd=project, env={**base, **environment}, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    return run


def read(name: str) -> Any:
    return yaml.safe_load((EXAMPLES / name).read_text(encoding="utf-8"))


def test_wheel__every_file_of_the_packages__is_in_it(wheel):
    for package in ("mentara", "seeding"):
        there = {str(file.relative_to(ROOT)) for file in (ROOT / package).rglob("*") if file.is_file()}
        there = {name for name in there if "__pycache__" not in name}
        assert {name for name in wheel.namelist() if name.startswith(f"{package}/")} == there
        assert f"{package}/py.typed" in there


def test_wheel__version_and_entry_point__are_those_of_pyproject(wheel):
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    (metadata,) = (name for name in wheel.namelist() if name.endswith(".dist-info/METADATA"))
    about = Parser().parsestr(wheel.read(metadata).decode())
    assert (about["Name"], about["Version"]) == ("mentara-seeding", project["version"])
    assert about.get_all("Classifier") == project["classifiers"]
    points = wheel.read(metadata.replace("METADATA", "entry_points.txt")).decode()
    assert "[pytest11]\nmentara_seeding = seeding.pytest_plugin" in points


def test_examples__their_commands_one_after_the_other__run_in_an_environment_that_was_empty(clinic, postgres_url):
    github_workflow(clinic)
    gitlab_job(clinic, postgres_url)
    compose_file(clinic, postgres_url)


def github_workflow(clinic: Any) -> None:
    (job,) = read("github-actions.yml")["jobs"].values()
    commands = [step["run"] for step in job["steps"] if "run" in step]
    assert len(commands) == 2
    for command in commands:
        out = clinic(command)
    assert "5 passed" in out
    cached = next(step["with"]["path"] for step in job["steps"] if "cache@" in step.get("uses", ""))
    assert len(clinic(f"ls {cached}/*.sqlite3").split()) == 2
    assert "5 passed" in clinic(commands[-1])
    assert len(clinic(f"ls {cached}/*.sqlite3").split()) == 2
    assert clinic("python -c 'import mentara, seeding; print(seeding.__file__)'").count("site-packages") == 1


def gitlab_job(clinic: Any, postgres_url: str) -> None:
    job = read("gitlab-ci.yml")["test"]
    assert job["variables"]["DATABASE_URL"].startswith("postgresql://")
    for command in job["script"]:
        out = clinic(command, **{**job["variables"], "DATABASE_URL": postgres_url})
    assert "5 passed" in out


def compose_file(clinic: Any, postgres_url: str) -> None:
    services = read("docker-compose.yml")["services"]
    seed = services["seed"]
    assert set(seed["depends_on"]) <= set(services)
    assert all("image" in service for service in services.values())
    environment = {**seed["environment"], "DATABASE_URL": postgres_url}
    assert "Satisfied" in clinic(shlex.split(seed["command"]), **environment)
    assert "25 clients" in clinic("django-admin verify_minimums --pythonpath .", **environment)
