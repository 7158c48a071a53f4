"""The TypeScript client, installed with npm, against a real server."""

from __future__ import annotations

import json
import re
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from penstock.codegen.sdk.typescript import archive
from penstock.wire.gen.artifact_pb2 import Artifact
from penstock.wire.types import TypePool
from tests.harness import Server
from tests.sdks.conftest import FLOWS
from tests.sdks.npm import HERE, Project, needs_node

pytestmark = needs_node

CASES: list[dict[str, Any]] = json.loads((HERE / "conformance.json").read_text("utf-8"))["cases"]


@pytest.fixture(scope="module")
def server(vectors_server: Server) -> Server:
    return vectors_server


@pytest.fixture(scope="module")
def project(typescript_clients: Project) -> Project:
    return typescript_clients


@pytest.fixture(scope="module")
def found(server: Server, project: Project) -> dict[str, Any]:
    """What became of each case, by its name."""
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        nowhere = f"http://127.0.0.1:{nobody.getsockname()[1]}"
        given = {"cases": CASES, "url": server.info["http_url"], "nowhere": nowhere, "apiKey": server.key}
        results = project.node("conformance.mjs", given)
    return dict(zip((case["name"] for case in CASES), results, strict=True))


@pytest.fixture(scope="module")
def outputs(artifacts: dict[str, Artifact]) -> dict[str, Any]:
    """Flow -> what reads the JSON of its output, as bytes that are equal where the messages are."""

    def reader(artifact: Artifact) -> Any:
        types = TypePool(artifact.descriptors)
        decode = types.json.decoder(types.descriptor(artifact.output_type))
        return lambda value: None if value is None else decode(value).SerializeToString(deterministic=True)

    return {flow: reader(artifact) for flow, artifact in artifacts.items()}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_conformance(case: dict[str, Any], found: dict[str, Any], outputs: dict[str, Any]) -> None:
    result, read = found[case["name"]], outputs[case["flow"]]
    assert ("error" in result) == ("error" in case), result
    assert fits(result.get("error"), case.get("error")), result
    if "output" in case:
        assert read(result["output"]) == read(case["output"]), result
    if "outputs" in case:
        assert list(map(read, result["outputs"])) == list(map(read, case["outputs"])), result


def fits(found: Any, wanted: Any) -> bool:
    """Whether all that is named is there."""
    if isinstance(wanted, dict):
        return isinstance(found, dict) and all(fits(found.get(name), value) for name, value in wanted.items())
    if isinstance(wanted, list):
        return len(found) == len(wanted) and all(map(fits, found, wanted))
    return bool(found == wanted)


@pytest.mark.parametrize("size", [1_000, 1_777, 2_500])
def test_stream_goes_on_over_connections_that_break(server: Server, project: Project, size: int) -> None:
    given = {"flow": "tick", "operation": "stream", "input": {"count": 60}, "bytes": [size]}
    found = project.node("broken.mjs", given | {"url": server.info["http_url"], "apiKey": server.key})
    assert [output["index"] for output in found["outputs"]] == list(range(60))
    assert found["connections"] > 3


@pytest.mark.parametrize(("flow", "operation"), [("echo", "invoke"), ("echo", "stream"), ("tick", "stream")])
def test_answer_that_is_lost_makes_no_second_run(server: Server, project: Project, flow: str, operation: str) -> None:
    label = f"lost-{flow}-{operation}"
    given = {"flow": flow, "operation": operation, "input": {}, "labels": {"of": label}, "bytes": [0, 0, None]}
    found = project.node("broken.mjs", given | {"url": server.info["http_url"], "apiKey": server.key})
    assert len(found["outputs"]) == (1 if flow == "echo" else 0)
    assert found["connections"] == 3
    listed = server.request("GET", f'/invocations/v1/executions?filter=labels.of="{label}"').json
    assert len(listed["executions"]) == 1


@pytest.fixture(scope="module")
def calls(server: Server, project: Project) -> Any:
    """What came of the calls of calls.mjs."""
    return project.node("calls.mjs", {"url": server.info["http_url"], "apiKey": server.key})


def test_invoke_waits_on_when_the_server_waits_no_more(calls: Any) -> None:
    asked = [
        "/invocations/v1/flows/invoke",
        "/invocations/v1/executions/ID:wait",
        "/invocations/v1/executions/ID/output",
    ]
    error = ["RunFailed", "CANCELLED", "CANCELLED"]
    assert calls["longWait"] == {"asked": asked, "error": error, "executionId": "string"}


def test_stream_follows_on_when_the_server_waits_no_more(calls: Any) -> None:
    asked = [
        ["/invocations/v1/flows/invoke/stream", None],
        ["/invocations/v1/executions/ID/stream", "0"],
        ["/invocations/v1/executions/ID/output", None],
    ]
    assert calls["longStream"] == {"asked": asked, "error": ["RunFailed", "CANCELLED", "CANCELLED"]}


def test_attempts_end_when_the_time_is_up(calls: Any) -> None:
    assert calls["unreachable"] == ["Unavailable", "UNAVAILABLE", "UNREACHABLE"]


def test_time_that_is_up_ends_the_wait_and_not_the_run(calls: Any) -> None:
    not_ended = ["NotEnded", "DEADLINE_EXCEEDED", "NOT_ENDED"]
    assert calls["notEnded"] == [not_ended, not_ended, ["RunFailed", "CANCELLED", "CANCELLED"]]


def test_signal_stops_calls_with_its_reason(calls: Any) -> None:
    assert calls["signal"] == [True, True]


def test_cancel_whose_answer_is_lost_is_done(calls: Any) -> None:
    assert calls["cancel"] == ["done", 2]


def test_request_id_gives_the_same_run_and_refuses_another_input(calls: Any) -> None:
    assert calls["requestId"] == [True, ["Conflict", "ABORTED", "IDEMPOTENCY_MISMATCH"]]


def test_outputs_are_read_again_from_the_first(calls: Any) -> None:
    assert calls["resume"] == [[0, 1, 2, 3, 4], 5, 2]


def test_values_that_json_has_no_word_for_go_there_and_back(calls: Any) -> None:
    assert calls["values"] == {
        "minusZero": True,
        "nan": [True, True],
        "list": ["number", "number"],
        "int64": "9223372036854775807",
        "timestamp": "1970-01-01T00:00:00Z",
        "hasPoint": False,
    }


def test_frames_come_at_once_with_word_of_those_that_are_taken_back(calls: Any) -> None:
    shown = [[0, 1, False], [1, 1, True], [1], [1, 2, True]]
    assert calls["frames"] == [shown, shown]


def test_wait_goes_through_a_pause_and_a_decision_is_made_once(calls: Any) -> None:
    assert calls["pause"] == [["Paused", "FAILED_PRECONDITION", "PAUSED"], "APPROVED", 3, "for Ann"]


def test_a_run_is_made_with_options(calls: Any) -> None:
    assert calls["options_of_run"] == ["NOT_FOUND", "string"]


def test_client_without_url_or_key_is_refused(calls: Any) -> None:
    assert calls["options"] == [
        "url: expected that of the server, got undefined",
        "apiKey: expected a key, got nothing",
        "url: expected that of the server, got here",
    ]


@pytest.mark.parametrize("flow", ["echo", "tick"])
def test_readme_shows_what_works(server: Server, project: Project, flow: str) -> None:
    readme = (project.folder / "node_modules" / f"penstock-{flow}" / "README.md").read_text()
    shown = "\n".join(re.findall(r"^```js\n(.*?)^```$", readme, re.DOTALL | re.MULTILINE))
    shown = shown.replace("http://127.0.0.1:8080", server.info["http_url"])
    (project.folder / "readme.mjs").write_text(shown.replace("process.env.PENSTOCK_API_KEY", json.dumps(server.key)))
    assert project.output("readme.mjs") != ""


def test_server_gives_the_archive(server: Server, artifacts: dict[str, Artifact]) -> None:
    answer = server.request("GET", "/flows/v1/artifacts/tick/sdk/typescript")
    assert (answer.status, answer.body) == (200, archive(artifacts["tick"]))


def test_archive_has_nothing_but_the_package(project: Project) -> None:
    installed = project.folder / "node_modules"
    names = sorted(path.name for path in installed.iterdir() if not path.name.startswith("."))
    assert names == [f"penstock-{flow}" for flow in FLOWS]
    assert sorted(
        str(path.relative_to(installed / "penstock-tick")) for path in files(installed / "penstock-tick")
    ) == [
        "README.md",
        *(f"dist/{name}" for name in ("client.d.ts", "client.js", "errors.d.ts", "errors.js", "events.js", "http.js")),
        *(f"dist/{name}" for name in ("index.d.ts", "index.js", "json.js")),
        "package.json",
    ]


def files(folder: Path) -> Iterator[Path]:
    return (path for path in folder.rglob("*") if path.is_file())
