"""Runs protoc, as a subprocess of the one inside grpcio-tools, so that no other compiler is needed."""

from __future__ import annotations

import subprocess
import sys
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory

from google.protobuf.compiler.plugin_pb2 import CodeGeneratorRequest
from google.protobuf.descriptor_pb2 import FileDescriptorSet


class ProtocError(Exception):
    """protoc refused its input; the text is what it printed, with file, line and column."""


def read_protos(root: Path) -> CodeGeneratorRequest:
    """What protoc would send to a plugin for every proto file under `root`/penstock."""
    names = sorted(path.relative_to(root).as_posix() for path in (root / "penstock").rglob("*.proto"))
    with TemporaryDirectory() as folder:
        output = Path(folder, "descriptors.binpb")
        includes = [f"-I{root}", f"-I{common_protos()}"]
        _protoc([*includes, f"--descriptor_set_out={output}", "--include_imports", "--include_source_info", *names])
        compiled = FileDescriptorSet.FromString(output.read_bytes())
    return CodeGeneratorRequest(file_to_generate=names, proto_file=compiled.file)


def write_python(descriptors: FileDescriptorSet, names: list[str]) -> dict[str, str]:
    """The files that protoc's own Python and gRPC generators write for `names`: path -> text."""
    with TemporaryDirectory() as folder:
        given, output = Path(folder, "descriptors.binpb"), Path(folder, "python")
        given.write_bytes(descriptors.SerializeToString())
        output.mkdir()
        outs = [f"--{kind}_out={output}" for kind in ("python", "pyi", "grpc_python")]
        _protoc([f"--descriptor_set_in={given}", *outs, *names])
        return {path.relative_to(output).as_posix(): path.read_text() for path in output.rglob("*.py*")}


def common_protos() -> Path:
    """The folder above google/api in the installed googleapis-common-protos."""
    return Path(str(files("google.api").joinpath("annotations.proto"))).parents[2]


def _protoc(arguments: list[str]) -> None:
    command = [sys.executable, "-m", "grpc_tools.protoc", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise ProtocError(done.stderr.strip())
