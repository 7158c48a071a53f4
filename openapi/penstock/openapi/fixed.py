"""The OpenAPI document of the fixed API, as generated from the protos."""

from __future__ import annotations

from functools import cache
from pathlib import Path

_PATH = Path(__file__).parent / "gen" / "openapi.json"


@cache
def fixed_document() -> bytes:
    """The document as JSON. Read once."""
    return _PATH.read_bytes()
