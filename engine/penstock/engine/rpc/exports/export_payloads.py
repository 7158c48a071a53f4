"""Messages of an artifact -> the JSON of an export, which never has values of sensitive fields."""

from __future__ import annotations

from typing import Any

from google.protobuf.message import DecodeError

from penstock.engine.rpc.access.showing import NOBODY, shown
from penstock.engine.runtime.programs.program import Program
from penstock.wire.json import JsonError

JsonObject = dict[str, Any]


class Payloads:
    """Reads messages of one artifact."""

    def __init__(self, program: Program) -> None:
        self._program = program

    def read(self, type_name: str, data: bytes) -> tuple[JsonObject | None, str]:
        """The JSON form and "", or None and why there is none."""
        program, types = self._program, self._program.types
        descriptor = types.descriptor(type_name)
        try:
            message = types.message(type_name).FromString(shown(program, type_name, data, NOBODY))
            value: JsonObject = types.json.encoder(descriptor)(message)
        except (JsonError, DecodeError) as error:
            return None, str(error)
        if type(value) is not dict:
            return None, f"{type_name} is no object in JSON"
        return value, ""
