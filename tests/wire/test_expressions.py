"""CEL over messages: what compiles, what it gives, and how a mistake is explained."""

from __future__ import annotations

import pytest
from google.protobuf import struct_pb2
from google.protobuf.descriptor_pb2 import (
    DescriptorProto,
    EnumDescriptorProto,
    EnumValueDescriptorProto,
    FieldDescriptorProto,
    FileDescriptorProto,
    FileDescriptorSet,
    OneofDescriptorProto,
)
from google.protobuf.message import Message

from penstock.wire.expressions import ANY_TYPE, EvaluationError, ExpressionError, Expressions
from penstock.wire.types import TypePool

Field = FieldDescriptorProto


def _field(name: str, number: int, kind: int, *, many: bool = False, of: str = "", oneof: int | None = None) -> Field:
    label = Field.LABEL_REPEATED if many else Field.LABEL_OPTIONAL
    return Field(name=name, number=number, type=kind, label=label, type_name=of or None, oneof_index=oneof)


CITY = DescriptorProto(name="City", field=[_field("name", 1, Field.TYPE_STRING)])
TRIP = DescriptorProto(
    name="Trip",
    field=[
        _field("km", 1, Field.TYPE_INT32),
        _field("price", 2, Field.TYPE_DOUBLE),
        _field("seats", 3, Field.TYPE_UINT32),
        _field("to", 4, Field.TYPE_MESSAGE, of=".trips.City"),
        _field("stops", 5, Field.TYPE_STRING, many=True),
        _field("class", 6, Field.TYPE_ENUM, of=".trips.Class"),
        _field("in", 7, Field.TYPE_STRING),
        _field("facts", 8, Field.TYPE_MESSAGE, of=".google.protobuf.Struct"),
        _field("train", 9, Field.TYPE_STRING, oneof=0),
        _field("bus", 10, Field.TYPE_STRING, oneof=0),
    ],
    oneof_decl=[OneofDescriptorProto(name="by")],
)
CLASS = EnumDescriptorProto(
    name="Class",
    value=[EnumValueDescriptorProto(name="SECOND", number=0), EnumValueDescriptorProto(name="FIRST", number=1)],
)
FILES = [
    FileDescriptorProto.FromString(struct_pb2.DESCRIPTOR.serialized_pb),
    FileDescriptorProto(
        name="trips/messages.proto",
        package="trips",
        syntax="proto3",
        dependency=["google/protobuf/struct.proto"],
        message_type=[CITY, TRIP],
        enum_type=[CLASS],
    ),
    FileDescriptorProto(name="in/messages.proto", package="in", syntax="proto3", message_type=[CITY]),
]
TYPES = TypePool(FileDescriptorSet(file=FILES).SerializeToString())
OVER_TRIPS = Expressions(TYPES, {"output": "trips.Trip", "input": "trips.City"})


def trip(**fields: object) -> Message:
    return TYPES.message("trips.Trip")(**fields)


def city(name: str = "Oslo") -> Message:
    return TYPES.message("trips.City")(name=name)


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("output.km > 100", True),
        ("output.km > 100 && output.to.name == input.name", False),
        ("output.stops.exists(stop, stop.startsWith('Ham'))", True),
        ("output.class == trips.Class.FIRST", True),
        ("has(output.to) && !has(output.facts)", True),
        ("output.`in` == ''", True),
        ("input.name.lowerAscii() == 'oslo' && math.greatest(output.km, 7) == 300", True),
        ("output.km > 100 // far", True),
    ],
)
def test_condition_holds_or_not(text: str, holds: bool) -> None:
    output = trip(km=300, to=city("Bergen"), stops=["Hamar", "Lillehammer"], **{"class": 1})
    assert OVER_TRIPS.condition(text).holds(output=output, input=city()) is holds


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("output.kmm > 1", "trips.Trip has no field kmm; did you mean km? (at character 7)"),
        ("input.zzz == ''", "trips.City has no field zzz; it has name (at character 6)"),
        ("output.km > 'far'", "> does not take (int, string) (at character 11)"),
        ("output.km", "wrong type"),
        ("outputs.km > 1", "outputs.km is not known; the variables are input, output (at character 8)"),
        ("output.stops['a'] == 'b'", "[ ] does not take (list(string), string) (at character 13)"),
        ("output.km in output.price", "in does not take (int, double) (at character 11)"),
        ("output.km ? true : false", "? : does not take (int, bool, bool) (at character 11)"),
        ("!output.km", "! does not take (int) (at character 1)"),
        ("size(1) > 0", "size does not take (int) (at character 5)"),
        ("", "not a CEL expression: it ends too early (at character 1)"),
        ("output.km >", "not a CEL expression: it ends too early (at character 12)"),
        ("output..km", "not a CEL expression: unexpected .. (at character 8)"),
        ("output.km = 3", "not a CEL expression: unexpected = (at character 11)"),
        ("output.km > 1 and true", "not a CEL expression: unexpected and (at character 15)"),
        ("true &&\n  output.kmm > 1", "trips.Trip has no field kmm; did you mean km? (at line 2, character 9)"),
        ("(" * 40 + "true" + ")" * 40, "nested deeper than 32 levels"),
        ("true" + " && true" * 20_000, "160004 characters long, at most 100000 are read"),
        ("1 == 9223372036854775808", "invalid int literal (at character 6)"),
        (
            "input.a || input.b",
            "trips.City has no field a; it has name (at character 6); "
            "trips.City has no field b; it has name (at character 17)",
        ),
    ],
)
def test_wrong_condition_is_explained_in_one_sentence(text: str, problem: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        OVER_TRIPS.condition(text)
    assert str(caught.value) == problem


@pytest.mark.parametrize(
    ("text", "found"),
    [("output.km", "int"), ("output.stops", "list(string)"), ("output.to", "trips.City"), ("output.facts.late", "dyn")],
)
def test_condition_of_another_type_names_both_types(text: str, found: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        OVER_TRIPS.condition(text)
    assert [(p.expected, p.found) for p in caught.value.problems] == [("bool", found)]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("output.stops[3] == 'a'", "Index error: index=3 size=0"),
        ("10 / output.km > 1", "divide by zero"),
        ("output.facts.late == true", 'Key not found in map : "late"'),
        ("size({1: 1, 1 + output.km: 2}) > 0", "duplicate key in map"),
    ],
)
def test_condition_without_a_value_raises_what_went_wrong(text: str, message: str) -> None:
    with pytest.raises(EvaluationError) as caught:
        OVER_TRIPS.condition(text).holds(output=trip(), input=city())
    assert str(caught.value) == message


def test_comprehension_over_too_many_items_is_stopped() -> None:
    condition = OVER_TRIPS.condition("output.stops.all(stop, stop != '')")
    with pytest.raises(EvaluationError) as caught:
        condition.holds(output=trip(stops=["a"] * 10_001), input=city())
    assert str(caught.value) == "Iteration budget exceeded"


def test_variable_of_any_type_passes_the_check() -> None:
    expressions = Expressions(TYPES, {"output": "trips.Trip", "input": ANY_TYPE})
    assert expressions.condition("input.anything > output.km").text == "input.anything > output.km"


def test_transform_builds_the_target_message() -> None:
    transform = OVER_TRIPS.transform(
        "trips.Trip",
        {
            "price": "output.price * 2.0",
            "km": "output.km + 1 // one more",
            "to": "trips.City{name: input.name}",
            "stops": "output.stops.map(stop, stop + '!')",
            "class": "trips.Class.FIRST",
            "in": "'here'",
            "facts": "{'late': true}",
        },
    )
    built = transform.apply(output=trip(km=1, price=1.5, stops=["a"]), input=city())
    expected = trip(km=2, price=3.0, to=city(), stops=["a!"], facts={"late": True}, **{"class": 1, "in": "here"})
    assert TYPES.message("trips.Trip").FromString(built) == expected


def test_transform_text_lists_the_fields_in_declaration_order_and_can_be_loaded() -> None:
    text = OVER_TRIPS.transform("trips.Trip", {"in": "'x'", "seats": "uint(output.km)", "km": "7"}).text
    assert text == "trips.Trip{km: 7, seats: uint(output.km), `in`: 'x'}"
    loaded = OVER_TRIPS.load_transform(text)
    assert TYPES.message("trips.Trip").FromString(loaded.apply(output=trip(km=3), input=city())) == trip(
        km=7, seats=3, **{"in": "x"}
    )


def test_transform_out_of_the_range_of_its_field_raises() -> None:
    transform = OVER_TRIPS.transform("trips.Trip", {"km": "output.km * 1000000"})
    with pytest.raises(EvaluationError) as caught:
        transform.apply(output=trip(km=3_000), input=city())
    assert str(caught.value) == "int64 to int32 overflow"


def test_transform_reports_the_problems_of_all_fields() -> None:
    fields = {
        "price": "output.km",
        "km": "output.kmm",
        "stop": "'x'",
        "to": "output",
        "seats": "3,",
        "train": "''",
        "bus": "''",
    }
    with pytest.raises(ExpressionError) as caught:
        OVER_TRIPS.transform("trips.Trip", fields)
    assert [(p.field, str(p), p.expected, p.found) for p in caught.value.problems] == [
        ("", "train and bus are alternatives of by; map one of them", "", ""),
        ("km", "trips.Trip has no field kmm; did you mean km? (at character 7)", "", ""),
        ("price", "wrong type; write double(…)", "double", "int"),
        ("seats", "not a CEL expression: unexpected , (at character 2)", "", ""),
        ("stop", "trips.Trip has no field stop; did you mean stops?", "", ""),
        ("to", "wrong type", "trips.City", "trips.Trip"),
    ]


@pytest.mark.parametrize(
    ("target", "problem"),
    [
        ("google.protobuf.Struct", "a map cannot build google.protobuf.Struct"),
        ("in.City", "a map cannot build in.City: in is a keyword of CEL"),
    ],
)
def test_message_that_cel_cannot_write_is_refused_as_a_target(target: str, problem: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        OVER_TRIPS.transform(target, {"name": "'x'"})
    assert str(caught.value) == problem


def test_text_cannot_break_out_of_its_field() -> None:
    with pytest.raises(ExpressionError) as caught:
        OVER_TRIPS.transform("trips.City", {"name": "'a'}.name + trips.City{name: 'b'"})
    assert str(caught.value) == "name: not a CEL expression: unexpected } (at character 4)"
