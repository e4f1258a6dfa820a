"""Texts and data that rows are composed from: JSON and TOML files, read once when first needed."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent


@cache
def load(name: str) -> Any:
    """The parsed content of corpus/<name>.json."""
    return json.loads((HERE / f"{name}.json").read_text(encoding="utf-8"))
