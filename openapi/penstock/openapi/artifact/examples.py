"""Requests and answers of an artifact as they look, made up from its types."""

from __future__ import annotations

import json
from typing import Any

from penstock.openapi.artifact.components import fixed
from penstock.openapi.artifact.samples import sample
from penstock.openapi.artifact.subject import Subject

EXECUTION_ID = "0199a3f2c41e7b08a5d6e3f10c92b847"
_COMPLETED_AT = 1767225600


def request_body(subject: Subject) -> dict[str, Any]:
    """The least that runs this artifact."""
    return {"graph_id": subject.artifact.graph_id, "input": sample(subject.input)}


def request_examples(subject: Subject) -> dict[str, Any]:
    """Of the unary call, in OpenAPI's form."""
    least = request_body(subject)
    return {
        "wait": {"summary": "Run it and wait for its end", "value": {**least, "wait": True, "timeout_seconds": 30}},
        "accept": {"summary": "Start it, safe to repeat", "value": {**least, "request_id": "order-4711"}},
    }


def stream_examples(subject: Subject) -> dict[str, Any]:
    """Of the streaming call, in OpenAPI's form."""
    return {"stream": {"summary": "Run it and stream its frames", "value": request_body(subject)}}


def frames_examples(subject: Subject) -> dict[str, Any]:
    """Of what the streaming call answers, in OpenAPI's form."""
    return {"frames": {"summary": "One frame and the final one", "value": frames_text(subject)}}


def answer_body(subject: Subject) -> dict[str, Any]:
    """What comes back from a run that completed."""
    result = {"output": sample(subject.output), "success": True, "completed_at": _COMPLETED_AT}
    return {"accepted": True, "execution_id": EXECUTION_ID, "result": result}


def invocation_examples(subject: Subject) -> dict[str, Any]:
    """In OpenAPI's form: it completed, and the ways in which it may not have, which are the same for all flows."""
    shared = fixed()["paths"]["/invocations/v1/flows/invoke"]["post"]["responses"]["202"]["content"]["application/json"]
    others = {name: example for name, example in shared["examples"].items() if name != "completed"}
    return {"completed": {"summary": "It completed in time", "value": answer_body(subject)}, **others}


def frames_text(subject: Subject) -> str:
    """An event stream of one frame and the final one."""
    head = {"execution_id": EXECUTION_ID}
    first = {**head, "frame_index": 0, "payload": sample(subject.output), "is_final": False, "success": True}
    last = {**head, "frame_index": 1, "is_final": True, "success": True}
    return "".join(
        f"id: {place}\ndata: {json.dumps(frame, separators=(',', ':'), ensure_ascii=False)}\n\n"
        for place, frame in enumerate((first, last), 2)
    )
