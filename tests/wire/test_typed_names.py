"""Names of typed services."""

from __future__ import annotations

import keyword
import re

import pytest
from google.protobuf import descriptor_pool
from google.protobuf.descriptor_pb2 import FileDescriptorProto, ServiceDescriptorProto

from penstock.engine.compiler.naming import class_name, service_name


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
    assert service_name("order_total", 3) == "flows.order_total.v3.OrderTotal"


PROTO_WORDS = ("message", "service", "rpc", "stream", "returns", "option", "package", "syntax", "enum", "oneof", "map")


@pytest.mark.parametrize("flow", [*(word for word in keyword.kwlist if word.islower()), *PROTO_WORDS, "none", "true"])
def test_keywords_of_python_and_proto_give_names_that_both_take(flow: str) -> None:
    full_name = service_name(flow, 1)
    package, _, name = full_name.rpartition(".")
    assert re.fullmatch(r"[A-Z][A-Za-z0-9]*", name) and not keyword.iskeyword(name)
    file = FileDescriptorProto(
        name=f"{flow}.proto", package=package, syntax="proto3", service=[ServiceDescriptorProto(name=name)]
    )
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    assert pool.FindServiceByName(full_name).full_name == full_name
