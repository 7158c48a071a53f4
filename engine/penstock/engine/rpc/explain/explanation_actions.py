"""What a person can type to have an execution go on."""

from __future__ import annotations

from shlex import quote

from penstock.wire.gen.artifact_pb2 import PlannedNode
from penstock.wire.gen.explanation_pb2 import Action
from penstock.wire.json import dumps
from penstock.wire.types import TypePool

EXECUTIONS = "/invocations/v1/executions"


def pause_path(execution_id: str, pause: str) -> str:
    return f"{EXECUTIONS}/{execution_id}/pauses/{pause}"


def of_pause(types: TypePool, node: PlannedNode, execution_id: str) -> list[Action]:
    """How a pause is decided. One that needs a value is resumed, with one to be filled in."""
    path, target = pause_path(execution_id, node.name), f"{execution_id} {node.name}"
    if node.input_type == node.output_type:
        go_on = _action("approve", f"{path}:approve", "{}", f"penstock pauses approve {target}")
    else:
        value = _empty(types, node.output_type)
        command = f"penstock pauses resume {target} --value {quote(value)}"
        go_on = _action("resume", f"{path}:resume", f'{{"value": {value}}}', command)
    return [go_on, _action("reject", f"{path}:reject", "{}", f"penstock pauses reject {target}")]


def of_approval(node: str, execution_id: str) -> list[Action]:
    """How what a policy has a person approve is decided."""
    path, target = pause_path(execution_id, node), f"{execution_id} {node}"
    return [_action(verb, f"{path}:{verb}", "{}", f"penstock pauses {verb} {target}") for verb in ("approve", "reject")]


def of_signal(types: TypePool, node: PlannedNode, execution_id: str, signal: str) -> list[Action]:
    """How a signal is sent, with a payload to be filled in."""
    type_name = next((each.type for each in node.signals if each.name == signal), "")
    payload = _empty(types, type_name) if type_name else "{}"
    command = f"penstock executions signal {execution_id} {signal} --payload {quote(payload)}"
    return [_action("signal", f"{EXECUTIONS}/{execution_id}/signals/{signal}", payload, command)]


def of_retry(node: str, execution_id: str) -> Action:
    """How the next attempt of a node is made at once."""
    body = dumps({"node": node}).decode()
    command = f"penstock executions retry {execution_id} --node {node}"
    return _action("retry", f"{EXECUTIONS}/{execution_id}:retry-now", body, command)


def of_ended(execution_id: str, has_stopped: bool) -> list[Action]:
    """How an execution that ended is run again; `has_stopped` says whether it did not complete."""
    verbs = ("recover", "relaunch") if has_stopped else ("relaunch",)
    path = f"{EXECUTIONS}/{execution_id}"
    return [_action(verb, f"{path}:{verb}", "{}", f"penstock executions {verb} {execution_id}") for verb in verbs]


def _action(action: str, path: str, body: str, command: str) -> Action:
    curl = (
        f'curl -X POST "$PENSTOCK_URL{path}" -H "Authorization: Bearer $PENSTOCK_API_KEY"'
        f" -H 'Content-Type: application/json' -d {quote(body)}"
    )
    return Action(action=action, curl=curl, command=command)


def _empty(types: TypePool, type_name: str) -> str:
    """The JSON form of a message with all fields at their defaults."""
    return dumps(types.json.encoder(types.descriptor(type_name))(types.message(type_name)())).decode()
