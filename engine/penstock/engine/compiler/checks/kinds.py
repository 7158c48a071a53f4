"""Every placed node does one thing, and has only the keys that go with it."""

from __future__ import annotations

from collections.abc import Iterator

from penstock.engine.compiler.node_schema import KINDS
from penstock.engine.compiler.subject import Subject
from penstock.engine.domain.problem import Problem
from penstock.wire.gen.flow_pb2 import FlowNode

_KEYS = {
    "use": {"timeout", "retries", "compensate", "fallback", "cache"},
    "pause": {"input", "output"},
    "gate": set[str](),
    "map": {"timeout", "retries", "input", "output"},
    "flow": set[str](),
    "sleep": {"input"},
}
_WORDS = {
    "use": "a function",
    "pause": "a pause",
    "gate": "a gate",
    "map": "a map",
    "flow": "a sub-flow",
    "sleep": "a sleep",
}


def check(subject: Subject) -> Iterator[Problem]:
    for name, node in sorted(subject.flow.nodes.items()):
        kind = subject.kinds[name]
        if kind:
            yield from _wrong_keys(f"node {name}", kind, node)
        elif node.use:
            both = f"has use and {node.WhichOneof('kind')}; a node has one of them"
            yield Problem(f"node {name}", both)
        else:
            yield Problem(f"node {name}", f"has none of {', '.join(KINDS)}")


def _wrong_keys(where: str, kind: str, node: FlowNode) -> Iterator[Problem]:
    for field, _ in node.ListFields():
        if field.name != kind and field.name not in _KEYS[kind]:
            yield Problem(where, f"{_WORDS[kind]} has no {field.name}")
