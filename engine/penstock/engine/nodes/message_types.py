"""The two ways in which a package has message types: dataclasses, or .proto files."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
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
from penstock.engine.nodes.unused import with_unused
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

    def named(self, name: str, space: Mapping[str, object]) -> object | None:
        """What a name or full name stands for where the names in `space` are known, None for nothing."""
        ...

    def check(self, classes: Iterable[type]) -> Sequence[Problem]:
        """What is wrong with the classes that the nodes take and give, and those within them."""
        ...

    def build(self, classes: Iterable[type], unused: Iterable[type]) -> bytes:
        """The serialized FileDescriptorSet. Called once, with classes that have no problems.

        `unused` are dataclasses that no node takes or gives; they may have problems.
        """
        ...

    def decoder(self, cls: type, what: str) -> Decode:
        """Makes a value of the class; `what` begins its complaint, "as <class>: …" goes on. Called after `build`."""
        ...

    def encoder(self, signature: Signature) -> Encode:
        """What stands behind a node. Called after `build`."""
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

    def named(self, name: str, space: Mapping[str, object]) -> object | None:
        return space.get(name.removeprefix(f"{self._package}."))

    def check(self, classes: Iterable[type]) -> Sequence[Problem]:
        return read_schema(classes)[1]

    def build(self, classes: Iterable[type], unused: Iterable[type]) -> bytes:
        schema, _ = read_schema(classes)
        whole = with_unused(schema, self._package, self._earlier, unused)
        descriptors = derive(self._package, whole, self._earlier)
        try:
            self._types = TypePool(descriptors)
        except ValueError:  # names that clash in a way that only the descriptor pool knows: not those of the unused
            descriptors = derive(self._package, schema, self._earlier)
            self._types = TypePool(descriptors)
        self._adapter = Adapter(schema, self._types, self._package)
        return descriptors

    def decoder(self, cls: type, what: str) -> Decode:
        return record_decoder(what, self._adapter, cls, self._types.message(self.full_name(cls)))

    def encoder(self, signature: Signature) -> Encode:
        given = self._types.message(self.full_name(signature.output))
        return record_encoder(signature.name, signature.kind, self._adapter, signature.output, given)


class ProtoTypes:
    """Messages are those of .proto files, and the code works with them as they are."""

    words = "a message from the package's .proto files"

    def __init__(self, package: str, descriptors: bytes) -> None:
        self._package = package
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

    def named(self, name: str, space: Mapping[str, object]) -> object | None:
        if name in space:
            return space[name]
        for full_name in (name, f"{self._package}.{name}"):
            try:
                return self.pool.message(full_name)
            except UnknownType:
                continue
        return None

    def check(self, classes: Iterable[type]) -> Sequence[Problem]:
        return ()  # protoc has checked them

    def build(self, classes: Iterable[type], unused: Iterable[type]) -> bytes:
        return self._descriptors

    def decoder(self, cls: type, what: str) -> Decode:
        assert issubclass(cls, Message)
        return message_decoder(what, cls)

    def encoder(self, signature: Signature) -> Encode:
        assert issubclass(signature.output, Message)
        return message_encoder(signature.name, signature.kind, signature.output)
