"""Example bodies for the OpenAPI document, by service and method.

They are those of the `hello` example, so that they can be tried as they stand.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from penstock.openapi.operation import Example

_EXECUTION_ID = "0199a3f2c41e7b08a5d6e3f10c92b847"
_INVOKE = {"flow": "hello", "input": {"name": "Ada"}}
_GREETING = {"greeting": "Hello, Ada!"}


def _frame(index: int, **members: Any) -> str:
    frame = {"execution_id": _EXECUTION_ID, "frame_index": index, **members, "success": True}
    return f"id: {index + 2}\ndata: {json.dumps(frame, separators=(',', ':'))}\n\n"


REQUESTS: Mapping[str, Mapping[str, Example]] = {
    "InvocationService.InvokeFlow": {
        "wait": Example("Run a flow and wait for its end", {**_INVOKE, "wait": True, "timeout_seconds": 30}),
        "accept": Example("Start a flow, safe to repeat", {**_INVOKE, "request_id": "order-4711"}),
    },
    "InvocationService.StreamFlow": {"stream": Example("Run a flow and stream its frames", _INVOKE)},
}

RESPONSES: Mapping[str, Mapping[str, Example]] = {
    "InvocationService.InvokeFlow": {
        "completed": Example(
            "It completed in time",
            {
                "accepted": True,
                "execution_id": _EXECUTION_ID,
                "result": {"output": _GREETING, "success": True, "completed_at": 1767225600},
            },
        ),
        "failed": Example(
            "It failed",
            {
                "accepted": True,
                "execution_id": _EXECUTION_ID,
                "result": {
                    "success": False,
                    "completed_at": 1767225600,
                    "error": {
                        "code": "NODE_RAISED",
                        "message": "greet raised ValueError: no name",
                        "kind": "USER",
                        "node": "greet",
                        "class": "LOGIC",
                        "attempt": 1,
                        "retryable": False,
                    },
                },
            },
        ),
        "running": Example(
            "The wait ran out first", {"accepted": True, "execution_id": _EXECUTION_ID, "status": "RUNNING"}
        ),
        "accepted": Example("Without a wait", {"accepted": True, "execution_id": _EXECUTION_ID}),
    },
    "InvocationService.StreamFlow": {
        "frames": Example(
            "One frame and the final one", _frame(0, payload=_GREETING, is_final=False) + _frame(1, is_final=True)
        ),
    },
}
