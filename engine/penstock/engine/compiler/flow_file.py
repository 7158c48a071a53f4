"""Reads a flow file, the YAML or JSON form of penstock.v1.Flow."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any, cast

import orjson

from penstock.engine.compiler.flow_messages import flow_message
from penstock.engine.compiler.flow_schema import FLOW_SCHEMA, NEVER
from penstock.engine.compiler.node_schema import KINDS
from penstock.engine.documents import yaml_lines
from penstock.engine.documents.yaml_lines import Document, Path
from penstock.engine.domain.errors import FlowDoesNotCompile
from penstock.engine.domain.failure import shorten
from penstock.engine.domain.problem import Problem
from penstock.wire.gen.flow_pb2 import Flow

if TYPE_CHECKING:
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import ValidationError

_SHOWN_LENGTH_MAX = 80


def read_flow(source: bytes) -> Flow:
    """The flow as it is written. Whether it makes sense is for compile_flow.

    Raises FlowDoesNotCompile with every problem of form, each with its line.
    """
    document = yaml_lines.read(source)
    problems = list(document.problems)
    if document.lines:  # there is a value
        for error in _schema().iter_errors(document.value):
            problems.extend(_problems(error, document))
        problems.extend(_kind_problems(document))
    if problems:
        raise FlowDoesNotCompile(_name(document.value), sorted(problems, key=_line_of))
    return flow_message(cast(dict[str, Any], document.value))


@cache
def _schema() -> Draft202012Validator:
    # Imported at the first use: a server that compiles nothing starts without jsonschema.
    from jsonschema import Draft202012Validator

    return Draft202012Validator(FLOW_SCHEMA)


def _kind_problems(document: Document) -> Iterator[Problem]:
    """A message can hold one kind of node alone, so two of them have to be found here."""
    nodes = document.value.get("nodes") if isinstance(document.value, dict) else None
    for name, node in nodes.items() if isinstance(nodes, dict) else ():
        if not isinstance(node, dict):
            continue
        path: Path = ("nodes", name)
        found = [kind for kind in KINDS if kind in node]
        if not found:
            yield Problem(_where(document, path), f"{_spell(path)} has none of {', '.join(KINDS)}")
        elif len(found) > 1:
            yield Problem(_where(document, path), f"{_spell(path)} has {' and '.join(found)}; a node has one of them")


def _problems(error: ValidationError, document: Document) -> Iterator[Problem]:
    path: Path = tuple(error.absolute_path)
    if error.validator == "additionalProperties":
        for key in error.instance:
            if key not in error.schema["properties"]:
                yield Problem(_where(document, (*path, key)), _unknown_key(path, key, error.schema["properties"]))
    elif error.validator == "required":
        # jsonschema reports each missing key by itself, and names it only in its message.
        missing = [key for key in error.validator_value if key not in error.instance and f"'{key}'" in error.message]
        yield from (Problem(_where(document, path), f"{_spell(path)} has no {key}") for key in missing)
    elif error.validator == "not":
        yield Problem(_where(document, path), f"{_spell(path)} is set by the server; leave it out")
    else:
        kind = "type" if error.validator == "type" else "form"
        message = f"{_spell(path)} has the wrong {kind}"
        yield Problem(_where(document, path), message, error.schema["description"], _shown(error.instance))


def _unknown_key(path: Path, key: str, known: Mapping[str, object]) -> str:
    written = [name for name, schema in known.items() if schema is not NEVER]
    close = difflib.get_close_matches(key, written, 1)
    hint = f"did you mean {close[0]}?" if close else f"the keys are {', '.join(written)}"
    return f"unknown key {key} in {_spell(path)}; {hint}"


def _spell(path: Sequence[str | int]) -> str:
    """As people write it: "nodes.price.timeout", "edges[2]", or "the file" for the root."""
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    return text.removeprefix(".") or "the file"


def _where(document: Document, path: Path) -> str:
    return f"line {document.lines[path]}"


def _line_of(problem: Problem) -> int:
    return int(problem.where.removeprefix("line "))


def _shown(value: object) -> str:
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list):
        return "a list"
    return "nothing" if value is None else shorten(orjson.dumps(value).decode(), _SHOWN_LENGTH_MAX)


def _name(value: object) -> str:
    name = value.get("flow") if isinstance(value, dict) else None
    return name if isinstance(name, str) else "file"
