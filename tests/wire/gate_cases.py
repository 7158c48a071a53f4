"""Reads gate_cases.txt, and makes artifacts of what stands in it."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from google.protobuf.descriptor_pb2 import FileDescriptorProto, FileDescriptorSet

from penstock.wire.gate import Level
from penstock.wire.gen.artifact_pb2 import Artifact

_FILE = Path(__file__).parent / "gate_cases.txt"
_OUT = "message Out {}"
MAIN = "messages.proto"


@dataclass(frozen=True, slots=True)
class Case:
    """One change: the files before and after by their name, and whom it breaks."""

    name: str
    levels: frozenset[Level]
    before: Mapping[str, str]
    after: Mapping[str, str]


def read_cases() -> list[Case]:
    _, *parts = re.split(r"^== ", _FILE.read_text(), flags=re.MULTILINE)
    return [_case(part) for part in parts]


def pairs(names: str, fields: Sequence[str]) -> list[Case]:
    """Each of the fields in place of each other, and of itself. Whom that breaks is left to be said."""
    return [
        Case(
            f"{names}{row}to{column}",
            frozenset(),
            _one_field(f"{names}{row}to{column}", before),
            _one_field(f"{names}{row}to{column}", after),
        )
        for row, before in enumerate(fields)
        for column, after in enumerate(fields)
    ]


def _one_field(case: str, field: str) -> Mapping[str, str]:
    beside = "enum Colour { UNKNOWN = 0; RED = 1; } message Item { string name = 1; }"
    return {
        MAIN: f'syntax = "proto3"; package {case}; message In {{ {field} Colour c = 2; Item i = 3; }} {beside} {_OUT}'
    }


def artifacts(cases: Sequence[Case], side: str, folder: Path) -> dict[str, Artifact]:
    """Case -> its artifact on that side ("before", "after"), all compiled at once."""
    texts = {f"{case.name}/{file}": text for case in cases for file, text in sorted(getattr(case, side).items())}
    for name, text in texts.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    target = folder / "descriptors.binpb"
    command = [sys.executable, "-m", "grpc_tools.protoc", f"-I{folder}", "--include_imports"]
    subprocess.run([*command, f"--descriptor_set_out={target}", *texts], check=True, timeout=60)
    files = {file.name: file for file in FileDescriptorSet.FromString(target.read_bytes()).file}
    return {case.name: _artifact(case.name, files) for case in cases}


def _case(part: str) -> Case:
    head, _, body = part.partition("\n")
    name, _, levels = head.partition(":")
    files = {MAIN: ""}
    for section in re.split(r"^@ ", f"@ {MAIN}\n{body}", flags=re.MULTILINE)[1:]:
        file, _, diff = section.partition("\n")
        files[file] = diff
    before = {file: _text(name, file, diff, "-") for file, diff in files.items() if _lines(diff, "-")}
    after = {file: _text(name, file, diff, "+") for file, diff in files.items() if _lines(diff, "+")}
    return Case(name, frozenset(Level[word] for word in levels.split()), before, after)


def _lines(diff: str, mark: str) -> list[str]:
    return [line[1:] for line in diff.splitlines() if line[:1] in (" ", mark)]


def _text(case: str, file: str, diff: str, mark: str) -> str:
    lines = _lines(diff, mark)
    if not lines[0].startswith(("syntax", "edition")):
        lines.insert(0, 'syntax = "proto3";')
    lines.insert(1, f"package {case};")
    if file == MAIN and not any(line.startswith(("message Out", "message Result")) for line in lines):
        lines.append(_OUT)
    return "\n".join(lines).replace("CASE/", f"{case}/")


def _artifact(case: str, files: Mapping[str, FileDescriptorProto]) -> Artifact:
    needed: dict[str, FileDescriptorProto] = {}
    _collect(f"{case}/{MAIN}", files, needed)
    names = {message.name for message in files[f"{case}/{MAIN}"].message_type}
    return Artifact(
        flow=case,
        version=1,
        mode=Artifact.UNARY,
        input_type=f"{case}.{'In' if 'In' in names else 'Request'}",
        output_type=f"{case}.{'Out' if 'Out' in names else 'Result'}",
        descriptors=FileDescriptorSet(file=needed.values()).SerializeToString(),
    )


def _collect(name: str, files: Mapping[str, FileDescriptorProto], found: dict[str, FileDescriptorProto]) -> None:
    """The file after all that it imports."""
    if name not in found:
        for dependency in files[name].dependency:
            _collect(dependency, files, found)
        found[name] = files[name]
