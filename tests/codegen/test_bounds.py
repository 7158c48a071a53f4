"""What the OpenAPI document says of request fields is what the engine holds them to."""

from __future__ import annotations

from typing import Any

import pytest
from jsonschema import Draft202012Validator

from penstock.codegen.bounds import BOUNDS
from penstock.engine.domain import limits
from penstock.engine.domain.errors import InvalidArgument
from penstock.engine.rpc import requests
from penstock.wire.gen.execution_service_pb2 import ListExecutionsRequest, WaitExecutionRequest

_CHECKS = {
    "labels": requests.check_labels,
    "page_size": lambda value: requests.page_size(ListExecutionsRequest(page_size=value)),
    "reason": requests.check_reason,
    "request_id": requests.check_request_id,
    "timeout_seconds": lambda value: requests.wait_seconds(WaitExecutionRequest(timeout_seconds=value)),
}


@pytest.mark.parametrize(
    ("name", "value", "fits"),
    [
        ("labels", {f"k{number}": "" for number in range(limits.LABELS_MAX)}, True),
        ("labels", {f"k{number}": "" for number in range(limits.LABELS_MAX + 1)}, False),
        ("labels", {"k" * 63: "x" * 256}, True),
        ("labels", {"k" * 64: ""}, False),
        ("labels", {"K": ""}, False),
        ("labels", {"k": "x" * 257}, False),
        ("labels", {"k": "\0"}, False),
        ("page_size", 0, True),
        ("page_size", 2**31 - 1, True),
        ("page_size", -1, False),
        ("reason", "x" * limits.REASON_LENGTH_MAX, True),
        ("reason", "x" * (limits.REASON_LENGTH_MAX + 1), False),
        ("reason", "\0", False),
        ("request_id", "~" * limits.REQUEST_ID_LENGTH_MAX, True),
        ("request_id", "~" * (limits.REQUEST_ID_LENGTH_MAX + 1), False),
        ("request_id", "\x7f", False),
        ("request_id", "ä", False),
        ("timeout_seconds", 0.001, True),
        ("timeout_seconds", limits.WAIT_SECONDS_MAX, True),
        ("timeout_seconds", 0.0009, False),
        ("timeout_seconds", limits.WAIT_SECONDS_MAX + 1, False),
    ],
)
def test_schema_and_engine_agree(name: str, value: Any, fits: bool) -> None:
    try:
        _CHECKS[name](value)
        is_taken = True
    except InvalidArgument:
        is_taken = False
    assert (Draft202012Validator(BOUNDS[name]).is_valid(value), is_taken) == (fits, fits)


def test_every_bound_is_checked() -> None:
    assert BOUNDS.keys() - {"after_sequence"} == _CHECKS.keys()
