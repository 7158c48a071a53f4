"""Decisions of policies as messages of the API."""

from __future__ import annotations

from typing import cast

from penstock.engine.domain.policy import Action, Point, Ruling
from penstock.engine.domain.states import Decision
from penstock.wire.gen.policy_pb2 import Policy, PolicyDecision

DECISIONS = {"approve": Decision.APPROVED, "reject": Decision.REJECTED, "fail": Decision.EXPIRED}
"""What the timeout of an approval may do, by the words of flows."""
WORDS = {decision: word for word, decision in DECISIONS.items()}


def decision_message(ruling: Ruling) -> PolicyDecision:
    return PolicyDecision(
        policy_id=ruling.policy,
        version=ruling.version,
        point=cast("Policy.Point", int(ruling.point)),
        action=cast("Policy.Action", int(ruling.action)),
        reason=ruling.reason,
        dry_run=ruling.is_dry_run,
        fields=ruling.fields,
        on_timeout="" if ruling.on_timeout is None else WORDS[ruling.on_timeout],
        error=ruling.error,
    )


def ruling_of(message: PolicyDecision) -> Ruling:
    return Ruling(
        message.policy_id,
        message.version,
        Point(message.point),
        Action(message.action),
        message.reason,
        message.dry_run,
        tuple(message.fields),
        DECISIONS.get(message.on_timeout),
        message.error,
    )
