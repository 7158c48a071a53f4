"""Messages without the values of their sensitive fields, and what is said of those that do not fit."""

from __future__ import annotations

from typing import Any

import pytest
from google.protobuf.descriptor_pb2 import FieldDescriptorProto, FileDescriptorProto, FileDescriptorSet

from penstock.wire.json import JsonError
from penstock.wire.sensitive import Redactor, has_sensitive, redacted, unmarked
from penstock.wire.types import TypePool

_F = FieldDescriptorProto
_OPTIONAL, _REPEATED, _REQUIRED = _F.LABEL_OPTIONAL, _F.LABEL_REPEATED, _F.LABEL_REQUIRED


def types(*fields: tuple[str, Any, int, bool], syntax: str = "proto3") -> TypePool:
    """Message t.M with these fields, each a name, a type or message name, a label and whether it is sensitive."""
    file = FileDescriptorProto(name="t.proto", package="t", syntax=syntax)
    message = file.message_type.add(name="M")
    for number, (name, kind, label, is_sensitive) in enumerate(fields, 1):
        added = message.field.add(name=name, number=number, label=label)
        if isinstance(kind, str):
            added.type, added.type_name = _F.TYPE_MESSAGE, kind
        else:
            added.type = kind
        if is_sensitive:
            added.options.debug_redact = True
    file.message_type.add(name="Open").field.add(name="text", number=1, type=_F.TYPE_STRING, label=_OPTIONAL)
    return TypePool(FileDescriptorSet(file=[file]).SerializeToString())


PLAIN = types(("text", _F.TYPE_STRING, _OPTIONAL, False), ("again", ".t.M", _OPTIONAL, False))
MIXED = types(
    ("text", _F.TYPE_STRING, _OPTIONAL, True),
    ("open", _F.TYPE_STRING, _OPTIONAL, False),
    ("number", _F.TYPE_INT32, _OPTIONAL, True),
    ("raw", _F.TYPE_BYTES, _OPTIONAL, True),
    ("texts", _F.TYPE_STRING, _REPEATED, True),
    ("held", ".t.Open", _OPTIONAL, True),
    ("again", ".t.M", _OPTIONAL, False),
    ("many", ".t.M", _REPEATED, False),
)


def test_a_message_that_holds_itself_is_looked_at_once() -> None:
    assert not has_sensitive(PLAIN.descriptor("t.M"))
    assert has_sensitive(MIXED.descriptor("t.M"))
    assert not has_sensitive(MIXED.descriptor("t.Open"))


def test_values_are_taken_out_at_every_depth_and_the_rest_stays() -> None:
    inner = {"text": "a", "open": "b"}
    message = MIXED.message("t.M")(
        text="x", open="y", number=7, raw=b"z", texts=["q"], held={"text": "h"}, again=inner, many=[inner, {}]
    )
    hidden = {"text": "[redacted]", "open": "b"}
    wanted = MIXED.message("t.M")(text="[redacted]", open="y", again=hidden, many=[hidden, {}])
    assert redacted(message) == wanted
    assert message.text == "x"
    assert list(Redactor(message.DESCRIPTOR).values(message)) == ["x", 7, b"z", "q", "h", "a", "a"]


def test_what_is_not_set_stays_so() -> None:
    message = MIXED.message("t.M")(open="y")
    assert redacted(message) == message


def test_a_message_without_sensitive_fields_is_given_as_it_is() -> None:
    message = PLAIN.message("t.M")(text="x")
    assert redacted(message) is message


def test_what_a_type_does_not_know_goes_too() -> None:
    later = MIXED.message("t.M").FromString(MIXED.message("t.M")(open="y").SerializeToString() + b"\x7a\x01x")
    assert redacted(later).SerializeToString() == MIXED.message("t.M")(open="y").SerializeToString()


def test_what_is_required_is_there_without_its_value() -> None:
    pool = types(
        ("text", _F.TYPE_STRING, _REQUIRED, True),
        ("number", _F.TYPE_INT32, _REQUIRED, True),
        ("held", ".t.Open", _REQUIRED, True),
        syntax="proto2",
    )
    message = redacted(pool.message("t.M")(text="x", number=7, held={"text": "h"}))
    assert message.IsInitialized()
    assert (message.text, message.number, message.held.text) == ("[redacted]", 0, "")


def test_a_mark_that_a_reader_lacks_is_found_by_its_path() -> None:
    bare = types(*((name, kind, label, False) for name, kind, label in _shape(MIXED)))
    assert unmarked(MIXED.descriptor("t.M"), MIXED.descriptor("t.M")) is None
    assert unmarked(bare.descriptor("t.M"), MIXED.descriptor("t.M")) is None
    assert unmarked(MIXED.descriptor("t.M"), bare.descriptor("t.M")) == "text"


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ({"text": 4242}, "text: expected string, got another value"),
        ({"number": "4242x"}, "number: expected int32, got another value"),
        ({"raw": "4242*"}, "raw: expected bytes in base64, got another value"),
        ({"texts": ["a", 4242]}, "texts: expected string, got another value"),
        ({"held": {"4242": 1}}, "held: unknown field, expected one of text"),
        ({"many": [{"number": 1e99}]}, "many[0].number: expected int32 (-2147483648 to 2147483647), got another value"),
        ({"open": 4242}, "open: expected string, got 4242"),
    ],
)
def test_errors_of_json_name_the_field_and_not_the_value(value: Any, said: str) -> None:
    with pytest.raises(JsonError) as error:
        MIXED.json.decoder(MIXED.descriptor("t.M"))(value)
    assert str(error.value).startswith(said)


def _shape(pool: TypePool) -> list[tuple[str, Any, int]]:
    fields = pool.descriptor("t.M").fields
    return [
        (
            field.name,
            f".{field.message_type.full_name}" if field.message_type is not None else field.type,
            _REPEATED if field.is_repeated else _OPTIONAL,
        )
        for field in fields
    ]
