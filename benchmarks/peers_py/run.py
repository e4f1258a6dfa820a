"""One way to make rows, as a process of its own: `python -m benchmarks.peers_py.run MODULE ROWS`, on DATABASE_URL."""

from __future__ import annotations

import sys
from importlib import import_module

import django


def main(module: str, rows: str) -> None:
    """Make so many rows of each table."""
    django.setup()
    import_module(f"benchmarks.peers_py.{module}").fill(int(rows))


if __name__ == "__main__":
    main(*sys.argv[1:])
