"""Verification, or a re-run of a seed, without the start of a process: `python -m benchmarks.inside`, on DATABASE_URL.

`verify`, or `seed CLIENTS AS_OF`. Everything is imported first; prints JSON: the seconds from before connecting to the
end, the rows added, and whether the database is satisfied.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from datetime import datetime

import django


def verify() -> tuple[int, bool]:
    """Verify the minimums."""
    from seeding.verification import verify, with_heights

    return 0, verify("default", with_heights({})).satisfied


def seed(clients: str, as_of: str) -> tuple[int, bool]:
    """Seed so many clients."""
    from seeding.orchestrator import HybridSeedOrchestrator
    from seeding.request import SeedRequest

    request = SeedRequest(sizes={"clients": int(clients)}, as_of=datetime.fromisoformat(as_of))
    report = HybridSeedOrchestrator(request).run_hybrid_seed()
    return report.rows, report.satisfied


PARTS: dict[str, Callable[..., tuple[int, bool]]] = {"verify": verify, "seed": seed}


def main(what: str, *arguments: str) -> None:
    """Run a part and print."""
    django.setup()
    import seeding.orchestrator  # noqa: F401  (so that its import is not measured)

    started = time.perf_counter()
    rows, satisfied = PARTS[what](*arguments)
    json.dump({"seconds": time.perf_counter() - started, "rows": rows, "satisfied": satisfied}, sys.stdout)


if __name__ == "__main__":
    main(*sys.argv[1:])
