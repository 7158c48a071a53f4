"""Reads the JSON objects that a command line gives, such as the input of a flow."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from penstock.cli.client import JsonObject
from penstock.cli.errors import UsageError


def read_input(text: str, source: str = "--input") -> JsonObject:
    """The JSON object that `text` is, or that the file after its "@" holds, or standard input for "-".

    `source` is the option that it comes from. Raises UsageError. What its members may be is for the server to say.
    """
    try:
        if text == "-":
            text = sys.stdin.read()
        elif text.startswith("@"):
            source = text[1:]
            text = Path(source).read_text(encoding="utf-8")
        value = json.loads(text, object_pairs_hook=_object, parse_constant=_refuse_constant)
    except OSError as error:
        raise UsageError(f"cannot read {source}: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{source}: not JSON: {error}") from error
    if not isinstance(value, dict):
        raise UsageError(f"{source}: expected a JSON object, got {json.dumps(value)[:60]}")
    return value


def _object(members: list[tuple[str, object]]) -> JsonObject:
    result: JsonObject = {}
    for name, value in members:
        if name in result:
            raise ValueError(f'"{name}" is there twice')
        result[name] = value
    return result


def _refuse_constant(name: str) -> None:
    raise ValueError(f'{name} is no JSON number; write "{name}" in quotes')
