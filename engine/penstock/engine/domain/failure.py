"""Why a node or an execution failed."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from penstock.engine.domain import limits


class FailureKind(IntEnum):
    """Who has to act. Numbers as in penstock.v1.Failure.Kind."""

    USER = 1
    SYSTEM = 2


class FailureClass(IntEnum):
    """What sort of trouble it is. Numbers as in penstock.v1.Failure.Class."""

    LOGIC = 1
    PROVIDER = 2
    CONNECTOR = 3
    POLICY = 4
    TIMEOUT = 5
    INFRASTRUCTURE = 6


@dataclass(frozen=True, slots=True)
class Failure:
    """`code` is a stable word in upper case. `node` is None when no node failed."""

    code: str
    message: str
    kind: FailureKind = FailureKind.USER
    failure_class: FailureClass = FailureClass.LOGIC
    retryable: bool = False
    node: str | None = None
    attempt: int | None = None
    traceback: str | None = None


def shorten(text: str, length_max: int = limits.FAILURE_MESSAGE_LENGTH_MAX) -> str:
    """The text, or its beginning and "…" when it is longer than `length_max` characters."""
    return text if len(text) <= length_max else text[: length_max - 1] + "…"
