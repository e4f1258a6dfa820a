"""Reports as JSON: stable keys, lists in the order of the run or of requirements.py, no moment but `seconds`.

    seed --report      {"mode", "seed", "as_of", "dry_run", "satisfied": bool, "seconds": float,
                        "rows": {table: added}, "legacy": [{"name", "added": {table: rows}}],
                        "enrichment": [{"table", "added": {table: rows}, "dated_back": int}],
                        "before": [minimum], "audit": [{"subject", "label", "needs": {key: rows}}],
                        "verification": verification or null}
    verification       {"satisfied": bool, "minimums": [minimum], "coherence_checked": bool,
                        "broken": [{"rule", "table", "rows", "statement", "examples": [id]}]}
    minimum            {"key", "noun", "at_least", "rows", "short", "why",
                        "findings": [{"minimum", "row": id, "label", "has", "needs", "why"}]}

`verify_minimums --format json` prints a verification. `before` is empty and `verification` null where no enricher
ran; `audit` is empty unless it is a dry run; `findings` are the first of the rows that are short.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from seeding.console import rows_by_table
from seeding.engine.reports import HybridSeedReport, VerificationReport


def seed_json(report: HybridSeedReport) -> str:
    """The report of a run."""
    document = asdict(report)
    for part in (*document["legacy"], *document["enrichment"]):
        del part["seconds"]
    document["seconds"] = round(report.seconds, 3)
    document["satisfied"] = report.satisfied
    document["rows"] = rows_by_table(report)
    if report.verification is not None:
        document["verification"] = _verification(report.verification)
    return _text(document)


def verification_json(report: VerificationReport) -> str:
    """The report of a verification."""
    return _text(_verification(report))


def _verification(report: VerificationReport) -> dict[str, Any]:
    return {**asdict(report), "satisfied": report.satisfied}


def _text(document: dict[str, Any]) -> str:
    return json.dumps(document, indent=2, sort_keys=True) + "\n"
