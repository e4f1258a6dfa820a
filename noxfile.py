"""The tests on every Python and Django that the package claims: `nox`, or one by its name from `nox --list`.

An interpreter that is not there is skipped; `--error-on-missing-interpreters` makes that an error.
"""

from __future__ import annotations

import nox

nox.options.default_venv_backend = "virtualenv"
CLAIMED = [("3.11", "5.2"), ("3.12", "5.2"), ("3.12", "6.0"), ("3.13", "5.2"), ("3.13", "6.0")]


@nox.session
@nox.parametrize("python,django", CLAIMED)
def tests(session: nox.Session, django: str) -> None:
    """Install the package as a user would, with this Django, and run the tests (or those that are named)."""
    session.install("--quiet", ".[dev]", f"Django~={django}.0")
    session.run("python", "-m", "pytest", *(session.posargs or ["--numprocesses", "auto"]))
