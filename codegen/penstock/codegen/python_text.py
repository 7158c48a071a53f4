"""Pieces of Python source that several emitters print."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator

from google.protobuf.descriptor import Descriptor

from penstock.codegen.model import PACKAGE_FOLDER, WIRE_MODULE

_WIDTH = 120


def class_name(message: Descriptor) -> str:
    """How generated code names the class of a top-level message: module.Class."""
    return f"{_module(message)}.{message.name}"


def imports(messages: Iterable[Descriptor]) -> list[str]:
    """Import lines for the modules of these messages, each once, those of others first."""
    return sorted({f"from {_package(message)} import {_module(message)}" for message in messages})


def strings(values: Iterable[str]) -> str:
    """A tuple of strings."""
    return tuple_of(f'"{value}"' for value in values)


def tuple_of(items: Iterable[str]) -> str:
    """A tuple of expressions."""
    listed = list(items)
    return f"({listed[0]},)" if len(listed) == 1 else f"({', '.join(listed)})"


def docstring(text: str, indent: str) -> Iterator[str]:
    """The lines of a docstring of wrapped paragraphs; none when there is no text."""
    if not text:
        return
    safe = text.replace("\\", "\\\\").replace('"""', '\\"""')
    if "\n" not in safe and len(indent) + len(safe) + 6 <= _WIDTH and not safe.endswith('"'):
        yield f'{indent}"""{safe}"""'
        return
    wrapped = "\n\n".join(textwrap.fill(part, _WIDTH - len(indent) - 3) for part in safe.split("\n\n"))
    yield from textwrap.indent(f'"""{wrapped}\n"""', indent).splitlines()


def _module(message: Descriptor) -> str:
    return message.file.name.rsplit("/", 1)[-1].removesuffix(".proto") + "_pb2"


def _package(message: Descriptor) -> str:
    if message.file.name.startswith(PACKAGE_FOLDER):
        return WIRE_MODULE
    return message.file.name.rsplit("/", 1)[0].replace("/", ".")
