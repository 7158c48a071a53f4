"""Writes messages, enums and services as proto source."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping
from itertools import groupby
from typing import Any

from google.protobuf.descriptor_pb2 import FieldDescriptorProto

from penstock.openapi.prototext.fields import default_option, json_name_option, label, scalar_name
from penstock.openapi.prototext.names import Names
from penstock.openapi.prototext.options import bracketed, options, quoted

_FIELD_NUMBER_END = 2**29
_ENUM_NUMBER_MAX = 2**31 - 1
_WIDTH = 100
_INDENT = "  "


class Writer:
    """Writes what stands in one file. The scope that its methods take is the full name of what is around."""

    def __init__(self, file: Any, names: Names, comments: Mapping[str, str]) -> None:
        self._file = file
        self._names = names
        self._comments = comments

    def message(self, message: Any, scope: str) -> str:
        """A message and all within it."""
        full_name = _within(scope, message.name)
        return self._block(full_name, f"message {message.name}", self._body(message, full_name))

    def enum(self, enum: Any, scope: str) -> str:
        full_name = _within(scope, enum.name)
        lines = [f"option {option};" for option in options(enum.options)]
        for value in enum.value:
            text = f"{value.name} = {value.number}{bracketed(options(value.options))};"
            lines.append(self._commented(f"{full_name}.{value.name}", text))
        lines += self._reserved(enum, 0, _ENUM_NUMBER_MAX)
        return self._block(full_name, f"enum {enum.name}", lines)

    def service(self, service: Any) -> str:
        full_name = _within(self._file.package, service.name)
        lines = [f"option {option};" for option in options(service.options)]
        for method in service.method:
            given, back = (self._names.short(name, full_name) for name in (method.input_type, method.output_type))
            head = f"rpc {method.name}({'stream ' * method.client_streaming}{given}) "
            head += f"returns ({'stream ' * method.server_streaming}{back})"
            written = options(method.options)
            body = _braced(head, [f"option {option};" for option in written]) if written else f"{head};"
            lines.append(self._commented(f"{full_name}.{method.name}", body))
        return self._block(full_name, f"service {service.name}", lines)

    def extensions(self, fields: Any, scope: str, groups: Mapping[str, Any] | None = None) -> list[str]:
        """`extend` blocks, one for neighbours that extend one message. `groups` are messages that fields define."""
        return [
            _braced(
                f"extend {self._names.short(extendee, scope)}",
                [self._field(field, scope, groups or {}) for field in together],
            )
            for extendee, together in groupby(fields, key=lambda field: field.extendee)
        ]

    def _body(self, message: Any, full_name: str) -> list[str]:
        lines = [f"option {option};" for option in options(message.options)]
        lines += [self.enum(enum, full_name) for enum in message.enum_type]
        lines += self._fields_and_messages(message, full_name)
        lines += self._reserved(message, 1, _FIELD_NUMBER_END)
        for found in message.extension_range:
            written = bracketed(options(found.options))
            lines.append(f"extensions {_range(found.start, found.end - 1, _FIELD_NUMBER_END - 1)}{written};")
        return lines + self.extensions(message.extension, full_name)

    def _fields_and_messages(self, message: Any, full_name: str) -> Iterator[str]:
        """Maps and groups make messages where they stand, so that the order of all of them takes some care."""
        made = self._made_by_fields(message, full_name)
        waiting = list(message.nested_type)

        def plain_until(name: str) -> Iterator[str]:
            while waiting and waiting[0].name not in (made if not name else (name,)):
                yield self.message(waiting.pop(0), full_name)

        yield from plain_until("")
        for oneof, fields in groupby(message.field, key=_oneof_of):
            texts = []
            for field in fields:
                name = _type_within(field, full_name)
                if name in made and any(nested.name == name for nested in waiting):
                    yield from plain_until(name)
                    waiting.pop(0)
                text = self._field(field, full_name, made)
                if oneof is None:
                    yield text
                else:
                    texts.append(text)
            if oneof is not None:
                declared = message.oneof_decl[oneof]
                lines = [f"option {option};" for option in options(declared.options)] + texts
                yield self._block(f"{full_name}.{declared.name}", f"oneof {declared.name}", lines)
            yield from plain_until("")

    def _made_by_fields(self, message: Any, full_name: str) -> dict[str, Any]:
        """Name -> nested message, of those that source has no message for: entries of maps, and groups."""
        groups = {
            _type_within(field, full_name) for field in message.field if field.type == FieldDescriptorProto.TYPE_GROUP
        }
        return {
            nested.name: nested for nested in message.nested_type if nested.options.map_entry or nested.name in groups
        }

    def _field(self, field: Any, scope: str, made: Mapping[str, Any]) -> str:
        own = made.get(_type_within(field, scope))
        written = [*default_option(field), *json_name_option(field), *options(field.options)]
        end = f"= {field.number}{bracketed(written)}"
        before = label(field, self._file.syntax)
        full_name = _within(scope, field.name)
        if own is not None and own.options.map_entry:
            key, value = (self._type(entry, scope) for entry in own.field)
            return self._commented(full_name, f"map<{key}, {value}> {field.name} {end};")
        if own is not None:
            body = self._body(own, _within(scope, own.name))
            return self._commented(full_name, _braced(f"{before}group {own.name} {end}", body))
        return self._commented(full_name, f"{before}{self._type(field, scope)} {field.name} {end};")

    def _type(self, field: Any, scope: str) -> str:
        return self._names.short(field.type_name, scope) if field.type_name else scalar_name(field)

    def _reserved(self, holder: Any, end_is_exclusive: int, numbers_max: int) -> list[str]:
        """Of a message, whose ranges end before their `end`, or of an enum, whose ranges end with it."""
        last = numbers_max - end_is_exclusive
        ranges = [_range(found.start, found.end - end_is_exclusive, last) for found in holder.reserved_range]
        # Names became identifiers with editions.
        names = [name if self._file.syntax == "editions" else quoted(name) for name in holder.reserved_name]
        return [f"reserved {', '.join(texts)};" for texts in (ranges, names) if texts]

    def _block(self, full_name: str, head: str, lines: list[str]) -> str:
        return self._commented(full_name, _braced(head, lines))

    def _commented(self, full_name: str, text: str) -> str:
        paragraphs = self._comments.get(full_name, "").split("\n")
        lines = [line for paragraph in paragraphs for line in textwrap.wrap(paragraph, _WIDTH) or [""]]
        return "\n".join([*(f"// {line}".rstrip() for line in lines), text]) if any(lines) else text


def _within(scope: str, name: str) -> str:
    return f"{scope}.{name}" if scope else name


def _braced(head: str, lines: list[str]) -> str:
    if not lines:
        return f"{head} {{}}"
    return f"{head} {{\n{textwrap.indent(chr(10).join(lines), _INDENT)}\n}}"


def _range(start: int, last: int, numbers_max: int) -> str:
    if start == last:
        return str(start)
    return f"{start} to {'max' if last == numbers_max else last}"


def _oneof_of(field: Any) -> int | None:
    """Index of the oneof that source has around a field, None where there is none."""
    return field.oneof_index if field.HasField("oneof_index") and not field.proto3_optional else None


def _type_within(field: Any, full_name: str) -> str:
    """Name of the field's type when that is nested in the message `full_name` itself, else ""."""
    scope, _, name = field.type_name.rpartition(".")
    return name if scope == f".{full_name}" else ""
