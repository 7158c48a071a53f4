"""What somebody is told who decides a pause that is not open."""

from __future__ import annotations

from penstock.engine.domain.errors import Conflict
from penstock.engine.domain.states import Decision
from penstock.engine.rpc.acts.pause_reader import Subject
from penstock.engine.storage.records import ExecutionRow
from penstock.wire.rfc3339 import rfc3339


def refuse_decided(subject: Subject) -> None:
    """Raises Conflict with the decision that stands, or with the status of an execution that went on without one."""
    reached, row = subject.reached, subject.row
    if reached.decision is None:
        if reached.is_given_up:
            _refuse_given_up(subject)
        return
    detail = reached.decision.detail
    assert detail is not None and detail.decision is not None
    time = rfc3339(reached.decision.time_us)
    what = f"was {detail.decision.name.lower()} by {detail.by or 'its timeout'}"
    if detail.decision is Decision.EXPIRED:
        what = "expired"
    raise Conflict(
        f"pause {_name(subject)} {what} at {time}",
        reason="PAUSE_DECIDED",
        facts={
            "decision": detail.decision.name,
            "decided_by": detail.by,
            "decide_time": time,
            "status": row.status.name,
        },
    )


def _refuse_given_up(subject: Subject) -> None:
    row = subject.row
    if row.complete_us is not None:
        refuse_ended(row)
    raise Conflict(
        f"pause {_name(subject)} is not waited for any more: the execution is {row.status.name}",
        reason="PAUSE_NOT_OPEN",
        facts={"status": row.status.name},
    )


def refuse_ended(row: ExecutionRow) -> None:
    raise Conflict(f"the execution has ended: it is {row.status.name}", facts={"status": row.status.name})


def _name(subject: Subject) -> str:
    return subject.program.graph.names[subject.reached.node]
