"""A compile that breaks callers of `live` is refused unless that is allowed, and told; artifacts are compared."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from penstock.engine.nodes.archive import pack
from tests.e2e.support import not_found, refusal, refused
from tests.e2e.test_cli import penstock
from tests.harness import Answer, Server, running

NODES = """
import asyncio
from dataclasses import dataclass

from penstock.sdk import node


@dataclass
class Order:
    item: str = ""
    quantity: int = 1
    waits: bool = False


@dataclass
class Receipt:
    text: str = ""


@node
async def sell(order: Order) -> Receipt:
    if order.waits:
        await asyncio.Event().wait()
    return Receipt(f"{order.quantity} x {order.item}")
"""
RENAMED = ("item: str", "article: str"), ("order.item", "order.article")
GROWN = (("    waits: bool = False", '    waits: bool = False\n    colour: str = ""'),)

GONE = "field {0}.Order.item (number 1) is gone, its name not reserved"


class Shop:
    """A server, and a folder with a package for each test, all alike."""

    def __init__(self, server: Server, folder: Path) -> None:
        self.server = server
        self.folder = folder

    def write(self, name: str, *edits: tuple[str, str]) -> Path:
        """The package, with the edits made in its nodes."""
        package = self.folder / name
        (package / "flows").mkdir(parents=True, exist_ok=True)
        (package / "penstock.yaml").write_text(f"name: {name}\n")
        nodes = NODES
        for old, new in edits:
            assert old in nodes
            nodes = nodes.replace(old, new)
        (package / "nodes.py").write_text(nodes)
        (package / "flows" / f"{name}.yaml").write_text(f"flow: {name}\nnodes:\n  sell: {{use: {name}/sell}}\n")
        return package

    def archive(self, name: str, *edits: tuple[str, str]) -> str:
        return base64.b64encode(pack(self.write(name, *edits))).decode()

    def publish(self, name: str, *edits: tuple[str, str]) -> None:
        answer = self.server.request("POST", "/packages/v1/packages", {"archive": self.archive(name, *edits)})
        assert answer.status == 200, answer.body

    def ask(self, name: str, **fields: Any) -> Answer:
        body = {"definition": {"nodes": {"sell": {"use": f"{name}/sell"}}}} | fields
        return self.server.request("POST", f"/flows/v1/flows/{name}:compile", body)

    def compile(self, name: str, *edits: tuple[str, str], **fields: Any) -> Any:
        """The artifact of a compile that succeeds, with the edits published first."""
        self.publish(name, *edits)
        answer = self.ask(name, **fields)
        assert answer.status == 200, answer.body
        return answer.json

    def live(self, name: str) -> Any:
        return self.server.request("GET", f"/flows/v1/artifacts/{name}").json["graph_id"]

    def diff(self, before: str, after: str) -> Answer:
        return self.server.request("GET", f"/flows/v1/artifacts:diff?before={before}&after={after}")


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    with running() as server:
        yield Shop(server, tmp_path_factory.mktemp("shop"))


def test_the_first_compile_has_nobody_to_break(shop: Shop) -> None:
    assert "diff" not in shop.compile("first")


def test_a_compatible_compile_moves_live_and_says_that_nobody_breaks(shop: Shop) -> None:
    first = shop.compile("grown")
    second = shop.compile("grown", *GROWN)
    diff = second["diff"]
    assert (diff["before"], diff["after"]) == (first["graph_id"], second["graph_id"])
    assert (diff["wire_breaking"], diff["json_breaking"], diff["source_breaking"]) == (False, False, False)
    assert (diff["changes"], [change["subject"] for change in diff["graph_changes"]]) == ([], ["package grown"])
    assert shop.live("grown") == second["graph_id"]


def test_a_breaking_compile_is_refused_naming_each_change_and_nothing_moves(shop: Shop) -> None:
    first = shop.compile("refused")
    shop.publish("refused", *RENAMED)
    broken = f"{GONE.format('refused')}: breaks JSON callers"
    assert refusal(shop.ask("refused")) == (
        409,
        {
            "error": f"callers of refused@live would break, and allow_breaking is not set: input.item: {broken}",
            "code": "FAILED_PRECONDITION",
            "reason": "BREAKING_CHANGE",
            "details": {"violations": [{"field": "input.item", "description": broken}]},
        },
    )
    assert shop.live("refused") == first["graph_id"]
    listed = shop.server.request("GET", "/flows/v1/artifacts?flow=refused").json["artifacts"]
    assert [artifact["version"] for artifact in listed] == [1]


def test_a_breaking_compile_that_is_allowed_moves_live_and_tells_what_breaks(shop: Shop) -> None:
    first = shop.compile("allowed")
    second = shop.compile("allowed", *RENAMED, allow_breaking=True)
    diff = second["diff"]
    assert (diff["wire_breaking"], diff["json_breaking"], diff["source_breaking"]) == (False, True, True)
    assert diff["changes"] == [
        {
            "rule": "FIELD_NO_DELETE_UNLESS_NAME_RESERVED",
            "levels": ["JSON"],
            "path": "input.item",
            "message": GONE.format("allowed"),
        },
        {
            "rule": "FIELD_NO_DELETE",
            "levels": ["SOURCE"],
            "path": "input.item",
            "message": "field allowed.Order.item (number 1) is gone",
        },
    ]
    assert (first["graph_id"], shop.live("allowed")) == (diff["before"], second["graph_id"])
    # The same content again breaks nobody: it is what `live` points at.
    again = shop.ask("allowed").json
    assert (again["graph_id"], again["diff"]["changes"]) == (second["graph_id"], [])


def test_a_validation_refuses_and_reports_alike_and_keeps_nothing(shop: Shop) -> None:
    first = shop.compile("validated")
    archives = [shop.archive("validated", *RENAMED)]
    denied = shop.ask("validated", validate_only=True, archives=archives)
    assert refusal(denied)[1]["reason"] == "BREAKING_CHANGE"
    report = shop.ask("validated", validate_only=True, archives=archives, allow_breaking=True).json
    assert (report["graph_id"], report["diff"]["after"], report["diff"]["json_breaking"]) == ("", "", True)
    assert shop.ask("validated", validate_only=True).json["graph_id"] == first["graph_id"]
    # The package that it was validated with is not the newest one now: a compile gives what was there.
    assert shop.ask("validated").json["graph_id"] == first["graph_id"]


def test_a_validation_may_use_a_package_that_was_never_published(shop: Shop) -> None:
    report = shop.ask("unknown", validate_only=True, archives=[shop.archive("unknown")])
    assert (report.status, report.json["input_type"]) == (200, "unknown.Order")
    assert shop.ask("unknown").status == 400


def test_archives_belong_to_a_validation(shop: Shop) -> None:
    answer = shop.ask("first", archives=[shop.archive("first")])
    assert refusal(answer) == refused("archives", "expected none without validate_only", "INVALID_ARGUMENT")


def test_executions_that_have_not_ended_stay_with_their_artifact_and_are_counted(shop: Shop) -> None:
    first = shop.compile("pinned")
    running = [shop.server.begin("pinned", {"waits": True}) for _ in range(2)]
    shop.server.invoke("pinned", {"item": "pen"})
    second = shop.compile("pinned", *RENAMED, allow_breaking=True)
    pinned = [{"graph_id": first["graph_id"], "version": 1, "execution_count": 2}]
    assert second["diff"]["pinned"] == pinned
    running.append(shop.server.begin("pinned", {"waits": True}))
    pinned.append({"graph_id": second["graph_id"], "version": 2, "execution_count": 1})
    diff = shop.diff(first["graph_id"], "pinned@live").json
    assert diff["pinned"] == pinned
    assert [shop.server.execution(one)["version"] for one in running] == [1, 1, 2]
    for one in running:
        shop.server.request("DELETE", f"/invocations/v1/flows/{one}")
    assert shop.diff(first["graph_id"], "pinned").json["pinned"] == []


def test_a_compile_must_break_none_of_the_artifacts_that_live_stands_for(shop: Shop) -> None:
    first = shop.compile("split")
    second = shop.compile("split", *RENAMED, allow_breaking=True)
    targets = [{"graph_id": first["graph_id"], "weight": 10}, {"graph_id": second["graph_id"], "weight": 90}]
    body = {"targets": targets, "allow_breaking": True}
    assert shop.server.request("PUT", "/flows/v1/flows/split/aliases/live", body).status == 200
    # What is compiled is what most callers get, and the others would break.
    assert refusal(shop.ask("split"))[1]["reason"] == "BREAKING_CHANGE"
    diff = shop.ask("split", validate_only=True, allow_breaking=True).json["diff"]
    assert (diff["before"], diff["graph_changes"]) == (second["graph_id"], [])
    assert {change["path"] for change in diff["changes"]} == {"input.item"}


def test_artifacts_are_compared_both_ways_and_with_themselves(shop: Shop) -> None:
    first = shop.compile("compared")["graph_id"]
    second = shop.compile("compared", *GROWN)["graph_id"]
    backwards = shop.diff(second, first).json
    assert shop.diff(first, second).json["changes"] == []
    assert {change["path"] for change in backwards["changes"]} == {"input.colour"}
    assert (backwards["before"], backwards["after"], backwards["wire_breaking"]) == (second, first, True)
    itself = shop.diff(first, first).json
    assert (itself["changes"], itself["graph_changes"]) == ([], [])


def test_what_is_not_there_is_not_compared(shop: Shop) -> None:
    shop.compile("there")
    nobody = "0" * 26
    assert refusal(shop.diff(nobody, "there")) == not_found(f"there is no artifact {nobody}")
    assert refusal(shop.diff("there", "nowhere"))[0] == 404
    expected = "expected a graph_id, a flow or flow@alias, got nothing"
    assert refusal(shop.diff("there", "")) == refused("after", expected, "INVALID_ARGUMENT")


def test_the_command_line_refuses_allows_validates_and_compares(shop: Shop) -> None:
    package = shop.write("typed")
    assert penstock(shop.server, "compile", str(package)).returncode == 0
    first = shop.live("typed")
    shop.write("typed", *RENAMED)

    validated = penstock(shop.server, "compile", str(package), "--validate-only")
    denied = penstock(shop.server, "compile", str(package))
    problem = f"{package}/flows/typed.yaml: input.item: {GONE.format('typed')}: breaks JSON callers"
    hint = f"{package}/flows/typed.yaml: its callers would break: --allow-breaking compiles it nevertheless"
    assert validated.stderr.splitlines() == denied.stderr.splitlines() == [problem, hint]
    assert (validated.returncode, denied.returncode, shop.live("typed")) == (1, 1, first)

    allowed = penstock(shop.server, "compile", str(package), "--allow-breaking")
    assert (allowed.returncode, allowed.stderr) == (0, "")
    assert f"typed breaks JSON: input.item: {GONE.format('typed')}" in allowed.stdout.splitlines()

    table = penstock(shop.server, "artifacts", "diff", first, "typed@live")
    assert (table.returncode, table.stderr) == (1, "")
    lines = table.stdout.splitlines()
    assert lines[0] == f"{first} -> {shop.live('typed')} breaks JSON, SOURCE"
    assert [line.split("  ")[0] for line in lines[2:5]] == ["BREAKS", "JSON", "SOURCE"]
    document = penstock(shop.server, "artifacts", "diff", first, "typed", "--output", "json")
    assert json.loads(document.stdout) == shop.diff(first, "typed").json
    assert penstock(shop.server, "artifacts", "diff", first, first).returncode == 0
