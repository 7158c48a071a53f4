"""Messages within messages, by their types."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from google.protobuf.descriptor import Descriptor, FieldDescriptor


def within(descriptor: Descriptor) -> Iterator[Descriptor]:
    """The message and all messages below it, each once."""
    found = {descriptor.full_name}
    todo = [descriptor]
    for message in todo:
        yield message
        for field in message.fields:
            inner = field.message_type
            if inner is not None and inner.full_name not in found:
                found.add(inner.full_name)
                # The loop goes on over what is appended to its list.
                todo.append(inner)


def reaching(descriptor: Descriptor, is_marked: Callable[[FieldDescriptor], bool]) -> frozenset[str]:
    """Full names of the messages within one that have a marked field, or a message that does, however deep."""
    messages = list(within(descriptor))
    found = {message.full_name for message in messages if any(map(is_marked, message.fields))}
    holders: dict[str, set[str]] = {}
    for message in messages:
        for field in message.fields:
            if field.message_type is not None:
                holders.setdefault(field.message_type.full_name, set()).add(message.full_name)
    todo = list(found)
    for name in todo:
        more = holders.get(name, set()) - found
        found |= more
        todo += more
    return frozenset(found)
