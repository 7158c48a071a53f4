"""The Python client, installed with pip into an empty environment, against a real server."""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from pathlib import Path
from typing import Any

import pytest

from penstock.wire.gen.artifact_pb2 import Artifact
from penstock.wire.steering import Act, method_name, pauses, signals
from penstock.wire.types import TypePool
from tests.harness import Server
from tests.sdks.pips import HERE, Environment, unpack

CASES: list[dict[str, Any]] = json.loads((HERE / "conformance.json").read_text("utf-8"))["cases"]
NAMES = [case["name"] for case in CASES]

BETTERPROTO_DEFECTS = {
    "lengths of time below zero",
}
"""What betterproto 2.0.0b7 gets wrong; docs/sdks.md lists it."""


class Table:
    """The conformance table with its messages in protobuf, and back."""

    def __init__(self, artifacts: dict[str, Artifact]) -> None:
        self._artifacts = artifacts
        self._types = {flow: TypePool(artifact.descriptors) for flow, artifact in artifacts.items()}

    def asked(self, server: Server) -> dict[str, Any]:
        cases = [case | {"input": b64encode(self._input(case)).decode()} | self._steering(case) for case in CASES]
        return {"address": server.info["grpc_address"], "api_key": server.key, "cases": cases}

    def _input(self, case: dict[str, Any]) -> bytes:
        types, name = self._types[case["flow"]], self._artifacts[case["flow"]].input_type
        raw: bytes = types.json.decoder(types.descriptor(name))(case.get("input", {})).SerializeToString()
        return raw

    def _steering(self, case: dict[str, Any]) -> dict[str, Any]:
        """The value of the pause and what the signals say, in protobuf, with their classes in the client."""
        artifact, given = self._artifacts[case["flow"]], {}
        if "value" in case:
            types = {pause.name: pause.value_type for pause in pauses(artifact)}
            stem = method_name(Act.APPROVE, case["pause"]).removeprefix("Approve")
            given["value"] = self._encoded(case["flow"], types[case["pause"]], case["value"])
            given["value_class"] = f"{stem}Value"
        if "signals" in case:
            types = {signal.name: signal.payload_type for signal in signals(artifact)}
            given["signals"] = [
                {
                    "name": name,
                    "class": f"{method_name(Act.SIGNAL, name).removeprefix('Signal')}Payload",
                    "payload": self._encoded(case["flow"], types[name], sent["payload"]),
                }
                for sent in case["signals"]
                for name in [sent["name"]]
            ]
        return given

    def _encoded(self, flow: str, type_name: str, value: Any) -> str:
        types = self._types[flow]
        return b64encode(types.json.decoder(types.descriptor(type_name))(value).SerializeToString()).decode()

    def expected(self, case: dict[str, Any]) -> Any:
        """The JSON of each output, with all members."""
        types, name = self._types[case["flow"]], self._artifacts[case["flow"]].output_type
        outputs = case.get("outputs", [case["output"]] if case.get("output") is not None else [])
        decode, encode = types.json.decoder(types.descriptor(name)), types.json.encoder(types.descriptor(name))
        return [encode(decode(output)) for output in outputs]

    def came(self, case: dict[str, Any], outputs: list[str]) -> Any:
        types, name = self._types[case["flow"]], self._artifacts[case["flow"]].output_type
        encode = types.json.encoder(types.descriptor(name))
        return [encode(types.message(name).FromString(b64decode(output))) for output in outputs]


@pytest.fixture(scope="module")
def table(artifacts: dict[str, Artifact]) -> Table:
    return Table(artifacts)


@pytest.fixture(scope="module")
def found(table: Table, python_clients: Environment, vectors_server: Server) -> dict[str, Any]:
    """What became of each case, by its name."""
    return dict(zip(NAMES, python_clients.call(table.asked(vectors_server)), strict=True))


@pytest.fixture(scope="module")
def found_by_betterproto(
    table: Table,
    artifacts: dict[str, Artifact],
    environment: Environment,
    vectors_server: Server,
    tmp_path_factory: pytest.TempPathFactory,
) -> dict[str, Any]:
    """As `found`, with the clients of the other flavour before those that are installed."""
    environment.install("grpcio", "betterproto==2.0.0b7")
    folder = tmp_path_factory.mktemp("betterproto")
    folders = tuple(unpack(artifact, folder, "betterproto") for artifact in artifacts.values())
    return dict(zip(NAMES, environment.call(table.asked(vectors_server), folders), strict=True))


@pytest.mark.parametrize("case", CASES, ids=NAMES)
def test_client_does_what_the_table_says(case: dict[str, Any], table: Table, found: dict[str, Any]) -> None:
    check(case, table, found[case["name"]])


@pytest.mark.parametrize("case", CASES, ids=NAMES)
def test_client_of_the_other_flavour_does_too_but_for_its_defects(
    case: dict[str, Any], table: Table, found_by_betterproto: dict[str, Any]
) -> None:
    if case["name"] in BETTERPROTO_DEFECTS:
        with pytest.raises(AssertionError):
            check(case, table, found_by_betterproto[case["name"]])
        return
    check(case, table, found_by_betterproto[case["name"]])


def check(case: dict[str, Any], table: Table, answer: dict[str, Any]) -> None:
    error = answer.get("error", {})
    wanted = case.get("error", {})
    seen = {name: error.get(name) for name in wanted}
    if "violations" in wanted:
        named = [wanted["violations"][0].keys()] * len(error.get("violations", []))
        pairs = zip(error.get("violations", []), named, strict=True)
        seen["violations"] = [{name: violation[name] for name in names} for violation, names in pairs]
    assert (seen, bool(error)) == (wanted, bool(wanted)), answer
    assert table.came(case, answer["outputs"]) == table.expected(case)


FRAMES = """
import asyncio, json, sys
from penstock_ask import Client as Ask, Paused
from penstock_ask.messages.people import Order
from penstock_write import Client, NotFound, Options, Rollback
from penstock_write.messages.people import Draft


def shown(frame):
    return [frame.index] if isinstance(frame, Rollback) else [frame.index, frame.output.attempt, frame.is_provisional]


async def main():
    address, key = sys.argv[1:]
    async with Client(address, key) as client, Ask(address, key) as ask:
        streamed = [shown(frame) async for frame in client.stream(Draft(words=2, failures=1)).frames()]
        run = await client.start(Draft(words=2, failures=1), options=Options(labels={"of": "options"}))
        resumed = [shown(frame) async for frame in client.resume(run).frames()]
        try:
            await client.start(Draft(), options=Options(config_id="nothing"))
        except NotFound as error:
            refused = error.reason
        asked = await ask.start(Order(customer="Ann"))
        waiting = asyncio.create_task(ask.wait(asked, through_pauses=True))
        try:
            await ask.wait(asked)
        except Paused as error:
            paused = [str(asked) == error.execution_id, (await ask.pauses(asked))[0].prompt]
        decided = await ask.approve(asked, "decide", comment="late")
        label = (await waiting).label
    print(json.dumps([streamed, resumed, refused, paused, decided.state, label]))


asyncio.run(main())
"""


def test_frames_options_and_waits_through_pauses(python_clients: Environment, vectors_server: Server) -> None:
    found = json.loads(python_clients.run("-c", FRAMES, vectors_server.info["grpc_address"], vectors_server.key))
    frames = [[0, 1, False], [1, 1, True], [1], [1, 2, True]]
    assert found == [frames, frames, "NOT_FOUND", [True, "Send this order?"], "APPROVED", "for Ann"]


@pytest.mark.parametrize("flow", ["echo", "tick"])
def test_first_call_of_the_readme_works(
    flow: str,
    found: dict[str, Any],
    artifacts: dict[str, Artifact],
    environment: Environment,
    vectors_server: Server,
    tmp_path: Path,
) -> None:
    readme = (unpack(artifacts[flow], tmp_path) / "README.md").read_text("utf-8")
    shown = readme.partition("```python\n")[2].partition("```")[0]
    script = tmp_path / "call.py"
    script.write_text(shown.replace("127.0.0.1:50051", vectors_server.info["grpc_address"]))
    with environment.start(str(script), variables={"PENSTOCK_API_KEY": vectors_server.key}) as process:
        output, complaint = process.communicate(timeout=60)
    assert (process.returncode, complaint) == (0, "")
    assert output.startswith({"echo": "Everything(double_value=1.0", "tick": "Tick("}[flow])


def test_archive_holds_no_trace_of_this_machine(artifacts: dict[str, Artifact], tmp_path: Path) -> None:
    folder = unpack(artifacts["echo"], tmp_path)
    texts = [path.read_text("utf-8") for path in folder.rglob("*") if path.is_file()]
    assert [text for text in texts if str(Path.home()) in text or str(tmp_path) in text] == []
