"""Whether an artifact should still be used. It is no part of the artifact, which never changes."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum


class State(IntEnum):
    """Numbers as in penstock.v1.Artifact.State."""

    ACTIVE = 1
    DEPRECATED = 2
    RETIRED = 3


@dataclass(frozen=True, slots=True)
class Standing:
    """`time_us`, `key_id` and `reason` are of the last change; None and "" while there was none."""

    state: State = State.ACTIVE
    time_us: int | None = None
    key_id: str = ""
    reason: str = ""


UNTOUCHED = Standing()
