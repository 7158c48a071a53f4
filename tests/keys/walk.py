"""Requests of every method, filled with what one account has."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

from tests.keys.ward import METHODS, ROOM, WORD, Ward

_PACKAGE = "penstock.v1."
_DEPTH_MAX = 2

OF_PAUSES = (
    "PauseService.GetPause",
    "PauseService.ApprovePause",
    "PauseService.RejectPause",
    "PauseService.ResumePause",
)
"""Methods that are about an execution which waits."""


@dataclass(frozen=True)
class Things:
    """What there is in the account: values by the names of request fields, and those for methods about pauses."""

    values: dict[str, str]
    paused: str
    marks: tuple[str, ...]
    """Texts that stand in what belongs to the account, and nowhere else."""

    def request(self, name: str) -> Any:
        """A request of a method that names something of the account in all its fields that can."""
        message = METHODS[name].request()
        values = self.values | ({"execution_id": self.paused} if name in OF_PAUSES else {})
        _fill(message, values, 0)
        return message

    def seen_in(self, text: str, request: object) -> list[str]:
        """Marks that stand in an answer and not in the request."""
        return [mark for mark in self.marks if mark in text and mark not in str(request)]


def furnish(ward: Ward) -> Things:
    """Makes one of everything. What is added to the API, and found by a name of its own, has to be made here."""
    done = ward.invoke("hello")["execution_id"]
    paused = ward.invoke("pay_rent")["execution_id"]
    graph_id = ward.http("GET", "/flows/v1/artifacts/hello").json["graph_id"]
    key_id = ward.key("keys:read").split("_")[1]
    made = {
        "/configs/v1/configs": {"config_id": "zebra-config"},
        "/policies/v1/policies": {
            "policy_id": "zebra-policy",
            "point": "BEFORE",
            "block": {"reason": "no"},
            "node": "no",
        },
        "/usage/v1/budgets": {"budget_id": "zebra-budget", "period": "DAY", "cost_limit": "5", "flow": "hello"},
    }
    for path, body in made.items():
        answer = ward.http("POST", path, body)
        assert answer.status == 200, (path, answer.body)
    bulk = ward.http("POST", "/bulk/v1/operations", {"verb": "CANCEL", "filter": "flow = zebra"})
    assert bulk.status == 200, bulk.body
    operation_id = bulk.json["operation_id"]
    secret = ward.http("PUT", "/configs/v1/secrets/zebra_secret", {"value": "hush-hush"})
    assert secret.status == 200, secret.body
    values = {
        "execution_id": done,
        "graph_id": graph_id,
        "before": graph_id,
        "after": graph_id,
        "flow": "hello",
        "alias": "live",
        "node": "say",
        "pause": "approve",
        "signal": "hear",
        "name": "zebra_secret",
        "config_id": "zebra-config",
        "policy_id": "zebra-policy",
        "budget_id": "zebra-budget",
        "key_id": key_id,
        "payload": "input",
        "operation_id": operation_id,
    }
    marks = (done, paused, graph_id, key_id, operation_id, "zebra", WORD, ROOM)
    return Things(values, paused, marks)


def _fill(message: Any, values: dict[str, str], depth: int) -> None:
    for field in message.DESCRIPTOR.fields:
        if field.is_repeated or (field.containing_oneof and message.WhichOneof(field.containing_oneof.name)):
            continue
        inner = field.message_type
        if field.type == FieldDescriptor.TYPE_STRING and field.name in values:
            setattr(message, field.name, values[field.name])
        elif inner is not None and inner.full_name.startswith(_PACKAGE) and depth < _DEPTH_MAX:
            part: Message = getattr(message, field.name)
            _fill(part, values, depth + 1)
