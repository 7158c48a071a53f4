"""The two ways in which a package has message types: dataclasses, or .proto files."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence
from typing import Protocol

from google.protobuf.message import Message

from penstock.engine.domain.problem import Problem
from penstock.engine.nodes.adapt import Adapter
from penstock.engine.nodes.codecs import (
    Decode,
    Encode,
    message_decoder,
    message_encoder,
    record_decoder,
    record_encoder,
)
from penstock.engine.nodes.derive import derive
from penstock.engine.nodes.schema import read_schema
from penstock.engine.nodes.signatures import Signature
from penstock.wire.types import TypePool, UnknownType


class MessageTypes(Protocol):
    """How a package's classes become messages. `words` names such a class in problems."""

    words: str

    def is_message(self, cls: type) -> bool:
        """Whether nodes may take and give this class."""
        ...

    def full_name(self, cls: type) -> str:
        """Full name of the message behind the class."""
        ...

    def check(self, classes: Iterable[type]) -> Sequence[Problem]:
        """What is wrong with the classes that the nodes take and give, and those within them."""
        ...

    def build(self, classes: Iterable[type]) -> bytes:
        """The serialized FileDescriptorSet. Called once, with classes that have no problems."""
        ...

    def codec(self, signature: Signature) -> tuple[Decode, Encode]:
        """What stands before and behind a node. Called after `build`."""
        ...


class DataclassTypes:
    """Messages are derived from dataclasses. `earlier` is what was derived for the last published version."""

    words = "a dataclass"

    def __init__(self, package: str, earlier: bytes | None) -> None:
        self._package = package
        self._earlier = earlier

    def is_message(self, cls: type) -> bool:
        return dataclasses.is_dataclass(cls)

    def full_name(self, cls: type) -> str:
        return f"{self._package}.{cls.__name__}"

    def check(self, classes: Iterable[type]) -> Sequence[Problem]:
        return read_schema(classes)[1]

    def build(self, classes: Iterable[type]) -> bytes:
        schema, _ = read_schema(classes)
        descriptors = derive(self._package, schema, self._earlier)
        self._types = TypePool(descriptors)
        self._adapter = Adapter(schema, self._types, self._package)
        return descriptors

    def codec(self, signature: Signature) -> tuple[Decode, Encode]:
        name, adapter = signature.name, self._adapter
        taken, given = (self._types.message(self.full_name(cls)) for cls in (signature.input, signature.output))
        return (
            record_decoder(name, adapter, signature.input, taken),
            record_encoder(name, signature.kind, adapter, signature.output, given),
        )


class ProtoTypes:
    """Messages are those of .proto files, and the code works with them as they are."""

    words = "a message from the package's .proto files"

    def __init__(self, descriptors: bytes) -> None:
        self._descriptors = descriptors
        self.pool = TypePool(descriptors)

    def is_message(self, cls: type) -> bool:
        if not issubclass(cls, Message):
            return False
        try:
            # A class of another pool, such as the Timestamp that everybody imports, is as good when its name is known.
            self.pool.descriptor(cls.DESCRIPTOR.full_name)
        except UnknownType:
            return False
        return True

    def full_name(self, cls: type) -> str:
        assert issubclass(cls, Message)
        return cls.DESCRIPTOR.full_name

    def check(self, classes: Iterable[type]) -> Sequence[Problem]:
        return ()  # protoc has checked them

    def build(self, classes: Iterable[type]) -> bytes:
        return self._descriptors

    def codec(self, signature: Signature) -> tuple[Decode, Encode]:
        assert issubclass(signature.input, Message)
        assert issubclass(signature.output, Message)
        name = signature.name
        return message_decoder(name, signature.input), message_encoder(name, signature.kind, signature.output)
