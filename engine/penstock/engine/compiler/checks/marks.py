"""What is sensitive stays so where a message is read as one of another type, unless an expression says what to take."""

from __future__ import annotations

from collections.abc import Iterator

from google.protobuf.descriptor import Descriptor

from penstock.engine.compiler.function_problems import unary_function
from penstock.engine.compiler.map_fields import result_fields
from penstock.engine.compiler.subject import Subject
from penstock.engine.domain.problem import Problem
from penstock.wire.gen.package_pb2 import PackageNode
from penstock.wire.sensitive import is_sensitive, unmarked
from penstock.wire.types import TypePool


def check(subject: Subject) -> Iterator[Problem]:
    if subject.types is None:
        return
    yield from _edges(subject, subject.types)
    yield from _subflows(subject, subject.types)
    yield from _fallbacks(subject, subject.types)
    yield from _results(subject, subject.types)


def _edges(subject: Subject, types: TypePool) -> Iterator[Problem]:
    for edge in subject.edges:
        given, taken = subject.ends[edge.source].output, subject.ends[edge.target].input
        if given and taken and not edge.map:
            ends = f"what {edge.source} gives", f"what {edge.target} takes"
            yield from _lost(edge.where, types.descriptor(given), types.descriptor(taken), ends)


def _subflows(subject: Subject, types: TypePool) -> Iterator[Problem]:
    for name, node in subject.of_kind("flow"):
        artifact, ends = subject.subflows.get(node.flow), subject.ends[name]
        if artifact is None or not ends.input or not ends.output:
            continue
        theirs, flow = TypePool(artifact.descriptors), f"flow {node.flow}"
        takes, gives = theirs.descriptor(artifact.input_type), theirs.descriptor(artifact.output_type)
        yield from _lost(f"node {name}", types.descriptor(ends.input), takes, ("its input here", f"that of {flow}"))
        yield from _lost(
            f"node {name}", gives, types.descriptor(ends.output), (f"the output of {flow}", "its own here")
        )


def _fallbacks(subject: Subject, types: TypePool) -> Iterator[Problem]:
    for name, node in subject.of_kind("use"):
        replaced = subject.functions.get(name)
        function = unary_function(subject, "", "", node.fallback) if node.fallback else None
        if replaced is not None and isinstance(function, PackageNode):
            given, taken = types.descriptor(function.output), types.descriptor(replaced.output)
            yield from _lost(f"node {name}", given, taken, ("what its fallback gives", "what the node gives"))


def _results(subject: Subject, types: TypePool) -> Iterator[Problem]:
    for name, node in subject.of_kind("map"):
        function = unary_function(subject, "", "", node.map.use)
        output = subject.ends[name].output
        if not output or not isinstance(function, PackageNode):
            continue
        for each in result_fields(types, output, function.output):
            field = types.descriptor(output).fields_by_name[each]
            if is_sensitive(field):
                message = f"{output}.{each} is sensitive as a whole, and results are shown one by one"
                yield Problem(f"node {name}", message, f"marks on fields of {function.output}")
            elif field.message_type is not None:
                ends = f"what {node.map.use} gives", f"{output}.{each}"
                yield from _lost(f"node {name}", types.descriptor(function.output), field.message_type, ends)


def _lost(where: str, given: Descriptor, taken: Descriptor, ends: tuple[str, str]) -> Iterator[Problem]:
    path = unmarked(given, taken)
    if path is not None:
        message = f"{path} is sensitive in {ends[0]} and not in {ends[1]}; mark it there, or map what may be seen"
        yield Problem(where, message, f"{taken.full_name} with that mark", given.full_name)
