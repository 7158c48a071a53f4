"""What sort of trouble an execution is in, for whoever has to act."""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum
from types import MappingProxyType

from penstock.engine.domain.failure import Failure, FailureClass


class Classification(IntEnum):
    """Numbers as in penstock.v1.Explanation.Classification."""

    POLICY_BLOCK = 1
    APPROVAL_PENDING = 2
    PROVIDER_FAILURE = 3
    CONNECTOR_FAILURE = 4
    LOGIC_BUG = 5
    TIMEOUT = 6
    INFRASTRUCTURE = 7


OF_CLASS: Mapping[FailureClass, Classification] = MappingProxyType(
    {
        FailureClass.LOGIC: Classification.LOGIC_BUG,
        FailureClass.PROVIDER: Classification.PROVIDER_FAILURE,
        FailureClass.CONNECTOR: Classification.CONNECTOR_FAILURE,
        FailureClass.POLICY: Classification.POLICY_BLOCK,
        FailureClass.TIMEOUT: Classification.TIMEOUT,
        FailureClass.INFRASTRUCTURE: Classification.INFRASTRUCTURE,
    }
)


def classify(
    failure: Failure | None, *, waits_for_person: bool = False, has_process: bool = True
) -> Classification | None:
    """None when there is no trouble.

    `failure` is why it ended, will end, or why the attempt before failed. `has_process` says whether somebody drives
    it, or need not because it has ended. What keeps it from moving comes before what went wrong earlier.
    """
    if not has_process:
        return Classification.INFRASTRUCTURE
    if waits_for_person:
        return Classification.APPROVAL_PENDING
    return None if failure is None else OF_CLASS[failure.failure_class]
