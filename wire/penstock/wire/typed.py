"""The typed services of an artifact: their names, and their descriptors over the artifact's own messages.

An artifact has two: flows.<flow>.v<version>.<Flow> for good, and flows.<flow>.<Flow> while an alias says so.
Both have the same methods.
"""

from __future__ import annotations

import keyword
import re
from dataclasses import dataclass

from google.protobuf.descriptor_pb2 import FileDescriptorProto, FileDescriptorSet

from penstock.wire.gen import execution_pb2
from penstock.wire.gen.artifact_pb2 import Artifact
from penstock.wire.types import descriptor_set

EXECUTION_ID_METADATA = "penstock-execution-id"
"""Trailing metadata of every answer, and initial metadata of those that begin before the end: the execution."""
REQUEST_ID_METADATA = "idempotency-key"
"""Metadata of a call that makes it safe to repeat, as the HTTP header of that name does."""

_SERVICE = re.compile(r"flows\.(?P<flow>[a-z][a-z0-9_]{0,62})(?:\.v(?P<version>[1-9][0-9]{0,8}))?\.(?P<name>\w+)")


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
    for file in FileDescriptorSet.FromString(descriptor_set(execution_pb2.DESCRIPTOR)).file:
        files.setdefault(file.name, file)
    imports = [owners[artifact.input_type], owners[artifact.output_type], execution_pb2.DESCRIPTOR.name]
    for name in (ServiceName(artifact.flow, artifact.version), ServiceName(artifact.flow, None)):
        file = _service_file(artifact, name, imports)
        files[file.name] = file
    return FileDescriptorSet(file=files.values()).SerializeToString()


def _service_file(artifact: Artifact, name: ServiceName, imports: list[str]) -> FileDescriptorProto:
    package = str(name).rpartition(".")[0]
    file = FileDescriptorProto(
        name=f"{package.replace('.', '/')}/{artifact.flow}_service.proto",
        package=package,
        syntax="proto3",
        dependency=dict.fromkeys(imports),
    )
    service = file.service.add(name=class_name(artifact.flow))
    types = {"input_type": f".{artifact.input_type}", "output_type": f".{artifact.output_type}"}
    if artifact.mode == Artifact.UNARY:
        service.method.add(name="Invoke", **types)
    service.method.add(name="Stream", server_streaming=True, **types)
    types["output_type"] = f".{execution_pb2.Execution.DESCRIPTOR.full_name}"
    service.method.add(name="Start", **types)
    return file


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
