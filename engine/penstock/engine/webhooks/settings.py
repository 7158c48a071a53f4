"""How webhooks are delivered."""

from __future__ import annotations

from dataclasses import dataclass, field

from penstock.engine.webhooks.egress import EgressPolicy

_RETRIES_S = (5.0, 30.0, 120.0, 600.0, 3_600.0, 6 * 3_600.0, 24 * 3_600.0)


@dataclass(frozen=True, slots=True)
class WebhookSettings:
    """`retries_s` are the pauses between the tries, `jitter` the part by which each is made longer or shorter.

    What one process delivers at once is bounded, and so is each account's part of it: one with a slow receiver does
    not hold up the others.
    """

    policy: EgressPolicy = field(default_factory=EgressPolicy)
    retries_s: tuple[float, ...] = _RETRIES_S
    jitter: float = 0.2
    connect_s: float = 5.0
    total_s: float = 15.0
    claim_s: float = 60.0
    """How long a claim keeps other processes away: longer than a try takes, and not long when this one dies."""
    poll_s: float = 5.0
    """How often it looks for what nobody told it of: what another process left behind."""
    stop_s: float = 2.0
    """How long tries that are under way may go on when the process stops."""
    at_once_max: int = 64
    at_once_of_account_max: int = 32
