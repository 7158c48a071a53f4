"""Reads penstock.yaml, which says what a package is called and may say what its nodes are."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast

from penstock.engine.documents import yaml_lines
from penstock.engine.domain.artifact import NodeKind
from penstock.engine.domain.errors import PackageProblems
from penstock.engine.domain.failure import shorten
from penstock.engine.domain.problem import Problem
from penstock.engine.domain.spelling import or_one_of
from penstock.engine.nodes.names import NAME, NAME_RULE
from penstock.engine.nodes.retries import parse_retries
from penstock.engine.nodes.secrets import parse_secrets
from penstock.engine.nodes.timeouts import parse_timeout
from penstock.wire.gen.retries_pb2 import Retries

if TYPE_CHECKING:
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import ValidationError

_T = TypeVar("_T")

FILE = "penstock.yaml"
RESERVED_NAMES = ("flows", "google", "penstock")
"""Roots of proto packages that are not a user's: artifacts' services, protobuf's types, our own."""

_SHOWN_LENGTH_MAX = 80
_NODE: dict[str, Any] = {
    "type": "object",
    "description": "a node such as {name: greet}",
    "properties": {
        "name": {"type": "string", "pattern": NAME, "description": NAME_RULE},
        "type": {"enum": ["unary", "pipeline"], "description": "unary or pipeline"},
        "input": {"type": "string", "description": "the name of a message"},
        "output": {"type": "string", "description": "the name of a message"},
        "timeout": {"type": ["string", "number"], "description": "seconds, or text such as 10s, 200ms, 5m or 24h"},
        "description": {"type": "string", "description": "text"},
        "retries": {"type": ["integer", "object"], "description": "a number, or keys such as {max_attempts: 3}"},
        "secrets": {"type": "array", "description": "a list of names"},
        "signals": {
            "type": "object",
            "description": "types by name, such as {approved: Approval}",
            "additionalProperties": {"type": "string", "description": "the name of a message"},
        },
    },
    "required": ["name"],
    "additionalProperties": False,
}
_SCHEMA: dict[str, Any] = {
    "type": "object",
    "description": "a package with its name",
    "properties": {
        "name": {
            "type": "string",
            "pattern": NAME,
            "not": {"enum": list(RESERVED_NAMES)},
            "description": f"{NAME_RULE}; not {', '.join(RESERVED_NAMES)}",
        },
        # 1.10 without quotes is the number 1.1.
        "version": {"type": ["string", "integer"], "description": "text in quotes"},
        "description": {"type": "string", "description": "text"},
        "nodes": {"type": "array", "description": "a list of nodes", "items": _NODE},
    },
    "required": ["name"],
    "additionalProperties": False,
}


@dataclass(frozen=True, slots=True)
class ListedNode:
    """A node as the manifest describes it. "" and None stand for what it leaves to the code."""

    where: str
    name: str
    kind: NodeKind | None
    input: str
    output: str
    timeout_s: float | None
    description: str
    retries: Retries | None = None
    secrets: tuple[str, ...] | None = None
    signals: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Manifest:
    """`nodes` is None when the package's nodes are those that its code declares."""

    name: str
    version: str
    description: str
    nodes: tuple[ListedNode, ...] | None


def read_manifest(root: Path) -> Manifest:
    """The manifest of the package in the folder `root`. Raises PackageProblems with each problem's line."""
    try:
        source = (root / FILE).read_bytes()
    except FileNotFoundError:
        raise PackageProblems(root.name, [Problem(FILE, "there is no such file; a package needs one")]) from None
    document = yaml_lines.read(source)
    problems = [Problem(f"{FILE}: {x.where}", x.message, x.expected, x.found) for x in document.problems]
    if document.lines:  # there is a value
        for error in _validator().iter_errors(document.value):
            problems += _problems(error, document.lines)
    if not problems:
        manifest = _manifest(cast(dict[str, Any], document.value), document.lines, problems)
        if not problems:
            return manifest
    raise PackageProblems(_name(document.value) or root.name, sorted(problems, key=_line))


def _manifest(value: Mapping[str, Any], lines: Mapping[yaml_lines.Path, int], problems: list[Problem]) -> Manifest:
    nodes: list[ListedNode] = []
    for index, node in enumerate(value.get("nodes", ())):
        listed = _node(node, lines, ("nodes", index), problems)
        if any(listed.name == other.name for other in nodes):
            problems.append(Problem(listed.where, f"the node {listed.name} is listed twice"))
        nodes.append(listed)
    version = str(value.get("version", ""))
    return Manifest(value["name"], version, value.get("description", ""), tuple(nodes) if "nodes" in value else None)


def _node(
    node: Mapping[str, Any], lines: Mapping[yaml_lines.Path, int], path: yaml_lines.Path, problems: list[Problem]
) -> ListedNode:
    def wrong(key: str, inner: str, message: str) -> None:
        where = _where(lines, (*path, key, inner) if inner else (*path, key))
        problems.append(Problem(where, f"{inner}: {message}" if inner else message))

    def parsed(key: str, parse: Callable[[object], _T]) -> _T | None:
        try:
            return parse(node[key]) if key in node else None
        except ValueError as error:
            wrong(key, "", str(error))
            return None

    return ListedNode(
        _where(lines, path),
        node["name"],
        NodeKind[node["type"].upper()] if "type" in node else None,
        node.get("input", ""),
        node.get("output", ""),
        parsed("timeout", parse_timeout),
        node.get("description", ""),
        parse_retries(node["retries"], partial(wrong, "retries")) if "retries" in node else None,
        parsed("secrets", parse_secrets),
        node.get("signals", {}),
    )


@cache
def _validator() -> Draft202012Validator:
    # Imported at the first use: a server that publishes nothing starts without jsonschema.
    from jsonschema import Draft202012Validator

    return Draft202012Validator(_SCHEMA)


def _problems(error: ValidationError, lines: Mapping[yaml_lines.Path, int]) -> Iterator[Problem]:
    path = tuple(error.absolute_path)
    if error.validator == "additionalProperties":
        known = error.schema["properties"]
        for key in error.instance:
            if key not in known:
                yield Problem(
                    _where(lines, (*path, key)), f"unknown key {key} in {_spell(path)}{or_one_of(key, known)}"
                )
    elif error.validator == "required":
        # jsonschema reports each missing key by itself; every object here needs one alone.
        yield Problem(_where(lines, path), f"{_spell(path)} has no {error.validator_value[0]}")
    else:
        message = f"{_spell(path)} is not right"
        yield Problem(_where(lines, path), message, error.schema["description"], _shown(error.instance))


def _spell(path: Sequence[str | int]) -> str:
    """ "nodes[2].timeout", or "the package" for the root."""
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    return text.removeprefix(".") or "the package"


def _where(lines: Mapping[yaml_lines.Path, int], path: yaml_lines.Path) -> str:
    return f"{FILE}: line {lines[path]}"


def _line(problem: Problem) -> int:
    return int(problem.where.rpartition(" ")[2])


def _shown(value: object) -> str:
    return shorten(json.dumps(value, ensure_ascii=False), _SHOWN_LENGTH_MAX)


def _name(value: object) -> str:
    name = value.get("name") if isinstance(value, dict) else None
    return name if isinstance(name, str) else ""
