"""What policies decide about nodes, as it stands in an execution's log."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from penstock.engine.domain.states import Decision


class Point(IntEnum):
    """When a policy is looked at. Numbers as in penstock.v1.Policy.Point."""

    BEFORE = 1
    AFTER = 2


class Action(IntEnum):
    """What a policy does. Numbers as in penstock.v1.Policy.Action."""

    ALLOW = 1
    BLOCK = 2
    REQUIRE_APPROVAL = 3
    REDACT = 4


@dataclass(frozen=True, slots=True)
class Ruling:
    """What one policy decided. Members as the fields of penstock.v1.PolicyDecision."""

    policy: str
    version: int
    point: Point
    action: Action
    reason: str = ""
    is_dry_run: bool = False
    fields: tuple[str, ...] = ()
    on_timeout: Decision | None = None
    error: str = ""

    @property
    def stops(self) -> bool:
        """Whether the node does not go on by itself."""
        return self.action in (Action.BLOCK, Action.REQUIRE_APPROVAL) and not self.is_dry_run

    @property
    def name(self) -> str:
        """The policy for people."""
        return f"policy {self.policy} v{self.version}"


@dataclass(frozen=True, slots=True)
class Guard:
    """What is on record of the decisions about a node in flight."""

    rulings: tuple[Ruling, ...] = ()
    """Those before the attempt under way. They hold for it after a take-over too, whatever policies say by then."""
    is_approved: bool = False
    """Whether a person let it run: nobody is asked again before another attempt."""
    awaited: Ruling | None = None
    """What a person is to approve."""
    has_started: bool = False
    """Whether the attempt that waits for it had its start on record."""
    held: bytes | None = None
    """The output that goes on when that is approved."""
    is_cache_hit: bool = False
    taken_signals: tuple[int, ...] = ()
    """Of what is held, as in occurrence.NodeCompleted."""


UNGUARDED = Guard()
