"""The typed services of an artifact: their names, and their descriptors over the artifact's own messages.

An artifact has two: flows.<flow>.v<version>.<Flow> for good, and flows.<flow>.<Flow> while an alias says so.
Both have the same methods.
"""

from __future__ import annotations

import keyword
import re
from collections.abc import Container, Mapping
from dataclasses import dataclass
from typing import Any

from google.protobuf.descriptor import FileDescriptor
from google.protobuf.descriptor_pb2 import FieldDescriptorProto, FileDescriptorProto, FileDescriptorSet

from penstock.wire.gen import execution_pb2, pause_pb2, signal_pb2
from penstock.wire.gen.artifact_pb2 import Artifact
from penstock.wire.gen.execution_service_pb2 import SignalExecutionRequest
from penstock.wire.gen.pause_service_pb2 import ApprovePauseRequest, RejectPauseRequest, ResumePauseRequest
from penstock.wire.steering import Act, acts, method_name, pauses, signals
from penstock.wire.types import descriptor_set

EXECUTION_ID_METADATA = "penstock-execution-id"
"""Trailing metadata of every answer, and initial metadata of those that begin before the end: the execution."""
REQUEST_ID_METADATA = "idempotency-key"
"""Metadata of a call that makes it safe to repeat, as the HTTP header of that name does."""
OPTIONS_METADATA = "penstock-options-bin"
"""Metadata of a call that begins an execution: a serialized InvokeFlowRequest, of which `labels`, `webhook`,
`config_id` and `overwrite_cache` hold for it."""

_SERVICE = re.compile(r"flows\.(?P<flow>[a-z][a-z0-9_]{0,62})(?:\.v(?P<version>[1-9][0-9]{0,8}))?\.(?P<name>\w+)")

_REQUESTS: Mapping[Act, tuple[Any, str]] = {
    Act.APPROVE: (ApprovePauseRequest, "value"),
    Act.REJECT: (RejectPauseRequest, ""),
    Act.RESUME: (ResumePauseRequest, "value"),
    Act.SIGNAL: (SignalExecutionRequest, "payload"),
}
"""The request of the fixed API, and its field that is typed in an artifact's own.

That field has the number of the one with the same in bytes, so that both requests are the same bytes.
"""
_KEPT = ("execution_id", "comment", "request_id")
_OPTIONAL, _MESSAGE = FieldDescriptorProto.LABEL_OPTIONAL, FieldDescriptorProto.TYPE_MESSAGE


@dataclass(frozen=True, slots=True)
class ServiceName:
    """What a typed service is the service of. `version` is None for the one that follows `live`."""

    flow: str
    version: int | None

    def __str__(self) -> str:
        version = "" if self.version is None else f".v{self.version}"
        return f"flows.{self.flow}{version}.{class_name(self.flow)}"

    @classmethod
    def parse(cls, full_name: str) -> ServiceName | None:
        """None for a name that no artifact's service can have."""
        match = _SERVICE.fullmatch(full_name)
        if match is None or match["name"] != class_name(match["flow"]):
            return None
        return cls(match["flow"], int(match["version"]) if match["version"] else None)


def class_name(flow: str) -> str:
    """The flow's name in camel case, fit for a service in .proto and for a class in Python.

    "order_total" is OrderTotal. "none" is NoneFlow, because Python has no class None.
    """
    name = "".join(word.capitalize() for word in flow.split("_"))
    return f"{name}Flow" if keyword.iskeyword(name) else name


def service_descriptors(artifact: Artifact) -> bytes:
    """A serialized FileDescriptorSet: the artifact's messages, what its services need besides, and both services.

    Dependencies first. `artifact` is in the FULL view.
    """
    files = {file.name: file for file in FileDescriptorSet.FromString(artifact.descriptors).file}
    owners = _owners(files.values())
    for file in FileDescriptorSet.FromString(descriptor_set(*_answers(artifact))).file:
        files.setdefault(file.name, file)
    for name in (ServiceName(artifact.flow, artifact.version), ServiceName(artifact.flow, None)):
        file = _service_file(artifact, name, owners)
        files[file.name] = file
    return FileDescriptorSet(file=files.values()).SerializeToString()


def _answers(artifact: Artifact) -> list[FileDescriptor]:
    """The files of the fixed API that the services answer with."""
    files = [execution_pb2.DESCRIPTOR]
    if pauses(artifact):
        files.append(pause_pb2.DESCRIPTOR)
    if signals(artifact):
        files.append(signal_pb2.DESCRIPTOR)
    return files


def _service_file(artifact: Artifact, name: ServiceName, owners: Mapping[str, str]) -> FileDescriptorProto:
    package = str(name).rpartition(".")[0]
    imports = [owners[artifact.input_type], owners[artifact.output_type]]
    imports += [file.name for file in _answers(artifact)]
    file = FileDescriptorProto(
        name=f"{package.replace('.', '/')}/{artifact.flow}_service.proto",
        package=package,
        syntax="proto3",
    )
    service = file.service.add(name=class_name(artifact.flow))
    types = {"input_type": f".{artifact.input_type}", "output_type": f".{artifact.output_type}"}
    if artifact.mode == Artifact.UNARY:
        service.method.add(name="Invoke", **types)
    service.method.add(name="Stream", server_streaming=True, **types)
    types["output_type"] = f".{execution_pb2.Execution.DESCRIPTOR.full_name}"
    service.method.add(name="Start", **types)
    _add_acts(file, artifact, {*owners, str(name)})
    fields = (field for message in file.message_type for field in message.field)
    imports += [owners[field.type_name.removeprefix(".")] for field in fields if field.type_name]
    file.dependency.extend(dict.fromkeys(imports))
    return file


def _add_acts(file: FileDescriptorProto, artifact: Artifact, taken: Container[str]) -> None:
    """A method with a request of its own for whatever can be done to a running execution."""
    types = {pause.name: pause.value_type for pause in pauses(artifact)}
    payloads = {signal.name: signal.payload_type for signal in signals(artifact)}
    for act, name in acts(artifact):
        fixed, typed = _REQUESTS[act]
        method = method_name(act, name)
        message = file.message_type.add(name=_free(f"{method}Request", file.package, taken))
        for field in fixed.DESCRIPTOR.fields:
            if field.name in _KEPT:
                message.field.add(name=field.name, number=field.number, type=field.type, label=_OPTIONAL)
        if typed:
            type_name = f".{(payloads if act is Act.SIGNAL else types)[name]}"
            bytes_field = fixed.DESCRIPTOR.fields_by_name[f"{typed}_bytes"]
            message.field.add(
                name=typed, number=bytes_field.number, type=_MESSAGE, type_name=type_name, label=_OPTIONAL
            )
        answer = signal_pb2.SignalExecutionResponse if act is Act.SIGNAL else pause_pb2.Pause
        file.service[0].method.add(
            name=method,
            input_type=f".{file.package}.{message.name}",
            output_type=f".{answer.DESCRIPTOR.full_name}",
        )


def _free(name: str, package: str, taken: Container[str]) -> str:
    """`name`, or one like it that no message of the artifact and no service has."""
    while f"{package}.{name}" in taken:
        name += "_"
    return name


def _owners(files: object) -> dict[str, str]:
    """Full name of each message -> name of its file."""
    owners: dict[str, str] = {}
    for file in files:  # type: ignore[attr-defined]
        waiting = [(file.package, message) for message in file.message_type]
        for scope, message in waiting:
            full_name = f"{scope}.{message.name}" if scope else message.name
            owners[full_name] = file.name
            waiting += [(full_name, nested) for nested in message.nested_type]
    return owners
