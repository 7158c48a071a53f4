"""Reads exported documents."""

from __future__ import annotations

import gzip
import json
import zlib
from pathlib import Path
from typing import Any

from penstock.cli.client import JsonObject
from penstock.cli.errors import UsageError
from penstock.engine.rpc.exports.export_document import SCHEMA

_GZIP = b"\x1f\x8b"
"""What compressed files begin with (RFC 1952): those of an archive."""

_MEMBERS: dict[str, type[Any]] = {
    "execution": dict,
    "artifact": dict,
    "events": list,
    "nodes": list,
    "attempts": list,
    "pauses": list,
    "chain": dict,
}


def read_document(path: Path) -> JsonObject:
    """Compressed or not. Raises UsageError when there is no such document."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror}") from error
    try:
        document = json.loads(gzip.decompress(data) if data.startswith(_GZIP) else data)
    except (ValueError, RecursionError, OSError, EOFError, zlib.error):
        raise UsageError(f"{path}: expected an exported execution, got no JSON") from None
    if not isinstance(document, dict) or document.get("schema") != SCHEMA:
        found = document.get("schema") if isinstance(document, dict) else None
        came = f"schema {json.dumps(found)}" if found is not None else "JSON without a schema"
        raise UsageError(f'{path}: expected an exported execution with schema "{SCHEMA}", got {came}')
    for name, kind in _MEMBERS.items():
        if not isinstance(document.get(name), kind):
            raise UsageError(f"{path}: expected {name} to be {'a list' if kind is list else 'an object'}")
    return document
