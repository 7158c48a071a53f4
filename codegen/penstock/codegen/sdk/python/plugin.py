"""Runs the protoc plugin of a flavour on descriptors that are compiled already."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryDirectory

from google.protobuf.compiler.plugin_pb2 import CodeGeneratorRequest, CodeGeneratorResponse
from google.protobuf.descriptor_pb2 import FileDescriptorProto

from penstock.codegen.sdk.problems import SdkError
from penstock.codegen.sdk.python.flavours import Flavour

# The plugin has ruff format what it writes, which looks for settings in every folder above the one it works in.
_RUFF_SETTINGS = 'line-length = 120\ntarget-version = "py311"\ncache-dir = ".cache"\n'


def write_classes(files: Iterable[FileDescriptorProto], flavour: Flavour) -> dict[str, str]:
    """The modules with the dataclasses of all messages in `files` (dependencies first): path -> text.

    Raises SdkError when the plugin cannot make something of them.
    """
    request = CodeGeneratorRequest(parameter=flavour.parameter, proto_file=files)
    for file in request.proto_file:
        request.file_to_generate.append(file.name)
        file.source_code_info.SetInParent()  # betterproto2 wants to find it, if only to find nothing in it.
    with TemporaryDirectory() as folder:
        Path(folder, "ruff.toml").write_text(_RUFF_SETTINGS)
        done = subprocess.run(
            # Isolated: modules beside the caller must not stand before those of the install.
            [sys.executable, "-P", "-m", flavour.module],
            input=request.SerializeToString(),
            capture_output=True,
            check=False,
            cwd=folder,
            env=_environment(),
        )
    if done.returncode != 0:
        last = done.stderr.decode(errors="replace").strip().splitlines()[-1:]
        raise SdkError(f"{flavour.name} cannot write the messages of this flow: {''.join(last) or done.returncode}")
    response = CodeGeneratorResponse.FromString(done.stdout)
    if response.error:
        raise SdkError(f"{flavour.name} cannot write the messages of this flow: {response.error}")
    return {file.name: file.content for file in response.file}


def _environment() -> dict[str, str]:
    """Ours, with the programs of this install found first and text in UTF-8 everywhere."""
    path = os.pathsep.join((str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)))
    return {**os.environ, "PATH": path, "PYTHONUTF8": "1", "PYTHONHASHSEED": "0"}
