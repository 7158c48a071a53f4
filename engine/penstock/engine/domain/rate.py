"""How many calls a key may make: a bucket of tokens, kept as the one time at which it will be full again."""

from __future__ import annotations

from dataclasses import dataclass

_ROUNDING_S = 1e-6


@dataclass(frozen=True, slots=True)
class Rate:
    """`per_second` calls on the long run, `burst` of them at once."""

    per_second: float
    burst: int

    def take(self, full_at: float, now: float) -> tuple[float, float]:
        """When the bucket will be full after a call now, and 0; or, for a call too many, what it was and the seconds
        until there is a token. Times are seconds of one clock."""
        filling_s = self.burst / self.per_second
        # Bounded above as well: the clock may have begun anew, or the rate was another one.
        before = min(max(full_at, now), now + filling_s)
        after = before + 1 / self.per_second
        wait_s = after - now - filling_s
        return (before, wait_s) if wait_s > _ROUNDING_S else (after, 0.0)
