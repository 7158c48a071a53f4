"""Holds the nodes that a manifest lists against those that the code declares."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Mapping, Sequence
from types import ModuleType

from penstock.engine.domain.problem import Problem
from penstock.engine.domain.spelling import or_one_of
from penstock.engine.nodes.manifest import ListedNode
from penstock.engine.nodes.signatures import Signature


def listed_signatures(
    listed: Sequence[ListedNode],
    declared: Mapping[str, Signature | None],
    module: ModuleType,
    full_name: Callable[[type], str],
) -> tuple[list[Signature], list[Problem]]:
    """The listed nodes in the manifest's order, with what it says beside the code, and where the two disagree.

    `declared` has None for a node whose own problems are known already. Nodes that are not listed are left out.
    """
    signatures, problems = [], []
    for node in listed:
        if node.name not in declared:
            problems.append(Problem(node.where, _missing(node.name, declared, module)))
        elif (signature := declared[node.name]) is not None:
            problems += _disagreements(node, signature, full_name)
            signatures.append(
                dataclasses.replace(
                    signature,
                    timeout_s=node.timeout_s if signature.timeout_s is None else signature.timeout_s,
                    description=node.description or signature.description,
                    retries=node.retries if signature.retries is None else signature.retries,
                    secrets=node.secrets if signature.secrets is None else signature.secrets,
                )
            )
    return signatures, problems


def _missing(name: str, declared: Mapping[str, object], module: ModuleType) -> str:
    if callable(getattr(module, name, None)):
        return f"the function {name} is no node: declare it with @node or @pipeline"
    return f"there is no node {name} in the code{or_one_of(name, declared)}"


def _disagreements(node: ListedNode, signature: Signature, full_name: Callable[[type], str]) -> Iterator[Problem]:
    def differ(what: str, expected: object, found: object) -> Problem:
        message = f"node {node.name}: its {what} is another one at {signature.where}"
        return Problem(node.where, message, str(expected), str(found))

    if node.kind not in (None, signature.kind):
        yield differ("type", node.kind.name.lower(), signature.kind.name.lower())
    for what, listed, cls in (("input", node.input, signature.input), ("output", node.output, signature.output)):
        name = full_name(cls)
        if listed not in ("", name, name.rpartition(".")[2]):
            yield differ(what, listed, name)
    if node.timeout_s is not None and signature.timeout_s not in (None, node.timeout_s):
        yield differ("timeout", f"{node.timeout_s:g} s", f"{signature.timeout_s:g} s")
    if node.retries is not None and signature.retries not in (None, node.retries):
        yield differ("retries", _flat(node.retries), _flat(signature.retries))
    if node.secrets is not None and signature.secrets not in (None, node.secrets):
        yield differ("secrets", ", ".join(node.secrets) or "none", ", ".join(signature.secrets) or "none")


def _flat(retries: object) -> str:
    """The message in one line."""
    return " ".join(str(retries).split()) or "the defaults"
