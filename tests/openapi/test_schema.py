"""JSON Schemas take the JSON form of messages and nothing that is refused for its form."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from penstock.openapi.form import Form, PayloadMember
from penstock.openapi.schema import DIALECT, Schemas, message_schema
from penstock.wire.json import JsonCodec
from tests.openapi.conftest import Compiled

Compile = Callable[[str], Compiled]

EVERYTHING = """
import "google/protobuf/any.proto";
import "google/protobuf/duration.proto";
import "google/protobuf/empty.proto";
import "google/protobuf/field_mask.proto";
import "google/protobuf/struct.proto";
import "google/protobuf/timestamp.proto";
import "google/protobuf/wrappers.proto";

enum Colour { COLOUR_UNSPECIFIED = 0; RED = 1; }

message Everything {
  double double_field = 1;
  float float_field = 2;
  int32 int32_field = 3;
  int64 int64_field = 4;
  uint32 uint32_field = 5;
  uint64 uint64_field = 6;
  sint64 number_field = 7 [jstype = JS_NUMBER];
  fixed64 natural_field = 8 [jstype = JS_NUMBER];
  bool bool_field = 9;
  string string_field = 10;
  bytes bytes_field = 11;
  Colour colour = 12;
  Everything child = 13;
  repeated sfixed64 longs = 14;
  repeated Everything children = 15;
  map<string, double> by_name = 16;
  map<int32, Everything> by_number = 17;
  map<uint64, Colour> by_natural = 18;
  map<bool, string> by_truth = 19;
  optional int64 maybe = 20;
  oneof choice {
    string word = 21;
    Colour shade = 22;
    Everything other = 23;
  }
  google.protobuf.Timestamp time = 24;
  google.protobuf.Duration duration = 25;
  google.protobuf.FieldMask mask = 26;
  google.protobuf.Struct struct = 27;
  google.protobuf.Value value = 28;
  google.protobuf.ListValue list = 29;
  google.protobuf.Empty empty = 30;
  google.protobuf.Any any = 31;
  google.protobuf.DoubleValue double_value = 32;
  google.protobuf.Int64Value int64_value = 33;
  google.protobuf.UInt32Value uint32_value = 34;
  google.protobuf.BoolValue bool_value = 35;
  google.protobuf.BytesValue bytes_value = 36;
  google.protobuf.NullValue nothing = 37;
}
"""

FULL: dict[str, Any] = {
    "double_field": 1.5,
    "float_field": "-Infinity",
    "int32_field": -1,
    "int64_field": "-9223372036854775808",
    "uint32_field": 4294967295,
    "uint64_field": "18446744073709551615",
    "number_field": -9007199254740991,
    "natural_field": "18446744073709551615",
    "bool_field": True,
    "string_field": "text",
    "bytes_field": "AP8=",
    "colour": "RED",
    "child": {"double_field": "NaN"},
    "longs": ["1", "2"],
    "children": [{"word": "a"}, {"shade": "RED"}],
    "by_name": {"a": 1, "b": "Infinity"},
    "by_number": {"-1": {"int32_field": 1}},
    "by_natural": {"1": "RED"},
    "by_truth": {"true": "yes", "false": "no"},
    "maybe": "0",
    "other": {},
    "time": "2026-01-01T00:00:00.500Z",
    "duration": "-1.500s",
    "mask": "stringField,child.word",
    "struct": {"a": [1, None, {"b": "c"}]},
    "value": [None, True],
    "list": [1, "a"],
    "empty": {},
    "any": {"@type": "type.googleapis.com/google.protobuf.Duration", "value": "1s"},
    "double_value": "NaN",
    "int64_value": "7",
    "uint32_value": 7,
    "bool_value": False,
    "bytes_value": "",
}


@pytest.fixture(scope="module")
def everything(tmp_path_factory: pytest.TempPathFactory) -> Compiled:
    return Compiled(tmp_path_factory.mktemp("everything"), EVERYTHING)


@pytest.fixture(scope="module")
def validator(everything: Compiled) -> Draft202012Validator:
    schema = message_schema(everything.message("Everything"))
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


@pytest.mark.parametrize("given", [{}, FULL], ids=["empty", "full"])
def test_what_our_codec_prints_fits_the_schema(
    everything: Compiled, validator: Draft202012Validator, given: dict[str, Any]
) -> None:
    message = everything.message("Everything")
    codec = JsonCodec(everything.pool)

    printed = codec.encoder(message)(codec.decoder(message)(given))

    assert set(given) <= set(printed)
    assert [error.message for error in validator.iter_errors(printed)] == []


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("unknown", 1),
        ("double_field", "x"),
        ("int32_field", "1"),
        ("int32_field", 1.5),
        ("int64_field", 1),
        ("int64_field", "1.5"),
        ("uint32_field", -1),
        ("uint64_field", "-1"),
        ("number_field", 2**53 + 1),
        ("natural_field", -1),
        ("bool_field", "true"),
        ("string_field", 1),
        ("bytes_field", "_-"),
        ("colour", "BLUE"),
        ("child", []),
        ("child", {"unknown": 1}),
        ("longs", "1"),
        ("longs", [1]),
        ("by_name", {"a": "x"}),
        ("by_number", {"a": {}}),
        ("by_natural", {"-1": "RED"}),
        ("by_truth", {"yes": "yes"}),
        ("word", "a second member of the oneof"),
        ("time", 0),
        ("duration", "1"),
        ("struct", []),
        ("list", {}),
        ("empty", {"a": 1}),
        ("any", {}),
        ("bool_value", {"value": True}),
    ],
)
def test_what_has_another_form_does_not_fit(validator: Draft202012Validator, member: str, value: object) -> None:
    assert validator.is_valid({"shade": "RED"})
    assert not validator.is_valid({"shade": "RED", member: value})


def test_a_schema_tells_what_the_comments_tell(compiled: Compile) -> None:
    proto = compiled(
        """
        // Something that shines.
        message Lamp {
          // Its colour.
          enum Colour {
            // Not known.
            COLOUR_UNSPECIFIED = 0;
            // Like blood.
            RED = 1;
          }
          // How it looks.
          Colour colour = 1;
          // What it hangs from.
          Lamp above = 2;
          oneof power {
            // In watts.
            int32 watts = 3;
            string label = 4;
          }
        }
        """
    )

    assert message_schema(proto.message("Lamp"), proto.comments) == {
        "$schema": DIALECT,
        "$ref": "#/$defs/test.Lamp",
        "$defs": {
            "test.Lamp": {
                "description": "Something that shines.\n\nAt most one of `watts`, `label`.",
                "type": "object",
                "properties": {
                    "colour": {"description": "How it looks.", "$ref": "#/$defs/test.Lamp.Colour"},
                    "above": {"description": "What it hangs from.", "$ref": "#/$defs/test.Lamp"},
                    "watts": {
                        "description": "In watts.",
                        "type": "integer",
                        "format": "int32",
                        "minimum": -(2**31),
                        "maximum": 2**31 - 1,
                    },
                    "label": {"type": "string"},
                },
                "allOf": [
                    {
                        "oneOf": [
                            {"required": ["watts"]},
                            {"required": ["label"]},
                            {"not": {"anyOf": [{"required": ["watts"]}, {"required": ["label"]}]}},
                        ]
                    }
                ],
                "additionalProperties": False,
            },
            "test.Lamp.Colour": {
                "description": "Its colour.\n\n- `COLOUR_UNSPECIFIED`: Not known.\n- `RED`: Like blood.",
                "type": "string",
                "enum": ["COLOUR_UNSPECIFIED", "RED"],
            },
        },
    }


def test_a_payload_is_shown_as_its_member_in_place_of_the_bytes(compiled: Compile) -> None:
    proto = compiled(
        """
        import "google/protobuf/struct.proto";
        message Call {
          string id = 1;
          // What goes in.
          oneof payload {
            google.protobuf.Struct input = 2;
            bytes input_bytes = 3;
          }
          // What comes out.
          bytes output_bytes = 4;
          int32 sequence = 5;
        }
        """
    )
    form = Form(
        comments=proto.comments,
        payloads={
            "test.Call.input_bytes": PayloadMember("input", {"$ref": "#/$defs/greet.Request"}),
            "test.Call.output_bytes": PayloadMember("output", {"type": "object"}),
        },
        hidden=frozenset({"test.Call.sequence"}),
        open_messages=frozenset({"test.Call"}),
    )

    assert Schemas(form).members(proto.message("Call"), without=["id"]) == {
        "type": "object",
        "properties": {
            "input": {"description": "What goes in.", "$ref": "#/$defs/greet.Request"},
            "output": {"description": "What comes out.", "type": "object"},
        },
    }
