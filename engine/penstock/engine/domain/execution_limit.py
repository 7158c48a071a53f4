"""How many executions of an account or of a flow may run at once, and what happens to one more."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, IntEnum, auto

EVERY_FLOW = ""


class WhenFull(IntEnum):
    """Numbers of penstock.v1.ExecutionLimit.WhenFull."""

    REJECT = 1
    QUEUE = 2
    REPLACE = 3


class Admission(Enum):
    """What becomes of one more that is not refused."""

    NOT_COUNTED = auto()
    """No limit is about it."""
    RUNS = auto()
    WAITS = auto()


@dataclass(frozen=True, slots=True)
class ExecutionLimit:
    """`flow` is EVERY_FLOW for all executions of the account together."""

    flow: str
    running_max: int
    queued_max: int
    when_full: WhenFull

    def __str__(self) -> str:
        return f"limit running_max={self.running_max} of {f'flow {self.flow}' if self.flow else 'the account'}"


@dataclass(frozen=True, slots=True)
class Standing:
    """A limit and the executions that it counts. `position` is that of one of them in the queue, 0: it is not there."""

    limit: ExecutionLimit
    running: int
    queued: int
    position: int

    @property
    def is_full(self) -> bool:
        return self.running >= self.limit.running_max
