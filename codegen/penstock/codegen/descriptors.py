"""The descriptors of one generator request in a pool of their own, their options readable.

Options are extensions (google.api.http, penstock.v1.http). They are read through classes of the same
pool, so that the generator needs none of the modules that it generates.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from google.protobuf.descriptor import Descriptor, FieldDescriptor, FileDescriptor, MethodDescriptor
from google.protobuf.descriptor_pb2 import FileDescriptorProto
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass


class Descriptors:
    """Files, dependencies first, as protoc and buf send them to plugins."""

    def __init__(self, files: Iterable[FileDescriptorProto]) -> None:
        self._pool = DescriptorPool()
        for file in files:
            self._pool.AddSerializedFile(file.SerializeToString())

    def file(self, name: str) -> FileDescriptor:
        return self._pool.FindFileByName(name)

    def message(self, name: str) -> Descriptor | None:
        """The message of that full name; None when no file of the request has it."""
        try:
            return self._pool.FindMessageTypeByName(name)
        except KeyError:
            return None

    def option(self, element: MethodDescriptor | FieldDescriptor, extension: str) -> Any:
        """The value of an option, or None when it is not set or no file of the request defines it."""
        try:
            known: Any = self._pool.FindExtensionByName(extension)
        except KeyError:
            return None
        options: Message = GetMessageClass(known.containing_type).FromString(element.GetOptions().SerializeToString())
        return options.Extensions[known] if options.HasExtension(known) else None
