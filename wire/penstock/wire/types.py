"""Message types of one artifact or package, in a descriptor pool of their own."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from google.protobuf.descriptor import Descriptor, FileDescriptor
from google.protobuf.descriptor_pb2 import FileDescriptorProto, FileDescriptorSet
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message import DecodeError
from google.protobuf.message_factory import GetMessageClass

from penstock.wire.json import JsonCodec


class UnknownType(LookupError):
    """There is no message type of that name in the pool."""

    def __init__(self, full_name: str) -> None:
        super().__init__(f"there is no message type {full_name}")
        self.full_name = full_name


class TypePool:
    """The message types of a serialized google.protobuf.FileDescriptorSet, dependencies first.

    Names mean nothing outside of a pool, and messages of two pools never mix: they cross as bytes.
    Raises ValueError when `descriptors` is not such a set.
    """

    def __init__(self, descriptors: bytes) -> None:
        self.pool = DescriptorPool()
        self._messages: dict[str, type[Any]] = {}
        try:
            for file in FileDescriptorSet.FromString(descriptors).file:
                self.pool.AddSerializedFile(file.SerializeToString())
        except (DecodeError, TypeError) as error:
            raise ValueError(f"expected a set of file descriptors, dependencies first: {error}") from None

    @cached_property
    def json(self) -> JsonCodec:
        """The JSON codec of these types."""
        return JsonCodec(self.pool)

    def descriptor(self, full_name: str) -> Descriptor:
        """The descriptor of a message type. Raises UnknownType."""
        try:
            return self.pool.FindMessageTypeByName(full_name)
        except KeyError:
            raise UnknownType(full_name) from None

    def message(self, full_name: str) -> type[Any]:
        """The class of a message type. Raises UnknownType."""
        message = self._messages.get(full_name)
        if message is None:
            message = self._messages[full_name] = GetMessageClass(self.descriptor(full_name))
        return message


def descriptor_set(*files: FileDescriptor) -> bytes:
    """A serialized google.protobuf.FileDescriptorSet of the files and all that they import, dependencies first.

    The files are of one pool.
    """
    found: dict[str, FileDescriptor] = {}

    def add(file: FileDescriptor) -> None:
        if file.name not in found:
            for dependency in file.dependencies:
                add(dependency)
            found[file.name] = file

    for file in files:
        add(file)
    protos = [FileDescriptorProto.FromString(file.serialized_pb) for file in found.values()]
    return FileDescriptorSet(file=protos).SerializeToString()
