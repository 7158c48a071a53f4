"""Packages that bring .proto files: their code works with the messages themselves."""

from __future__ import annotations

from pathlib import Path

import pytest

from penstock.engine.nodes.codecs import WrongInput, WrongOutput
from penstock.wire.types import TypePool
from tests.nodes.folders import load, problems_of

PROTO = """syntax = "proto3";
package shop;
import "api/money.proto";
import "google/protobuf/timestamp.proto";
import "google/type/date.proto";
// One order.
message Order {
  enum Status { OPEN = 0; PAID = 1; }
  string id = 1;
  Status status = 2;
  shop.api.Money total = 3;
  google.protobuf.Timestamp at = 4;
  google.type.Date day = 5;
  repeated Order parts = 6;
}
enum Color { RED = 0; GREEN = 1; }
"""
MONEY = 'syntax = "proto3";\npackage shop.api;\nmessage Money { int64 cents = 1; }\n'
NODES = """
from collections.abc import AsyncIterator
from penstock.sdk import node, pipeline
from .messages_pb2 import GREEN, Color, Order
from .api.money_pb2 import Money
from . import messages_pb2

@node
def pay(order: Order) -> messages_pb2.Order:
    assert (GREEN, Color.Name(GREEN)) == (1, "GREEN")
    return Order(id=order.id, status=Order.PAID, total=Money(cents=order.total.cents + 1))

@pipeline
async def split(order: "Order") -> "AsyncIterator[Money]":
    for _ in range(order.total.cents):
        yield Money(cents=1)
"""
FILES = {"messages.proto": PROTO, "api/money.proto": MONEY, "nodes.py": NODES}


async def test_messages_of_the_files_are_what_nodes_take_and_give(tmp_path: Path) -> None:
    package = await load(tmp_path, FILES)
    types = TypePool(package.descriptors)
    order = types.message("shop.Order")
    pay, split = package.nodes["pay"], package.nodes["split"]

    paid = pay.encode(pay.function(pay.decode(order(id="x", total={"cents": 4}).SerializeToString())))

    assert order.FromString(paid) == order(id="x", status=1, total={"cents": 5})
    assert (pay.input_type, pay.output_type, split.output_type) == ("shop.Order", "shop.Order", "shop.api.Money")
    frames = [split.encode(frame) async for frame in split.function(split.decode(paid))]
    assert frames == [b"\x08\x01"] * 5
    assert types.descriptor("shop.Order").file.name == "shop/messages.proto"
    assert types.descriptor("shop.api.Money").file.name == "shop/api/money.proto"


async def test_something_else_than_the_message_is_refused(tmp_path: Path) -> None:
    package = await load(tmp_path, FILES)
    pay = package.nodes["pay"]
    other_pool = TypePool(package.descriptors).message("shop.Order")
    found = []
    for value in ({"id": "x"}, None, package.nodes["split"].function.__globals__["Money"](), other_pool()):
        with pytest.raises(WrongOutput) as caught:
            pay.encode(value)
        found.append(str(caught.value))
    assert found == [f"pay returned {word}, expected Order" for word in ("dict", "None", "Money", "Order")]
    with pytest.raises(WrongInput, match="pay cannot take its input as Order: "):
        pay.decode(b"\xff")


async def test_messages_that_are_too_deep_are_refused(tmp_path: Path) -> None:
    pay = (await load(tmp_path, FILES)).nodes["pay"]
    root = order = pay.decode(b"")
    for _ in range(101):
        order = order.parts.add()
    with pytest.raises(WrongOutput, match="expected at most 100 levels of messages in one another"):
        pay.encode(root)


async def test_required_field_that_is_not_set_is_refused(tmp_path: Path) -> None:
    proto = 'syntax = "proto2";\npackage shop;\nmessage Old { required int32 a = 1; }\n'
    nodes = "from penstock.sdk import node\nfrom .messages_pb2 import Old\n@node\ndef f(x: Old) -> Old: ...\n"
    f = (await load(tmp_path, {"messages.proto": proto, "nodes.py": nodes})).nodes["f"]
    with pytest.raises(WrongOutput, match=r"f returned Old that cannot be serialized: .*\ba\b"):
        f.encode(f.function.__globals__["Old"]())


async def test_every_problem_of_the_files_is_told_with_its_place(tmp_path: Path) -> None:
    proto = (
        'syntax = "proto3";\npackage shop;\nimport "gone.proto";\nmessage A {\n  Missing b = 1;\n  int32 c = 1;\n}\n'
        'import "google/protobuf/any.proto";\n'
    )
    found = await problems_of(tmp_path, {"messages.proto": proto, "other.proto": "message {\n", "nodes.py": NODES})
    assert sorted({problem.partition(": ")[0] for problem in found}) == [
        "gone.proto",
        "messages.proto:3:1",
        "messages.proto:5:3",
        "messages.proto:6:13",
        "other.proto:1:9",
    ]
    assert 'messages.proto:5:3: "Missing" is not defined.' in found


async def test_files_of_a_package_cannot_shadow_python_itself(tmp_path: Path) -> None:
    broken = dict.fromkeys(("random.py", "grpc_tools.py"), "raise RuntimeError\n")
    package = await load(tmp_path, FILES | broken)
    assert list(package.nodes) == ["pay", "split"]


async def test_reserved_proto_package_is_refused(tmp_path: Path) -> None:
    files = {"messages.proto": 'syntax = "proto3";\npackage penstock.v1;\nmessage A {}\n', "nodes.py": NODES}
    assert await problems_of(tmp_path, files) == [
        "messages.proto: its proto package is reserved "
        "(expected a package of your own, such as the name in penstock.yaml, found penstock.v1)"
    ]


async def test_dataclasses_do_not_work_beside_proto_files(tmp_path: Path) -> None:
    nodes = (
        "from dataclasses import dataclass\nfrom penstock.sdk import node\n"
        "from google.protobuf.struct_pb2 import Struct\n"
        "@dataclass\nclass A:\n    a: int\n@node\ndef f(x: A) -> Struct: ...\n"
    )
    words = "has the wrong annotation (expected a message from the package's .proto files, found"
    assert await problems_of(tmp_path, {**FILES, "nodes.py": nodes}) == [
        f"nodes.py:7: node f: the parameter x {words} A)",
        f"nodes.py:7: node f: what it returns {words} Struct)",
    ]


async def test_import_of_messages_as_if_they_were_installed_is_explained(tmp_path: Path) -> None:
    assert await problems_of(tmp_path, {**FILES, "nodes.py": "from messages_pb2 import Order\n"}) == [
        "nodes.py:1: there is no module messages_pb2; the messages of a package's own files come with: "
        "from .messages_pb2 import …"
    ]
