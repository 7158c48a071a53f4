"""What a receiver gets of an execution that gave no one output."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

from penstock.engine.domain.artifact import Mode
from penstock.engine.domain.states import ExecutionStatus
from penstock.engine.storage.records import ExecutionRow
from penstock.engine.webhooks.message import message_body
from tests.webhooks.desk import GRAPH_ID, Leaf


def row(status: ExecutionStatus) -> ExecutionRow:
    return ExecutionRow(
        execution_id="0" * 32,
        account="ada",
        flow="tea",
        graph_id=GRAPH_ID,
        version=1,
        mode=Mode.PIPELINE,
        status=status,
        lease_id=UUID(int=1),
        create_us=1,
        start_us=2,
        complete_us=1_700_000_000_000_000,
        last_sequence=9,
        attempt_count=1,
        failure=None,
        cancel_reason="no more tea",
        labels={"b": "2", "a": "1"},
    )


def test_a_pipeline_has_no_output_but_says_how_it_ended() -> None:
    program: Any = Leaf(Mode.PIPELINE)
    body = message_body(row(ExecutionStatus.COMPLETED), program, None)
    message = json.loads(body)
    assert message["data"]["result"] == {"success": True, "completed_at": 1_700_000_000}
    assert message["timestamp"] == "2023-11-14T22:13:20Z"
    assert b'"labels":{"a":"1","b":"2"}' in body


def test_a_cancelled_execution_has_the_error_that_its_caller_gets() -> None:
    program: Any = Leaf(Mode.PIPELINE)
    message = json.loads(message_body(row(ExecutionStatus.CANCELLED), program, None))
    assert message["type"] == "execution.cancelled"
    error = message["data"]["result"]["error"]
    assert (error["code"], error["message"]) == ("CANCELLED", "the execution was cancelled")
