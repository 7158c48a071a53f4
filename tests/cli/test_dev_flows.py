"""What `penstock dev` compiles again: also what changed before its watch began."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from penstock.cli.serving.dev_flows import DevFlows
from penstock.wire.gen.artifact_pb2 import Artifact
from penstock.wire.gen.flow_pb2 import Flow
from penstock.wire.gen.package_pb2 import Package


class Publisher:
    """Remembers the descriptions of the flows that it was asked to compile."""

    def __init__(self) -> None:
        self.compiled: list[str] = []

    async def publish_package(self, account: str, content: bytes) -> Package:
        return Package(name="tea")

    async def compile(self, account: str, flow: Flow, **options: bool) -> tuple[Artifact, bool]:
        self.compiled.append(flow.description)
        return Artifact(flow=flow.flow, graph_id=flow.description), True


class Face:
    def __init__(self) -> None:
        self.publisher = Publisher()


def write_flow(package: Path, description: str) -> None:
    text = f"flow: tea\ndescription: {description}\nnodes: {{boil: {{use: tea/boil}}}}\n"
    (package / "flows" / "tea.yaml").write_text(text)


async def test_what_changes_before_the_watch_begins_is_compiled(tmp_path: Path) -> None:
    package = tmp_path / "tea"
    (package / "flows").mkdir(parents=True)
    (package / "penstock.yaml").write_text("name: tea\n")
    write_flow(package, "first")
    face: Any = Face()
    flows = DevFlows(face, "default", [package])
    await flows.compile_all([package])
    write_flow(package, "second, before the watch")
    stop = asyncio.Event()
    async with asyncio.timeout(20):
        await flows.watch(stop, stop.set)
    assert face.publisher.compiled == ["first", "second, before the watch"]


def write_flows(package: Path, **texts: str) -> None:
    for name, text in texts.items():
        (package / "flows" / f"{name}.yaml").write_text(f"flow: {name}\n{text}\n")


async def test_flow_is_compiled_after_those_that_it_runs_and_again_when_they_changed(tmp_path: Path) -> None:
    shop, post = tmp_path / "a_shop", tmp_path / "post"
    for package in (shop, post):
        (package / "flows").mkdir(parents=True)
        (package / "penstock.yaml").write_text("name: tea\n")
    write_flows(shop, buying="description: buying\nnodes: {ship: {flow: sending@live}}")
    write_flows(post, sending="description: sending\nnodes: {send: {use: tea/send}}")
    face: Any = Face()
    flows = DevFlows(face, "default", [tmp_path])
    await flows.compile_all([shop, post])
    assert face.publisher.compiled == ["sending", "buying"]
    write_flows(post, sending="description: sending twice\nnodes: {send: {use: tea/send}}")
    await flows.compile_all([post])
    assert face.publisher.compiled[2:] == ["sending twice", "buying"]
    await flows.compile_all([post])
    assert face.publisher.compiled[4:] == ["sending twice"]
