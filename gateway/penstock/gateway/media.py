"""Decides from Content-Type and Accept whether a message travels as JSON or as protobuf."""

from __future__ import annotations

from functools import lru_cache

from penstock.gateway.limits import HEADER_VALUES_MAX
from penstock.wire.status import Code, RpcError

JSON = "application/json"
PROTOBUF = "application/x-protobuf"


@lru_cache(maxsize=HEADER_VALUES_MAX)
def is_protobuf(content_type: str | None) -> bool:
    """Whether a body of this Content-Type is protobuf. No header means JSON.

    Raises RpcError (415) for everything that is neither protobuf nor JSON in UTF-8.
    """
    if content_type is None:
        return False
    kind, parameters = _parse(content_type)
    if kind == PROTOBUF:
        return True
    if kind == JSON and parameters.get("charset", "utf-8") in ("utf-8", "utf8"):
        return False
    raise RpcError(
        Code.INVALID_ARGUMENT,
        "UNSUPPORTED_MEDIA_TYPE",
        f"Content-Type: expected {JSON} or {PROTOBUF}, got {content_type}",
    )


@lru_cache(maxsize=HEADER_VALUES_MAX)
def wants_protobuf(accept: str | None) -> bool:
    """Whether the caller likes protobuf better than JSON. JSON is what answers everybody who names neither."""
    if accept is None:
        return False
    ranges = [_parse(item) for item in accept.split(",")]
    protobuf = _liking(PROTOBUF, ranges)
    return protobuf[0] > 0 and protobuf > _liking(JSON, ranges)


def _liking(kind: str, ranges: list[tuple[str, dict[str, str]]]) -> tuple[float, int, int]:
    """Quality, exactness and earliness of the range that counts for `kind` (RFC 9110, 12.5.1)."""
    patterns = ("*/*", "application/*", kind)
    named = [
        (patterns.index(pattern), -place, _quality(parameters.get("q", "1")))
        for place, (pattern, parameters) in enumerate(ranges)
        if pattern in patterns
    ]
    if not named:
        return 0.0, 0, 0
    exactness, earliness, quality = max(named)
    return quality, exactness, earliness


def _quality(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return 0.0


def _parse(value: str) -> tuple[str, dict[str, str]]:
    kind, *parameters = value.split(";")
    pairs = (parameter.partition("=") for parameter in parameters)
    return kind.strip().lower(), {name.strip().lower(): text.strip().strip('"').lower() for name, _, text in pairs}
