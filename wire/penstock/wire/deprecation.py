"""How callers are told that they should leave an artifact."""

from __future__ import annotations

from typing import Any

DEPRECATED_METADATA = "penstock-deprecated"
"""Metadata of a gRPC answer."""
DEPRECATED_HEADER = "Deprecation"
"""Header of an HTTP answer (RFC 9745)."""
FIELD = "deprecation"
"""The field of a response that both are made from."""


def since(time_us: int) -> str:
    """The value of both: unix seconds as a structured date (RFC 9651)."""
    return f"@{time_us // 1_000_000}"


def deprecated_since(response: Any) -> str | None:
    """The value for an answer, None when it tells of no deprecation. Its message has the field."""
    if not response.HasField(FIELD):
        return None
    return since(response.deprecation.change_time.ToMicroseconds())
