"""A node sees its own context, also where nodes run in one task."""

from __future__ import annotations

import json
from pathlib import Path

from tests.harness import running

NODES = """
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass

from penstock.sdk import context, node, pipeline


@dataclass
class Text:
    text: str


@pipeline
async def names(text: Text) -> AsyncIterator[Text]:
    for _ in range(3):
        yield Text(context.idempotency_key.partition("/")[2])


@pipeline
def plain_names(text: Text) -> Iterator[Text]:
    for _ in range(3):
        yield Text(context.node)


@node
async def add(text: Text) -> Text:
    return Text(f"{text.text} {context.node}")
"""


def test_a_pipeline_keeps_its_context_while_nodes_behind_it_run(folder: Path) -> None:
    package = folder / "contexts"
    (package / "flows").mkdir(parents=True)
    (package / "penstock.yaml").write_text("name: contexts\n")
    (package / "nodes.py").write_text(NODES)
    for name in ("names", "plain_names"):
        flow = {
            "flow": name,
            "nodes": {"first": {"use": f"contexts/{name}"}, "second": {"use": "contexts/add"}},
            "edges": ["first -> second"],
        }
        (package / "flows" / f"{name}.yaml").write_text(json.dumps(flow))
    with running(package) as server:
        for name in ("names", "plain_names"):
            body = {"flow": name, "input": {"text": ""}}
            *frames, _ = [event.json for event in server.stream("POST", "/invocations/v1/flows/invoke/stream", body)]
            assert [frame["payload"] for frame in frames] == [{"text": "first second"}] * 3
