"""What options of message fields say about how JSON shows them: payloads, event ids, kinds of events."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from google.protobuf.descriptor import Descriptor, FieldDescriptor

from penstock.codegen.descriptors import Descriptors
from penstock.codegen.model import ModelError

_PAYLOAD = "penstock.v1.payload"
_EVENT_ID = "penstock.v1.event_id"


@dataclass(frozen=True, slots=True)
class PayloadField:
    """A bytes field that JSON shows as `member`. `message` is its full name, `type` is INPUT or OUTPUT."""

    message: str
    field: str
    member: str
    type: str


@dataclass(frozen=True, slots=True)
class EventMember:
    """A oneof member of a streamed message that is the `data` of events called `name`; "" means without a name."""

    field: str
    name: str
    data: Descriptor


def payload_fields(root: Descriptor, descriptors: Descriptors) -> list[PayloadField]:
    """The payloads of a message and of all messages within it. Raises ModelError for one that is not bytes."""
    found = []
    for message, field in _fields_within(root):
        option = descriptors.option(field, _PAYLOAD)
        if option is None:
            continue
        if field.type != FieldDescriptor.TYPE_BYTES:
            raise ModelError(f"{field.full_name}: expected bytes for a payload")
        types = option.DESCRIPTOR.enum_types_by_name["Type"].values_by_number
        found.append(PayloadField(message.full_name, field.name, option.member, types[option.type].name))
    return found


def event_id_fields(root: Descriptor, descriptors: Descriptors) -> list[tuple[str, str]]:
    """(message, field) of all that become the id of an event, in a message and in all messages within it."""
    return [(m.full_name, field.name) for m, field in _fields_within(root) if descriptors.option(field, _EVENT_ID)]


def event_id(message: Descriptor, descriptors: Descriptors) -> str:
    """Name of the message's own event id field, "" without one."""
    return next((field.name for field in message.fields if descriptors.option(field, _EVENT_ID)), "")


def event_members(message: Descriptor, descriptors: Descriptors) -> list[EventMember]:
    """The kinds of events of a streamed message that is one oneof of messages beside its event id; else none.

    A member that has an event id of its own is an event on a stream of its own too, where it has no name; it
    has none here either.
    """
    oneofs, members = set(), []
    for field in message.fields:
        if descriptors.option(field, _EVENT_ID):
            continue
        if field.containing_oneof is None or field.message_type is None:
            return []
        oneofs.add(field.containing_oneof.name)
        name = "" if event_id(field.message_type, descriptors) else field.name
        members.append(EventMember(field.name, name, field.message_type))
    return members if len(oneofs) == 1 else []


def messages_within(root: Descriptor) -> list[Descriptor]:
    """A message and all that its fields reach, each once, nearest first."""
    found = {root.full_name: root}
    waiting = [root]
    while waiting:
        for field in waiting.pop(0).fields:
            inner = field.message_type
            if inner is not None and inner.full_name not in found:
                found[inner.full_name] = inner
                waiting.append(inner)
    return list(found.values())


def _fields_within(root: Descriptor) -> Iterator[tuple[Descriptor, FieldDescriptor]]:
    for message in messages_within(root):
        for field in message.fields:
            yield message, field
