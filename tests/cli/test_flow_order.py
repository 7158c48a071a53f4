"""In which order flow files are compiled."""

from __future__ import annotations

from pathlib import Path

import pytest

from penstock.cli.flow_order import FlowFile, callees_first
from penstock.wire.gen.flow_pb2 import Flow, FlowNode


def file(name: str, *runs: str, path: str = "") -> FlowFile:
    nodes = {f"n{index}": FlowNode(flow=run) for index, run in enumerate(runs)}
    return FlowFile(Path(path or f"{name}.yaml"), Flow(flow=name, nodes=nodes))


@pytest.mark.parametrize(
    ("files", "order"),
    [
        ([file("b"), file("a")], ["b", "a"]),
        ([file("a", "b"), file("b", "c@live"), file("c")], ["c", "b", "a"]),
        ([file("a", "x", "c", "b"), file("b"), file("c")], ["b", "c", "a"]),
        ([file("a", "a"), file("b", "a")], ["a", "b"]),
        ([file("a", "b"), file("b", "a"), file("c", "a")], ["b", "a", "c"]),
    ],
)
def test_flow_comes_after_those_that_it_runs(files: list[FlowFile], order: list[str]) -> None:
    assert [file.flow.flow for file in callees_first(files)] == order


def test_each_file_stays_when_two_hold_the_same_flow() -> None:
    files = [file("a", path="first.yaml"), file("a", path="second.yaml"), file("b", "a")]
    assert callees_first(files) == files
