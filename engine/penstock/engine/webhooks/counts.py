"""Counts the tries to deliver results."""

from __future__ import annotations

from penstock.engine.storage.postgres.webhooks import Delivery
from penstock.wire.metrics import US, Histogram


class DeliveryCounts:
    """Of one process."""

    def __init__(self) -> None:
        self.states: dict[str, int] = {}
        """Tries by what the delivery stood at after them: DELIVERED, RETRYING or FAILED."""
        self.durations = Histogram()

    def add(self, delivery: Delivery) -> None:
        state = delivery.state.name
        self.states[state] = self.states.get(state, 0) + 1
        self.durations.observe(delivery.duration_us / US)
