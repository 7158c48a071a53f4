"""The documents of an artifact: what there is, of which media type, and how each is made."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from penstock.openapi.artifact.json_schema import json_schema
from penstock.openapi.artifact.llms import llms_text
from penstock.openapi.artifact.mcp import mcp_tool
from penstock.openapi.artifact.openapi import openapi_document
from penstock.openapi.artifact.source import proto_text
from penstock.openapi.artifact.subject import Subject
from penstock.wire.gen.artifact_pb2 import Artifact
from penstock.wire.typed import service_descriptors

_TEXT = "text/plain; charset=utf-8"
_LAYOUT = orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of document. `make` is pure: it takes an artifact in the FULL view and gives the whole body."""

    media_type: str
    make: Callable[[Artifact], bytes]


def _json(make: Callable[[Subject], dict[str, Any]]) -> Callable[[Artifact], bytes]:
    return lambda artifact: orjson.dumps(make(Subject.of(artifact)), option=_LAYOUT)


def _text(make: Callable[[Subject], str]) -> Callable[[Artifact], bytes]:
    return lambda artifact: make(Subject.of(artifact)).encode()


KINDS: Mapping[str, Kind] = {
    "openapi.json": Kind("application/json", _json(openapi_document)),
    "schema.json": Kind("application/schema+json", _json(json_schema)),
    "mcp.json": Kind("application/json", _json(mcp_tool)),
    "proto": Kind(_TEXT, _text(proto_text)),
    "descriptors": Kind("application/x-protobuf", service_descriptors),
    "llms.txt": Kind(_TEXT, _text(llms_text)),
}
"""By the last part of their path below the artifact."""
