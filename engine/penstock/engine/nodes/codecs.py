"""The border of a node: serialized messages on the engine's side, the author's objects on the other."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from google.protobuf.message import DecodeError, EncodeError, Message

from penstock.engine.domain.artifact import NodeKind
from penstock.engine.nodes.adapt import REFUSALS, Adapter
from penstock.engine.nodes.authoring import NodeError
from penstock.engine.nodes.mismatch import WrongType, too_deep, type_name

Decode = Callable[[bytes], object]
Encode = Callable[[object], bytes]


class WrongInput(NodeError):
    """The message has no value in the author's class, for example a number that its enum does not have."""

    code = "WRONG_INPUT"


class WrongOutput(NodeError):
    """The function returned or yielded something else than it is annotated with."""

    code = "WRONG_OUTPUT"


def record_decoder(what: str, adapter: Adapter, cls: type, message_class: type[Message]) -> Decode:
    """From a serialized message to a dataclass. `what` begins what is said of one that has no value in it."""
    parse, read = message_class.FromString, adapter.reader(cls)

    def decode(data: bytes) -> object:
        try:
            return read(parse(data))
        except (WrongType, DecodeError) as error:
            raise WrongInput(f"{what} as {cls.__name__}: {error}") from None

    return decode


def record_encoder(node: str, kind: NodeKind, adapter: Adapter, cls: type, message_class: type[Message]) -> Encode:
    """From a dataclass to a serialized message."""
    write: Callable[[Any, object], None] = adapter.writer(cls)
    # Taken from the class: on a message, a field of this name would hide it.
    serialize = message_class.SerializeToString
    verb = _VERBS[kind]
    may_be_too_deep = _is_recursive(message_class.DESCRIPTOR)

    def encode(value: object) -> bytes:
        message = message_class()
        try:
            write(message, value)
            data = serialize(message)
            if may_be_too_deep:
                # Serializing knows no limit, parsing does: what nobody could read back is refused here.
                message_class.FromString(data)
        except REFUSALS:
            raise _wrong_output(node, verb, value, cls.__name__, adapter.why(cls, value)) from None
        except DecodeError:
            raise _wrong_output(node, verb, value, cls.__name__, too_deep()) from None
        return data

    return encode


def message_decoder(what: str, message_class: type[Message]) -> Decode:
    """From a serialized message to the message itself, for packages with .proto files."""
    parse = message_class.FromString

    def decode(data: bytes) -> object:
        try:
            return parse(data)
        except DecodeError as error:
            raise WrongInput(f"{what} as {message_class.__name__}: {error}") from None

    return decode


def message_encoder(node: str, kind: NodeKind, message_class: type[Message]) -> Encode:
    """From a message to its bytes, for packages with .proto files."""
    serialize = message_class.SerializeToString
    verb = _VERBS[kind]
    name = message_class.__name__
    may_be_too_deep = _is_recursive(message_class.DESCRIPTOR)

    def encode(value: Any) -> bytes:
        if type(value) is not message_class:
            raise _wrong_output(node, verb, value, name, WrongType(name, type_name(value)))
        try:
            data = serialize(value)
            if may_be_too_deep:
                message_class.FromString(data)
        except EncodeError as error:
            raise WrongOutput(f"{node} {verb} {name} that cannot be serialized: {error}") from None
        except DecodeError:
            raise _wrong_output(node, verb, value, name, too_deep()) from None
        return data

    return encode


_VERBS = {NodeKind.UNARY: "returned", NodeKind.PIPELINE: "yielded"}


def _wrong_output(node: str, verb: str, value: object, expected: str, wrong: WrongType) -> WrongOutput:
    if wrong.path:
        return WrongOutput(f"{node} {verb} {expected} with {wrong}")
    if wrong.expected == expected:
        return WrongOutput(f"{node} {verb} {wrong.found}, expected {expected}")
    return WrongOutput(f"{node} {verb} {type_name(value)}: {wrong}")


def _is_recursive(descriptor: Any) -> bool:
    """Whether a message of this type can hold one that can hold one of its own type."""
    done: set[str] = set()
    above: list[str] = []

    def visit(message: Any) -> bool:
        if message.full_name in above:
            return True
        if message.full_name in done:
            return False
        done.add(message.full_name)
        above.append(message.full_name)
        found = any(visit(field.message_type) for field in message.fields if field.message_type is not None)
        above.pop()
        return found

    return visit(descriptor)
