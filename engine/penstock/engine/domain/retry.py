"""How often a node is tried again, and after what wait."""

from __future__ import annotations

from dataclasses import dataclass

from penstock.engine.domain.failure import Failure, FailureKind


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """`max_attempts` bounds the attempts that fail by a failure of kind USER, `max_system_attempts` those of SYSTEM.

    Waits are microseconds. `jitter` is the part of a wait that is left to chance, 0 to 1. `retry_on` holds codes and
    names of classes; when it is empty a failure is tried again if it says that it is retryable.
    """

    max_attempts: int = 1
    max_system_attempts: int = 1
    initial_us: int = 200_000
    multiplier: float = 2.0
    max_us: int = 30_000_000
    jitter: float = 0.2
    retry_on: frozenset[str] = frozenset()

    def allows(self, failure: Failure, user_failures: int, system_failures: int) -> bool:
        """Whether another attempt follows this failure, which the two counts do not hold yet."""
        if failure.kind is FailureKind.SYSTEM:
            is_left = system_failures + 1 < self.max_system_attempts
        else:
            is_left = user_failures + 1 < self.max_attempts
        return is_left and self._covers(failure)

    def _covers(self, failure: Failure) -> bool:
        if not self.retry_on:
            return failure.retryable
        return failure.code in self.retry_on or failure.failure_class.name in self.retry_on

    def wait_us(self, failures: int, chance: float) -> int:
        """How long to wait after so many failures in all, at least 1. `chance` is drawn from 0 to 1."""
        try:
            backoff = self.initial_us * self.multiplier ** (failures - 1)
        except OverflowError:
            backoff = self.max_us
        return int(min(backoff, self.max_us) * (1 - self.jitter * chance))
