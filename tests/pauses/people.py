"""What people do with executions that wait for them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.harness import Answer, Server

PACKAGES = Path(__file__).parent / "packages"
EXECUTIONS = "/invocations/v1/executions"
QUOTE = {"id": "q1", "total_cents": 4, "gate": ""}
PRICED = QUOTE | {"total_cents": 5}


def who(server: Server) -> str:
    """The server's own key as logs name it."""
    return f"penstock dev ({server.key.split('_')[1]})"


def paused(server: Server, flow: str, **given: Any) -> str:
    """An execution that waits for somebody."""
    answer = server.invoke(flow, QUOTE | given)
    assert answer["status"] == "PAUSED", answer
    return str(answer["execution_id"])


def pauses(server: Server, execution_id: str = "-", query: str = "") -> Any:
    answer = server.request("GET", f"{EXECUTIONS}/{execution_id}/pauses{query}")
    assert answer.status == 200, answer.body
    return answer.json


def has_open(server: Server, execution_id: str) -> bool:
    """Whether the execution is there and waits for somebody."""
    return any(each["execution_id"] == execution_id for each in pauses(server, query="?page_size=1000")["pauses"])


def pause(server: Server, execution_id: str, name: str = "approve") -> Any:
    return server.execution(execution_id, f"/pauses/{name}")


def decide(server: Server, execution_id: str, verb: str, name: str = "approve", **body: Any) -> Answer:
    return server.request("POST", f"{EXECUTIONS}/{execution_id}/pauses/{name}:{verb}", body)


def decided(server: Server, execution_id: str, verb: str, name: str = "approve", **body: Any) -> Any:
    answer = decide(server, execution_id, verb, name, **body)
    assert answer.status == 200, answer.body
    return answer.json


def signal(server: Server, execution_id: str, name: str, payload: Any, request_id: str = "") -> Answer:
    headers = {"Idempotency-Key": request_id} if request_id else {}
    return server.request("POST", f"{EXECUTIONS}/{execution_id}/signals/{name}", payload, headers)


def signalled(server: Server, execution_id: str, payload: Any, request_id: str = "") -> int:
    answer = signal(server, execution_id, "answer", payload, request_id)
    assert answer.status == 200, answer.body
    assert answer.json["execution_id"] == execution_id
    return int(answer.json["sequence"])


def output(server: Server, execution_id: str) -> Any:
    """What it gave. Waits for its end."""
    ended = server.wait(execution_id)
    assert ended["status"] == "COMPLETED", ended
    return server.execution(execution_id, "/output")["output"]


def receipt(total_cents: int, note: str = "charged", id: str = "q1") -> dict[str, Any]:
    return {"id": id, "total_cents": total_cents, "note": note}


def events(server: Server, execution_id: str, kind: str) -> list[Any]:
    return [each for each in server.execution(execution_id, "/events")["events"] if each["type"] == kind]
