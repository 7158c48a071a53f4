"""Callers of the flows of the package `vault`, which put a mark into everything that they send."""

from __future__ import annotations

from typing import Any

from tests.e2e.support import EXECUTIONS, INVOKE, eventually
from tests.keys.ward import Ward

NAME, NOTE, TOWN = "NAME-d1c07a55e2b9", "NOTE-8f1be7ca90d3", "TOWN-3ab966d01fe4"
PATCHED, SIGNALLED, GIVEN = "PATCH-c55e0b2a7714", "SIGNAL-0e9a64bb21f8", "VALUE-77d1c3e0ab52"
PLAIN = "PLAIN-5a5a9e01cd3b"
"""What a flow without sensitive fields is given."""
SEALED = (NAME, NOTE, PATCHED, SIGNALLED, GIVEN)
PATIENT = {"name": NAME, "note": NOTE, "town": TOWN}
FORK = {"verb": "FORK", "filter": "flow = worsen", "parameters": {"node": "look", "patch": {"note": f"well {PATCHED}"}}}
RESUME = {"verb": "RESUME", "filter": "flow = none", "parameters": {"value": {"note": GIVEN}}}


def send(vault: Ward, method: str, path: str, body: Any = None) -> Any:
    answer = vault.http(method, path, body)
    assert answer.status < 300, (path, answer.body)
    return answer.json if answer.body else None


def begin(vault: Ward, flow: str = "stay", **fields: Any) -> str:
    """The execution, which nobody waits for."""
    given = {"flow": flow, "input": PATIENT, "wait": False} | fields
    return str(send(vault, "POST", INVOKE, given)["execution_id"])


def ended(vault: Ward, execution_id: str) -> str:
    """The status that it ends in."""
    return str(send(vault, "GET", f"{EXECUTIONS}/{execution_id}:wait?timeout_seconds=20")["status"])


def pause(vault: Ward, execution_id: str) -> None:
    """Gives a stay its signal, and returns when it waits for a person."""
    path = f"{EXECUTIONS}/{execution_id}"
    eventually(lambda: send(vault, "GET", path)["status"] != "QUEUED")
    send(vault, "POST", f"{path}/signals/news", {"note": SIGNALLED})
    eventually(lambda: send(vault, "GET", path)["status"] == "PAUSED")


def resume(vault: Ward, execution_id: str) -> None:
    send(
        vault,
        "POST",
        f"{EXECUTIONS}/{execution_id}/pauses/ask:resume",
        {"value": {"name": NAME, "note": GIVEN}, "comment": "fine"},
    )


def bulk(vault: Ward, request: Any) -> None:
    """Does it and waits for its end."""
    path = f"/bulk/v1/operations/{send(vault, 'POST', '/bulk/v1/operations', request)['operation_id']}"
    eventually(lambda: send(vault, "GET", path)["state"] == "SUCCEEDED")


def upload(vault: Ward, document: bytes) -> str:
    """Imports a document, and leaves the first part of it lying there a second time."""
    half = len(document) // 2
    vault.ask("ImportService.ImportExecution", data=document, upload_id="left", more=True)
    vault.ask("ImportService.ImportExecution", data=document[:half], upload_id="whole", more=True)
    answer = vault.ask("ImportService.ImportExecution", data=document[half:], upload_id="whole", offset=half)
    return str(answer.imported.execution.execution_id)
