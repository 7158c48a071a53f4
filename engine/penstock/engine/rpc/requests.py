"""Checks that many requests share: ids, pages, waits, labels."""

from __future__ import annotations

import re
from collections.abc import Mapping

from google.protobuf.message import Message

from penstock.engine.domain import limits, page
from penstock.engine.domain.errors import InvalidArgument, NotFound
from penstock.engine.domain.ids import is_execution_id

_LABEL_KEY = re.compile(r"[a-z][a-z0-9_.-]{0,62}")
_LABEL_LENGTH_MAX = 256


def execution_id(request: Message) -> str:
    """Raises NotFound when it does not look like one: then there is no such execution."""
    text: str = request.execution_id  # type: ignore[attr-defined]
    if not is_execution_id(text):
        raise NotFound(f"there is no execution {text[:80]!r}: an id has 32 lower-case hex digits")
    return text


def page_size(request: Message, default: int = limits.PAGE_SIZE_DEFAULT) -> int:
    """Larger sizes are lowered (AIP-158). Raises InvalidArgument for a negative one."""
    size: int = request.page_size  # type: ignore[attr-defined]
    if size < 0:
        raise InvalidArgument(f"page_size: expected 1 to {limits.PAGE_SIZE_MAX}, got {size}", field="page_size")
    return min(size, limits.PAGE_SIZE_MAX) or default


def sequence_token(token: str, binding: str, otherwise: int = 0) -> int:
    """The sequence that a page goes on after; `otherwise` on the first page. Raises PageTokenError."""
    if not token:
        return otherwise
    key = page.decode(token, binding)
    if not (key.isascii() and key.isdecimal() and len(key) < 19):
        raise page.PageTokenError("expected the next_page_token of the answer before, got another text")
    return int(key)


def execution_token(token: str, binding: str) -> str:
    """The execution id that a page goes on after; "" on the first page. Raises PageTokenError."""
    key = page.decode(token, binding) if token else ""
    if key and not is_execution_id(key):
        raise page.PageTokenError("expected the next_page_token of the answer before, got another text")
    return key


def wait_seconds(request: Message) -> float:
    """Raises InvalidArgument out of range."""
    if not request.HasField("timeout_seconds"):
        return limits.WAIT_SECONDS_DEFAULT
    seconds: float = request.timeout_seconds  # type: ignore[attr-defined]
    if not 0.001 <= seconds <= limits.WAIT_SECONDS_MAX:
        raise InvalidArgument(
            f"timeout_seconds: expected 0.001 to {limits.WAIT_SECONDS_MAX:g}, got {seconds:g}",
            field="timeout_seconds",
        )
    return seconds


def item(request: Message) -> int | None:
    """Index of an item of a map; None when none is asked for. Raises InvalidArgument for a negative one."""
    if not request.HasField("item"):
        return None
    index: int = request.item  # type: ignore[attr-defined]
    if index < 0:
        raise InvalidArgument(f"item: expected 0 or more, got {index}", field="item")
    return index


def check_labels(labels: Mapping[str, str]) -> None:
    """Raises InvalidArgument naming the label."""
    if len(labels) > limits.LABELS_MAX:
        raise InvalidArgument(f"labels: expected at most {limits.LABELS_MAX}, got {len(labels)}", field="labels")
    for key, value in labels.items():
        if not _LABEL_KEY.fullmatch(key):
            raise InvalidArgument(
                f"labels: expected keys such as team or cost-center ({_LABEL_KEY.pattern}), got {key[:80]!r}",
                field="labels",
            )
        if len(value) > _LABEL_LENGTH_MAX or "\0" in value:
            raise InvalidArgument(
                f"labels.{key}: expected at most {_LABEL_LENGTH_MAX} characters without NUL, got {len(value)}",
                field=f"labels.{key}",
            )


def check_request_id(request_id: str) -> None:
    if len(request_id) > limits.REQUEST_ID_LENGTH_MAX or not (request_id.isascii() and request_id.isprintable()):
        raise InvalidArgument(
            f"request_id: expected at most {limits.REQUEST_ID_LENGTH_MAX} printable ASCII characters,"
            f" got {request_id[:80]!r}",
            field="request_id",
        )


def check_reason(reason: str) -> None:
    if len(reason) > limits.REASON_LENGTH_MAX or "\0" in reason:
        raise InvalidArgument(
            f"reason: expected at most {limits.REASON_LENGTH_MAX} characters without NUL, got {len(reason)}",
            field="reason",
        )
