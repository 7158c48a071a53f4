"""Compiles a flow into an artifact, or says everything that is wrong with it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from types import MappingProxyType

from penstock.engine.compiler.checks import CHECKS, sizes
from penstock.engine.compiler.digest import digest
from penstock.engine.compiler.message_files import MessageFiles, merge
from penstock.engine.compiler.planning import make_plan
from penstock.engine.compiler.subject import Subject, make_subject
from penstock.engine.compiler.uses import flows_of, packages_of
from penstock.engine.domain.errors import FlowDoesNotCompile
from penstock.engine.domain.problem import Problem
from penstock.wire.gen.artifact_pb2 import Artifact
from penstock.wire.gen.flow_pb2 import Flow
from penstock.wire.gen.package_pb2 import Package

PROBLEMS_MAX = 100
"""Problems in one report: nobody reads more, and an answer has room for no more."""


def compile_flow(
    flow: Flow, packages: Mapping[str, Package], subflows: Mapping[str, Artifact] = MappingProxyType({})
) -> Artifact:
    """The artifact in its FULL view, without what publishing decides: graph_id, version, service, create_time.

    `packages` are those that the flow may use, by name; the artifact names those that it does use.
    `subflows` are the artifacts, in their FULL view, that it runs as child executions, by name or name@alias as the
    flow writes it; one that is missing does not exist. Raises FlowDoesNotCompile with all problems, at most
    PROBLEMS_MAX of them.
    """
    if too_large := list(sizes.check(flow)):
        raise FlowDoesNotCompile(flow.flow, too_large)
    used = {name: packages[name] for name in sorted(packages_of(flow) & packages.keys())}
    children = {name: subflows[name] for name in sorted(flows_of(flow) & subflows.keys())}
    files = merge(used, children)
    subject = make_subject(flow, packages, children, files)
    problems = list(islice(_problems(subject, files), PROBLEMS_MAX + 1))
    if problems:
        raise FlowDoesNotCompile(flow.flow, _bounded(problems))
    return _artifact(subject, used, files.descriptors)


def _artifact(subject: Subject, used: Mapping[str, Package], descriptors: bytes) -> Artifact:
    plan = make_plan(subject)
    packages = {name: package.digest for name, package in used.items()}
    pipeline = any(node.pipeline for node in plan.nodes)
    return Artifact(
        flow=subject.flow.flow,
        digest=digest(subject.flow, packages, descriptors, subject.subflows),
        mode=Artifact.Mode.PIPELINE if pipeline else Artifact.Mode.UNARY,
        input_type=plan.nodes[plan.entry].input_type,
        output_type=plan.nodes[plan.terminal].output_type,
        definition=_definition(subject.flow),
        plan=plan,
        descriptors=descriptors,
        packages=packages,
    )


def _definition(flow: Flow) -> Flow:
    """Without what the server sets on the draft, which goes on changing."""
    definition = Flow()
    definition.CopyFrom(flow)
    for field in ("create_time", "update_time", "live_graph_id"):
        definition.ClearField(field)
    return definition


def _problems(subject: Subject, files: MessageFiles) -> Iterator[Problem]:
    yield from files.problems
    for check in CHECKS:
        yield from check(subject)


def _bounded(problems: Sequence[Problem]) -> Sequence[Problem]:
    if len(problems) <= PROBLEMS_MAX:
        return problems
    return [*problems[:PROBLEMS_MAX], Problem("", f"only the first {PROBLEMS_MAX} problems are shown")]
