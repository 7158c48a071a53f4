"""`penstock dev` watches its folders: what changes is compiled again, what does not compile changes nothing."""

from __future__ import annotations

import base64
import itertools
import json
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from google.protobuf.descriptor_pb2 import FileDescriptorSet

from penstock.wire.gen.invocation_service_pb2 import InvokeFlowRequest
from tests.e2e.support import INVOKE, PROTOBUF, eventually, refusal, streamed, watched
from tests.harness import EXAMPLES, Server, running

NODES = """
import asyncio
from dataclasses import dataclass
from pathlib import Path

from penstock.sdk import node


@dataclass
class Name:
    name: str = ""
    gate: str = ""


@dataclass
class Greeting:
    text: str
    length: int = 0


@node
async def greet(name: Name) -> Greeting:
    while name.gate and not Path(name.gate).exists():
        await asyncio.sleep(0.01)
    return Greeting(f"Hello, {name.name}!", len(name.name))
"""

PACKAGES = (
    "reworded",
    "replaced",
    "reverted",
    "malformed",
    "misnamed",
    "miswired",
    "fields",
    "broken",
    "unfinished",
    "repeated",
    "touched",
    "marker",
    "linked",
)


class Workshop:
    """A server and the folders that it watches: a package with one flow for each test."""

    def __init__(self, server: Server, folder: Path) -> None:
        self.server = server
        self.folder = folder

    def nodes(self, package: str) -> Path:
        return self.folder / package / "nodes.py"

    def flow(self, package: str) -> Path:
        return self.folder / package / "flows" / f"{package}.yaml"

    def warm_up(self) -> Workshop:
        """Returns when a change has been seen: the folders are watched a moment after the server says it is ready."""
        for number in itertools.count():
            self.nodes("marker").write_text(f"{NODES}# {number}\n")
            with suppress(AssertionError):
                if self.server.next_line(1).startswith("  marker  recompiled: "):
                    return self
        raise AssertionError

    def edit(self, file: Path, old: str, new: str) -> None:
        text = file.read_text()
        assert old in text
        replacement = file.with_name(f".{file.name}.new")
        replacement.write_text(text.replace(old, new))
        replacement.replace(file)

    def recompiled(self, flow: str) -> dict[str, Any]:
        """What dev.json says of the flow once the server has said that it is recompiled."""
        while not (line := self.server.next_line()).startswith(f"  {flow}  recompiled: "):
            assert line, f"the server ended:\n{self.server.log}"
        found = re.fullmatch(r"  \w+  recompiled: version (\d+), graph_id ([0-9A-Z]{26})\n", line)
        assert found is not None, line
        told = {"version": int(found[1]), "graph_id": found[2]}
        entry = eventually(lambda: self.entry(flow) if self.entry(flow)["graph_id"] == told["graph_id"] else None)
        return {**entry, **told}

    def entry(self, flow: str) -> dict[str, Any]:
        return dict(json.loads((self.server.data_dir / "dev.json").read_text())["flows"].get(flow, {}))

    def reported(self, text: str) -> str:
        """The line on stderr that holds the text."""
        return eventually(lambda: next((line for line in self.server.log.splitlines() if text in line), ""))

    def greet(self, flow: str, **fields: Any) -> Any:
        return self.server.invoke(flow, {"name": "Ada"}, **fields)["result"]["output"]


def write_package(folder: Path, name: str, nodes: str = NODES) -> None:
    package = folder / name
    (package / "flows").mkdir(parents=True)
    (package / "penstock.yaml").write_text(f"name: {name}\n")
    (package / "nodes.py").write_text(nodes)
    (package / "flows" / f"{name}.yaml").write_text(f"flow: {name}\nnodes:\n  greet: {{use: {name}/greet}}\n")


@pytest.fixture(scope="module")
def workshop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workshop]:
    folder = tmp_path_factory.mktemp("packages")
    for name in PACKAGES:
        write_package(folder, name)
    # Two packages of which one uses the other's node.
    write_package(folder, "lender")
    write_package(folder, "borrower")
    (folder / "borrower" / "flows" / "borrower.yaml").write_text(
        "flow: borrower\nnodes:\n  greet: {use: lender/greet}\n"
    )
    with running(folder) as server:
        yield Workshop(server, folder).warm_up()


def test_a_change_of_a_node_is_a_new_version_and_live_moves(workshop: Workshop) -> None:
    before = workshop.entry("reworded")
    assert workshop.greet("reworded") == {"text": "Hello, Ada!", "length": 3}
    workshop.edit(workshop.nodes("reworded"), "Hello, ", "Good morning, ")
    after = workshop.recompiled("reworded")
    assert after == {
        "graph_id": after["graph_id"],
        "mode": "UNARY",
        "service": "flows.reworded.v2.Reworded",
        "version": 2,
    }
    assert after["graph_id"] > before["graph_id"]
    answer = workshop.server.invoke("reworded", {"name": "Ada"})
    assert answer["result"]["output"] == {"text": "Good morning, Ada!", "length": 3}
    ran = workshop.server.execution(answer["execution_id"])
    assert (ran["graph_id"], ran["version"]) == (after["graph_id"], 2)


def test_an_earlier_version_stays_as_it_was(workshop: Workshop) -> None:
    before = workshop.entry("replaced")["graph_id"]
    workshop.edit(workshop.nodes("replaced"), "Hello, ", "Good night, ")
    workshop.recompiled("replaced")
    body = {"graph_id": before, "input": {"name": "Ada"}, "wait": True}
    assert workshop.server.request("POST", INVOKE, body).json["result"]["output"]["text"] == "Hello, Ada!"
    assert workshop.greet("replaced")["text"] == "Good night, Ada!"


def test_a_change_that_is_taken_back_gives_the_earlier_artifact_again(workshop: Workshop) -> None:
    before = workshop.entry("reverted")
    workshop.edit(workshop.nodes("reverted"), "Hello, ", "Good evening, ")
    assert workshop.recompiled("reverted")["version"] == 2
    workshop.edit(workshop.nodes("reverted"), "Good evening, ", "Hello, ")
    assert workshop.recompiled("reverted") == {**before, "version": 1}
    assert workshop.greet("reverted")["text"] == "Hello, Ada!"


@pytest.mark.parametrize(
    ("package", "broken", "report"),
    [
        ("malformed", "def greet(:", "nodes.py:22: SyntaxError: invalid syntax"),
        ("misnamed", "def greet(name: Name) -> Nowhere:", "nodes.py:22: NameError: name 'Nowhere' is not defined"),
    ],
)
def test_a_package_that_no_longer_loads_is_reported_and_the_old_artifact_stays_live(
    workshop: Workshop, package: str, broken: str, report: str
) -> None:
    before = workshop.entry(package)
    good = workshop.nodes(package).read_text()
    workshop.edit(workshop.nodes(package), "def greet(name: Name) -> Greeting:", broken)
    assert workshop.reported(report) == f"penstock: package {package} does not load: {report}"
    assert workshop.entry(package) == before
    assert workshop.greet(package) == {"text": "Hello, Ada!", "length": 3}
    # Mended, and one line longer, so that it is another content.
    workshop.nodes(package).write_text(good + "# mended\n")
    assert workshop.recompiled(package)["graph_id"] != before["graph_id"]
    assert workshop.greet(package) == {"text": "Hello, Ada!", "length": 3}


def test_a_flow_that_no_longer_compiles_is_reported_and_the_old_artifact_stays_live(workshop: Workshop) -> None:
    before = workshop.entry("miswired")
    workshop.edit(workshop.flow("miswired"), "miswired/greet", "miswired/gret")
    report = workshop.reported("has no node gret")
    assert report.startswith("penstock: ") and "flows/miswired.yaml: flow miswired does not compile: " in report
    assert workshop.entry("miswired") == before
    assert workshop.greet("miswired") == {"text": "Hello, Ada!", "length": 3}
    workshop.edit(workshop.flow("miswired"), "{use: miswired/gret}", "{use: miswired/greet, timeout: 10s}")
    assert workshop.recompiled("miswired")["version"] == 2


def test_field_numbers_are_kept_when_a_field_is_put_before_the_others(workshop: Workshop) -> None:
    assert fields(workshop, "fields.Name") == {"name": 1, "gate": 2}
    workshop.edit(workshop.nodes("fields"), '    name: str = ""', '    title: str = "Dr"\n    name: str = ""')
    workshop.recompiled("fields")
    assert fields(workshop, "fields.Name") == {"title": 3, "name": 1, "gate": 2}
    # A caller that was made for the first version is still understood.
    request = InvokeFlowRequest(flow="fields", input_bytes=b"\x0a\x03Ada", wait=True).SerializeToString()
    answer = workshop.server.request("POST", INVOKE, request, {"Content-Type": PROTOBUF})
    assert answer.json["result"]["output"]["text"] == "Hello, Ada!"
    # What is gone leaves its number behind, and one of another type takes a new one.
    workshop.edit(workshop.nodes("fields"), '    title: str = "Dr"\n', "")
    workshop.edit(workshop.nodes("fields"), "    length: int = 0", "    length: float = 0.0\n    title: str = ''")
    workshop.recompiled("fields")
    assert fields(workshop, "fields.Name") == {"name": 1, "gate": 2}
    assert fields(workshop, "fields.Greeting") == {"text": 1, "length": 3, "title": 4}
    workshop.edit(workshop.nodes("fields"), '    gate: str = ""', '    gate: str = ""\n    title: str = ""')
    workshop.recompiled("fields")
    assert fields(workshop, "fields.Name") == {"name": 1, "gate": 2, "title": 4}


def fields(workshop: Workshop, message: str) -> dict[str, int]:
    """Names and numbers of the fields of a message of the flow that is called as its package."""
    package, _, name = message.partition(".")
    artifact = workshop.server.request("GET", f"/flows/v1/artifacts/{package}?view=FULL").json
    files = FileDescriptorSet.FromString(base64.b64decode(artifact["descriptors"]))
    [found] = [
        kind for file in files.file for kind in file.message_type if (file.package, kind.name) == (package, name)
    ]
    return {field.name: field.number for field in found.field}


def test_what_breaks_callers_is_told_and_recompiled_nevertheless(workshop: Workshop) -> None:
    workshop.edit(workshop.nodes("broken"), "length: int = 0", "size: int = 0")
    gone = "output.length: field broken.Greeting.length (number 2) is gone"
    assert workshop.recompiled("broken")["version"] == 2
    told = [workshop.server.next_line() for _ in range(2)]
    assert told == [f"    breaks JSON: {gone}, its name not reserved\n", f"    breaks SOURCE: {gone}\n"]
    assert workshop.greet("broken") == {"text": "Hello, Ada!", "size": 3}


def test_what_runs_goes_on_with_the_version_that_it_began_with(workshop: Workshop, tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    execution_id = workshop.server.begin("unfinished", {"name": "Ada", "gate": str(gate)})
    workshop.edit(workshop.nodes("unfinished"), "Hello, ", "Good evening, ")
    workshop.recompiled("unfinished")
    gate.touch()
    assert workshop.server.wait(execution_id)["version"] == 1
    assert workshop.server.execution(execution_id, "/output")["output"]["text"] == "Hello, Ada!"
    assert workshop.greet("unfinished")["text"] == "Good evening, Ada!"


def test_the_same_request_is_still_the_same_after_live_has_moved(workshop: Workshop) -> None:
    body = {"flow": "repeated", "input": {"name": "Ada"}, "wait": True, "request_id": "repeated"}
    first = workshop.server.request("POST", INVOKE, body)
    assert first.json["result"]["output"]["text"] == "Hello, Ada!"
    workshop.edit(workshop.nodes("repeated"), "Hello, ", "Good evening, ")
    workshop.recompiled("repeated")
    again = workshop.server.request("POST", INVOKE, body)
    assert (again.status, again.body) == (first.status, first.body)
    other = workshop.server.request("POST", INVOKE, body | {"input": {"name": "Bob"}})
    assert refusal(other)[1]["reason"] == "IDEMPOTENCY_MISMATCH"


def test_a_flow_that_uses_a_package_of_another_folder_is_recompiled_with_it(workshop: Workshop) -> None:
    workshop.edit(workshop.nodes("lender"), "Hello, ", "Good evening, ")
    workshop.recompiled("lender")
    assert eventually(lambda: workshop.greet("borrower")["text"] == "Good evening, Ada!", 5)


def test_a_flow_file_that_changes_alone_is_recompiled(workshop: Workshop) -> None:
    workshop.edit(workshop.flow("borrower"), "{use: lender/greet}", "{use: lender/greet, timeout: 10s}")
    assert workshop.recompiled("borrower")["service"].startswith("flows.borrower.v")


def test_a_package_that_is_added_is_compiled(workshop: Workshop) -> None:
    write_package(workshop.folder / ".draft", "added")
    (workshop.folder / ".draft" / "added").rename(workshop.folder / "added")
    assert eventually(lambda: workshop.entry("added"))["service"] == "flows.added.v1.Added"
    assert workshop.greet("added")["text"] == "Hello, Ada!"


def test_a_file_that_is_touched_and_not_changed_changes_nothing(workshop: Workshop) -> None:
    before = workshop.entry("touched")
    workshop.nodes("touched").touch()
    # Compiled after it, so that the touch is behind us too.
    workshop.edit(workshop.nodes("marker"), "Hello, ", "Good day, ")
    workshop.recompiled("marker")
    assert workshop.entry("touched") == before


def test_a_file_that_cannot_be_read_is_reported_and_nothing_else_happens(workshop: Workshop) -> None:
    before = workshop.entry("linked")
    link = workshop.folder / "linked" / "data.txt"
    link.symlink_to("nowhere")
    try:
        assert workshop.reported("data.txt").startswith("penstock: ")
        assert workshop.greet("linked")["text"] == "Hello, Ada!"
        assert workshop.entry("linked") == before
    finally:
        link.unlink()


def test_a_restart_finds_everything_as_it_was(serve: Callable[..., Server], tmp_path: Path) -> None:
    for example in "hello", "logs":
        shutil.copytree(EXAMPLES / example, tmp_path / example, ignore=shutil.ignore_patterns("__pycache__"))
    server = serve(tmp_path)
    before = server.info
    scanned = list(streamed(server, "logs", json.loads((EXAMPLES / "logs" / "input.json").read_text())))
    execution_id = scanned[-1].json["execution_id"]
    stored = server.execution(execution_id)
    assert server.stop() == 0
    assert not (server.data_dir / "dev.json").exists()
    server.start()
    # The same content gives the same artifacts, and the key is still the one that callers have.
    assert {name: server.info[name] for name in ("flows", "api_key")} == {
        name: before[name] for name in ("flows", "api_key")
    }
    assert server.execution(execution_id) == stored
    for index, event in enumerate(scanned):
        resumed = [event for event in watched(server, execution_id, event.id) if event.name == "message"]
        assert [(one.id, one.json) for one in resumed] == [(one.id, one.json) for one in scanned[index + 1 :]]
