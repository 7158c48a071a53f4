"""Names of typed services."""

from __future__ import annotations

import keyword
import re

import pytest
from google.protobuf import descriptor_pool
from google.protobuf.descriptor_pb2 import FileDescriptorProto, ServiceDescriptorProto

from penstock.wire.typed import ServiceName, class_name


@pytest.mark.parametrize(
    ("flow", "name"),
    [
        ("hello", "Hello"),
        ("order_total", "OrderTotal"),
        ("a__b_", "AB"),
        ("v2_of_3d", "V2Of3d"),
        ("class", "Class"),
        ("import", "Import"),
        ("none", "NoneFlow"),
        ("true", "TrueFlow"),
        ("false", "FalseFlow"),
    ],
)
def test_class_name_is_the_flow_in_camel_case(flow: str, name: str) -> None:
    assert class_name(flow) == name


def test_service_name_carries_the_flow_and_the_version() -> None:
    assert str(ServiceName("order_total", 3)) == "flows.order_total.v3.OrderTotal"


PROTO_WORDS = ("message", "service", "rpc", "stream", "returns", "option", "package", "syntax", "enum", "oneof", "map")


@pytest.mark.parametrize("flow", [*(word for word in keyword.kwlist if word.islower()), *PROTO_WORDS, "none", "true"])
def test_keywords_of_python_and_proto_give_names_that_both_take(flow: str) -> None:
    full_name = str(ServiceName(flow, 1))
    package, _, name = full_name.rpartition(".")
    assert re.fullmatch(r"[A-Z][A-Za-z0-9]*", name) and not keyword.iskeyword(name)
    file = FileDescriptorProto(
        name=f"{flow}.proto", package=package, syntax="proto3", service=[ServiceDescriptorProto(name=name)]
    )
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    assert pool.FindServiceByName(full_name).full_name == full_name
    assert ServiceName.parse(full_name) == ServiceName(flow, 1)


@pytest.mark.parametrize("name", [ServiceName("hello", None), ServiceName("a__b_", 12), ServiceName("v1", None)])
def test_a_name_is_read_as_it_is_written(name: ServiceName) -> None:
    assert ServiceName.parse(str(name)) == name


@pytest.mark.parametrize(
    "text",
    [
        "flows.hello.v0.Hello",
        "flows.hello.v01.Hello",
        "flows.hello.v1.Hallo",
        "flows.hello.v1.hello",
        "flows.Hello.v1.Hello",
        "flows.hello.v1",
        "flows.hello",
        "penstock.v1.FlowService",
        "flows.hello.v1.Hello\n",
        "",
    ],
)
def test_what_no_service_is_called_is_none(text: str) -> None:
    assert ServiceName.parse(text) is None
