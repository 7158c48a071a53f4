"""What a recorded report says that a call of a paid service took."""

from __future__ import annotations

import math

from penstock.engine.domain.money import NANOS, nanos_of
from penstock.wire.gen.event_pb2 import NodeUsage


def cost_nanos(usage: NodeUsage) -> int:
    """Nanos of a US dollar. Reports of versions before say it as a number alone."""
    try:
        return nanos_of(usage.cost)
    except ValueError:
        return max(0, round(usage.cost_usd * NANOS)) if math.isfinite(usage.cost_usd) else 0
