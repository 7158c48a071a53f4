"""Emits the message classes and gRPC stubs: protoc's own Python, importable from where it lies.

protoc derives imports from proto paths (penstock/v1/flow.proto -> penstock.v1.flow_pb2); the modules live
in penstock.wire.gen, so their imports are rewritten.
"""

from __future__ import annotations

import re

from google.protobuf.descriptor_pb2 import DescriptorProto, FileDescriptorProto, FileDescriptorSet

from penstock.codegen.generated import header
from penstock.codegen.model import WIRE_MODULE, Api
from penstock.codegen.protoc import write_python

_IMPORT = re.compile(r"^from penstock\.v1 import ", re.MULTILINE)
_OWN_MODULE = re.compile(r"'penstock\.v1\.(\w+)'")
_OWN_PATH = re.compile(r"penstock/v1/(\w+_pb2_grpc\.py)")
_CODING = "# -*- coding: utf-8 -*-\n"


def emit(api: Api) -> dict[str, str]:
    """File name -> text. A proto file without services gets no gRPC module."""
    with_services = {service.file for service in api.services}
    written = write_python(_without_json_names(api.files), list(api.names))
    return {
        path.rsplit("/", 1)[1]: _importable(path, text)
        for path, text in sorted(written.items())
        if not path.endswith("_grpc.py") or _proto(path) in with_services
    }


def _proto(path: str) -> str:
    return re.sub(r"_pb2(_grpc)?\.pyi?$", ".proto", path)


def _importable(path: str, text: str) -> str:
    text = _IMPORT.sub(f"from {WIRE_MODULE} import ", text.removeprefix(_CODING))
    text = _OWN_MODULE.sub(rf"'{WIRE_MODULE}.\1'", text)
    text = _OWN_PATH.sub(r"penstock/wire/gen/\1", text)
    return f"# {header(f'proto/{_proto(path)}')}\n{text}"


def _without_json_names(files: tuple[FileDescriptorProto, ...]) -> FileDescriptorSet:
    """protoc leaves out JSON names that follow the rule, but only of files that it parsed itself."""
    bare = FileDescriptorSet(file=files)
    for file in bare.file:
        for message in file.message_type:
            _drop_json_names(message)
        for extension in file.extension:
            extension.ClearField("json_name")
    return bare


def _drop_json_names(message: DescriptorProto) -> None:
    for field in message.field:
        if field.json_name == re.sub(r"_(.)", lambda match: match[1].upper(), field.name):
            field.ClearField("json_name")
    for nested in message.nested_type:
        _drop_json_names(nested)
