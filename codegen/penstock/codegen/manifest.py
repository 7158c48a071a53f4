"""The only list of generated files: where they are, what they come from, who emits them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path

from penstock.codegen import emit_gateway, emit_openapi, emit_schemas, emit_services, emit_wire
from penstock.codegen.generated import ALL_PROTOS
from penstock.codegen.model import Api


@dataclass(frozen=True, slots=True)
class Output:
    """Files of one emitter. `folder` is relative to the root of the project.

    Whatever in the folder matches `names` belongs to the emitter: a file that it does not write is stale.
    """

    folder: str
    names: tuple[str, ...]
    inputs: str
    emit: Callable[[Api], dict[str, str]]

    def owns(self, name: str) -> bool:
        return any(fnmatch(name, pattern) for pattern in self.names)


OUTPUTS = (
    Output("wire/penstock/wire/gen", ("*_pb2.py", "*_pb2.pyi", "*_pb2_grpc.py"), ALL_PROTOS, emit_wire.emit),
    Output("wire/penstock/wire/gen", ("services.py",), ALL_PROTOS, emit_services.emit),
    Output("gateway/penstock/gateway/gen", ("routes.py",), ALL_PROTOS, emit_gateway.emit),
    Output("openapi/penstock/openapi/gen", ("*.schema.json",), ALL_PROTOS, emit_schemas.emit),
    Output("openapi/penstock/openapi/gen", ("openapi.json",), ALL_PROTOS, emit_openapi.emit),
)


@dataclass(frozen=True, slots=True)
class Difference:
    """A file that is not what its inputs give. `text` is what it should hold, None when it should not exist."""

    path: str
    inputs: str
    text: str | None
    exists: bool

    def __str__(self) -> str:
        if self.text is None:
            return f"{self.path}: stale, {self.inputs} give it no more"
        if not self.exists:
            return f"{self.path}: missing, {self.inputs} give it"
        return f"{self.path}: differs from what {self.inputs} give"


def generate(api: Api) -> dict[str, str]:
    """Every generated file: path relative to the root of the project -> text."""
    return {f"{output.folder}/{name}": text for output in OUTPUTS for name, text in _emitted(output, api).items()}


def differences(api: Api, root: Path) -> list[Difference]:
    """What in the project at `root` is not as it would be generated now."""
    found = []
    for output in OUTPUTS:
        folder, wanted = root / output.folder, _emitted(output, api)
        present = {path.name for path in folder.glob("*") if output.owns(path.name)}
        for name in sorted(present | set(wanted)):
            path, text = folder / name, wanted.get(name)
            if text is None or name not in present or path.read_bytes() != text.encode():
                found.append(Difference(f"{output.folder}/{name}", output.inputs, text, name in present))
    return found


def apply(differences: list[Difference], root: Path) -> None:
    """Writes and removes files until nothing differs."""
    for difference in differences:
        path = root / difference.path
        if difference.text is None:
            path.unlink()
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(difference.text.encode())


def _emitted(output: Output, api: Api) -> dict[str, str]:
    written = output.emit(api)
    foreign = [name for name in written if not output.owns(name)]
    if foreign:
        raise ValueError(f"{output.folder}: the manifest does not list {', '.join(foreign)}")
    return written
