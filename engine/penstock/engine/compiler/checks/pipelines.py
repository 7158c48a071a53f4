"""One node of a flow may be the source of frames: what follows it is applied to each of its frames, in a chain."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from penstock.engine.compiler.graph import before, behind, has_parallel_edges
from penstock.engine.compiler.subject import Subject
from penstock.engine.domain.problem import Problem
from penstock.engine.domain.spelling import some_of
from penstock.wire.gen.package_pb2 import PackageNode

_WORDS = {"pause": "a pause", "gate": "a gate", "map": "a map", "flow": "a sub-flow", "sleep": "a sleep"}


def check(subject: Subject) -> Iterator[Problem]:
    pipelines = sorted(name for name, each in subject.functions.items() if each.type == PackageNode.Type.PIPELINE)
    takers = [name for name in pipelines if subject.functions[name].takes_frames]
    sources = [name for name in pipelines if not subject.functions[name].takes_frames]
    if len(sources) > 1:
        yield Problem("flow", "has several pipeline nodes", "at most 1", f"{len(sources)}: {some_of(sources)}")
    elif sources:
        yield from _takers(subject, sources[0], takers)
        yield from _rest(subject, sources[0])
    else:
        for name in takers:
            use = subject.flow.nodes[name].use
            yield Problem(f"node {name}", f"{use} takes a stream of messages, and no pipeline before it gives one")


def _takers(subject: Subject, source: str, takers: Sequence[str]) -> Iterator[Problem]:
    following = behind(subject, source) if takers else set()
    for name in takers:
        use = subject.flow.nodes[name].use
        if name not in following:
            yield Problem(f"node {name}", f"{use} takes a stream of messages, so it must stand behind {source}")
        elif any(end in subject.terminals for end in behind(subject, source, without=name) | {source}):
            reason = f"{use} takes a stream of messages, so each way from {source} to the end must lead through it"
            yield Problem(f"node {name}", reason)
        elif any(name in behind(subject, entry, without=source) for entry in subject.entries if entry != source):
            reason = f"{use} takes a stream of messages, so each way to it must lead through {source}"
            yield Problem(f"node {name}", reason)


def _rest(subject: Subject, source: str) -> Iterator[Problem]:
    preceding, following = before(subject, source), behind(subject, source)
    for name, kind in sorted(subject.kinds.items()):
        if kind in _WORDS and name not in preceding:
            yield Problem(f"node {name}", f"{_WORDS[kind]} can stand only before the pipeline {source}")
        if name not in preceding and has_parallel_edges(subject, name):
            reason = f"several of its edges are always taken, which is possible only before the pipeline {source}"
            yield Problem(f"node {name}", reason)
        if name in following:
            yield from _behind(subject, source, name)


def _behind(subject: Subject, source: str, name: str) -> Iterator[Problem]:
    where, node = f"node {name}", subject.flow.nodes[name]
    if node.HasField("retries"):
        reason = f"it is tried again together with {source}, whose retries are those of the whole pipeline"
        yield Problem(where, f"{reason}: it has none of its own")
    if node.compensate:
        yield Problem(where, f"it runs once for each frame of {source}, so it has no compensate")
    function = subject.functions.get(name)
    if function is not None and function.type != PackageNode.Type.PIPELINE:
        for key, is_given in (("fallback", bool(node.fallback)), ("cache", node.HasField("cache"))):
            if is_given:
                yield Problem(where, f"it runs once for each frame of {source}, so it has no {key}")
