"""A sub-flow is a unary flow that was compiled, and its messages are those that are known here."""

from __future__ import annotations

from collections.abc import Iterator

from penstock.engine.compiler.naming import is_flow_reference
from penstock.engine.compiler.subject import Subject
from penstock.engine.domain.alias import LIVE
from penstock.engine.domain.problem import Problem
from penstock.wire.compat import mismatch
from penstock.wire.gen.artifact_pb2 import Artifact
from penstock.wire.types import TypePool


def check(subject: Subject) -> Iterator[Problem]:
    for name, node in subject.of_kind("flow"):
        artifact = subject.subflows.get(node.flow)
        if not is_flow_reference(node.flow):
            yield Problem(f"node {name}", "wrong flow", "name or name@alias", f'"{node.flow}"')
        elif artifact is None:
            yield Problem(f"node {name}", _missing(subject, node.flow))
        elif artifact.mode != Artifact.Mode.UNARY:
            reason = f"flow {node.flow} is a pipeline; a sub-flow gives one message"
            yield Problem(f"node {name}", reason)
        else:
            yield from _message_problems(subject, name, node.flow, artifact)


def _runs_itself(subject: Subject, flow: str) -> bool:
    return flow.partition("@")[0] == subject.flow.flow


def _missing(subject: Subject, flow: str) -> str:
    if _runs_itself(subject, flow):
        return f"the flow runs itself, and there is no {flow} yet; compile it without this node first"
    return f"there is no flow {flow}"


def _message_problems(subject: Subject, name: str, flow: str, artifact: Artifact) -> Iterator[Problem]:
    """The sub-flow may have been compiled with other versions of the packages than this flow."""
    ends = subject.ends[name]
    if subject.types is None or not ends.input or not ends.output:
        return
    remedy = f"compile {artifact.flow} again"
    theirs, takes, gives = TypePool(artifact.descriptors), artifact.input_type, artifact.output_type
    if _runs_itself(subject, flow) and flow.partition("@")[2] in ("", LIVE):
        # What is compiled here is what will run.
        remedy, theirs, takes = "compile it without this node first", subject.types, subject.input_type
        gives = subject.ends[subject.terminals[0]].output if len(subject.terminals) == 1 else ""
    if takes and (reason := mismatch(subject.types.descriptor(ends.input), theirs.descriptor(takes))):
        yield Problem(f"node {name}", f"flow {flow} takes another {ends.input} than is known here: {reason}; {remedy}")
    if gives and (reason := mismatch(theirs.descriptor(gives), subject.types.descriptor(ends.output))):
        yield Problem(f"node {name}", f"flow {flow} gives another {ends.output} than is known here: {reason}; {remedy}")
