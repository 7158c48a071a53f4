"""Policies of one test: they are about executions that carry its label, and go when it is over."""

from __future__ import annotations

import os
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from io import StringIO
from typing import Any
from unittest.mock import patch
from uuid import uuid4

from penstock.cli.main import main
from tests.harness import Answer, Server

POLICIES = "/policies/v1/policies"
EXECUTIONS = "/invocations/v1/executions"
ADA = {"name": "Ada", "card_number": "4242"}
ORDER = {"total_cents": 99, "customer": ADA}


@dataclass(frozen=True, slots=True)
class Done:
    """What a command of the command line printed, and its exit code."""

    code: int
    out: str
    err: str


@dataclass(slots=True)
class Case:
    server: Server
    name: str = field(default_factory=lambda: f"t{uuid4().hex[:12]}")
    made: list[str] = field(default_factory=list)

    @property
    def labels(self) -> dict[str, str]:
        return {"case": self.name}

    def when(self, rule: str = "true") -> str:
        """The rule for executions of this test alone."""
        return f"'case' in execution.labels && execution.labels['case'] == '{self.name}' && ({rule})"

    def id(self, name: str) -> str:
        return f"{self.name}-{name}"

    def policy(self, name: str, point: str, when: str = "true", **fields: Any) -> Any:
        """Makes a policy and gives what the server says of it."""
        body = {"policy_id": self.id(name), "point": point, "when": self.when(when)} | fields
        answer = self.server.request("POST", POLICIES, body)
        assert answer.status == 200, answer.body
        self.made.append(body["policy_id"])
        return answer.json

    def change(self, name: str, **fields: Any) -> Any:
        answer = self.server.request("PATCH", f"{POLICIES}/{self.id(name)}", fields)
        assert answer.status == 200, answer.body
        return answer.json

    def remove(self, name: str) -> None:
        answer = self.server.request("DELETE", f"{POLICIES}/{self.id(name)}")
        assert answer.status == 200, answer.body
        self.made.remove(self.id(name))

    def invoke(self, flow: str, given: Any = ORDER, **fields: Any) -> Any:
        return self.server.invoke(flow, given, labels=self.labels, **fields)

    def text(self, flow: str, given: Any = ORDER) -> str:
        """The text of the receipt that a flow gives."""
        answer = self.invoke(flow, given)
        assert answer["result"].get("success"), answer
        return str(answer["result"]["output"]["text"])

    def paused(self, flow: str, given: Any = ORDER) -> str:
        """An execution that waits for a person."""
        answer = self.invoke(flow, given)
        assert answer.get("status") == "PAUSED", answer
        return str(answer["execution_id"])

    def failed(self, flow: str, given: Any = ORDER) -> tuple[str, Any]:
        """Execution and error of one that does not succeed."""
        answer = self.invoke(flow, given)
        assert "error" in answer["result"], answer
        return str(answer["execution_id"]), answer["result"]["error"]

    def decide(self, execution_id: str, node: str, verb: str = "approve", **body: Any) -> Answer:
        return self.server.request("POST", f"{EXECUTIONS}/{execution_id}/pauses/{node}:{verb}", body)

    def approved(self, execution_id: str, node: str) -> Any:
        answer = self.decide(execution_id, node, comment="fine")
        assert answer.status == 200, answer.body
        return answer.json

    def asked(self, name: str) -> str:
        """The execution in which somebody is asked what a policy has them approve; "" when there is none."""
        found = self.server.request("GET", f"{EXECUTIONS}/-/pauses?page_size=1000").json["pauses"]
        mine = [each for each in found if each.get("policy", {}).get("policy_id") == self.id(name)]
        return str(mine[0]["execution_id"]) if mine else ""

    def output(self, execution_id: str) -> Any:
        ended = self.server.wait(execution_id)
        assert ended["status"] == "COMPLETED", ended
        return self.server.execution(execution_id, "/output")["output"]

    def events(self, execution_id: str, node: str = "") -> list[Any]:
        query = f"?page_size=1000&node={node}" if node else "?page_size=1000"
        return list(self.server.execution(execution_id, f"/events{query}")["events"])

    def decisions(self, execution_id: str) -> list[tuple[Any, ...]]:
        """What policies decided: node, policy, point, action."""
        found = [event for event in self.events(execution_id) if event["type"] == "POLICY_DECIDED"]
        return [
            (e["node"], e["policy"]["policy_id"].partition("-")[2], e["policy"]["point"], e["policy"]["action"])
            for e in found
        ]

    def command(self, *words: str) -> Done:
        """Runs `penstock` in this process: it is called often."""
        out, err = StringIO(), StringIO()
        environment = {"PENSTOCK_DATA_DIR": str(self.server.data_dir)}
        with patch.dict(os.environ, environment), redirect_stdout(out), redirect_stderr(err):
            code = main(words)
        return Done(code, out.getvalue(), err.getvalue())

    def close(self) -> None:
        for policy_id in self.made:
            self.server.request("DELETE", f"{POLICIES}/{policy_id}")
