"""Describes the JSON form of protobuf messages as JSON Schema 2020-12.

The form is that of penstock.wire.json: snake_case names, int64 as string unless jstype is JS_NUMBER, enums by
name, bytes in base64, well-known types as protobuf says. A schema takes what we print and what callers are told
to send; it leaves out the other spellings that protobuf JSON reads too.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from google.protobuf.descriptor import Descriptor, EnumDescriptor, FieldDescriptor

from penstock.openapi.form import Form, Schema
from penstock.openapi.scalars import WELL_KNOWN, key_schema, scalar_schema
from penstock.wire.sensitive import is_sensitive

DIALECT = "https://json-schema.org/draft/2020-12/schema"
SENSITIVE = "x-penstock-sensitive"
_NULL = "google.protobuf.NullValue"


def message_schema(message: Descriptor, comments: Mapping[str, str] | None = None) -> Schema:
    """A document of its own for one message, with all that it refers to."""
    schemas = Schemas(Form(comments=comments or {}))
    root = schemas.message(message)
    return {"$schema": DIALECT, **root, "$defs": dict(sorted(schemas.definitions.items()))}


class Schemas:
    """The schemas of messages and of all that they refer to, each built once, into `definitions`."""

    def __init__(self, form: Form) -> None:
        self._form = form
        self.definitions: dict[str, Schema] = {}
        self._waiting: list[tuple[str, Descriptor]] = []
        self._is_filling = False

    def message(self, message: Descriptor) -> Schema:
        """A reference to the definition of a message, or the whole schema of a well-known one."""
        known = WELL_KNOWN.get(message.full_name)
        if known is not None:
            return dict(known)
        name = self._form.definition(message.full_name)
        if name not in self.definitions:
            self.definitions[name] = {}  # taken, for messages that contain themselves
            self._waiting.append((name, message))
            self._fill()
        return {"$ref": f"{self._form.prefix}{name}"}

    def _fill(self) -> None:
        """One message after the other, because types may refer to one another further than calls may go."""
        if self._is_filling:
            return
        self._is_filling = True
        while self._waiting:
            name, message = self._waiting.pop()
            self.definitions[name] = self.members(message)
        self._is_filling = False

    def members(self, message: Descriptor, without: Collection[str] = ()) -> Schema:
        """The object of a message as a schema in place. `without` names fields that stand elsewhere."""
        properties = self._properties(message, without)
        exclusive = [names for names in _exclusive(message, properties) if len(names) > 1]
        notes = [f"At most one of {', '.join(f'`{name}`' for name in names)}." for names in exclusive]
        schema: Schema = {"type": "object", "properties": properties}
        if exclusive:
            # Not oneOf beside the properties, which would make a union of the message to those who read types from it.
            schema["allOf"] = [_at_most_one(names) for names in exclusive]
        if required := [field.name for field in message.fields if field.is_required and field.name in properties]:
            schema["required"] = required
        if message.full_name not in self._form.open_messages:
            schema["additionalProperties"] = False
        return _described("\n\n".join(filter(None, [self._comment(message.full_name), *notes])), schema)

    def field(self, field: FieldDescriptor) -> Schema:
        """All that stands under the name of a field: an array or an object for a repeated field or a map."""
        schema = self._form.bounds.get(field.full_name) or self._field(field)
        return _described(self._comment(field.full_name), {**schema, **_marks(field)})

    def _properties(self, message: Descriptor, without: Collection[str]) -> dict[str, Schema]:
        fields = [f for f in message.fields if f.name not in without and f.full_name not in self._form.hidden]
        payloads = {f.full_name: self._form.payloads[f.full_name] for f in fields if f.full_name in self._form.payloads}
        replaced = {payload.name for payload in payloads.values()}
        properties: dict[str, Schema] = {}
        for field in fields:
            payload = payloads.get(field.full_name)
            if payload is not None:
                # The comment of the oneof tells what it is; those of its fields tell JSON and protobuf apart.
                about = field.containing_oneof or field
                properties[payload.name] = _described(self._comment(about.full_name), payload.schema)
            elif field.name not in replaced:
                properties[field.name] = self.field(field)
        return properties

    def _field(self, field: FieldDescriptor) -> Schema:
        entry = field.message_type
        if entry is not None and entry.GetOptions().map_entry:
            schema: Schema = {"type": "object", "additionalProperties": self._value(entry.fields_by_name["value"])}
            keys = key_schema(entry.fields_by_name["key"])
            return schema if keys is None else {**schema, "propertyNames": keys}
        if field.is_repeated:
            return {"type": "array", "items": self._value(field)}
        return self._value(field)

    def _value(self, field: FieldDescriptor) -> Schema:
        if field.message_type is not None:
            return self.message(field.message_type)
        if field.enum_type is not None:
            return self._enum(field.enum_type)
        return scalar_schema(field)

    def _enum(self, enum: EnumDescriptor) -> Schema:
        if enum.full_name == _NULL:
            return {"type": "null"}
        name = self._form.definition(enum.full_name)
        if name not in self.definitions:
            meanings = {value.name: self._comment(f"{enum.full_name}.{value.name}") for value in enum.values}
            listed = "\n".join(f"- `{value}`: {meaning}" for value, meaning in meanings.items() if meaning)
            description = "\n\n".join(filter(None, [self._comment(enum.full_name), listed]))
            self.definitions[name] = _described(description, {"type": "string", "enum": list(meanings)})
        return {"$ref": f"{self._form.prefix}{name}"}

    def _comment(self, full_name: str) -> str:
        return self._form.comments.get(full_name, "")


def _marks(field: FieldDescriptor) -> Schema:
    """What is said of a sensitive field; forms hide what is typed into one of text."""
    if not is_sensitive(field):
        return {}
    is_text = field.type == FieldDescriptor.TYPE_STRING and not field.is_repeated
    return {**({"format": "password"} if is_text else {}), SENSITIVE: True}


def _exclusive(message: Descriptor, properties: Collection[str]) -> list[list[str]]:
    """The members of each oneof that are shown under their own names."""
    return [[field.name for field in oneof.fields if field.name in properties] for oneof in message.oneofs]


def _at_most_one(names: list[str]) -> Schema:
    """Grows with the number of names; a word for each pair of them would grow with its square."""
    each = [{"required": [name]} for name in names]
    return {"oneOf": [*each, {"not": {"anyOf": each}}]}


def _described(description: str, schema: Schema) -> Schema:
    return {"description": description, **schema} if description else schema
