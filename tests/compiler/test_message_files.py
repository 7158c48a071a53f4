"""Message files of several packages as one descriptor set."""

from __future__ import annotations

from google.protobuf import timestamp_pb2
from google.protobuf.descriptor_pb2 import (
    EnumDescriptorProto,
    EnumValueDescriptorProto,
    FileDescriptorProto,
    FileDescriptorSet,
    SourceCodeInfo,
)

from penstock.engine.compiler.message_files import merge
from penstock.wire.gen.package_pb2 import Package
from tests.compiler.packages import descriptor_set, message, message_file


def package(name: str, *files: FileDescriptorProto) -> Package:
    return Package(name=name, descriptors=descriptor_set(*files))


def merged(*packages: Package) -> list[str]:
    result = merge({p.name: p for p in packages})
    assert result.problems == ()
    return [file.name for file in FileDescriptorSet.FromString(result.descriptors).file]


def problems(*packages: Package) -> list[str]:
    result = merge({p.name: p for p in packages})
    assert (result.descriptors, result.types) == (b"", None)
    return [str(problem) for problem in result.problems]


TIMESTAMP = FileDescriptorProto.FromString(timestamp_pb2.DESCRIPTOR.serialized_pb)
ORDERS = message_file("orders", message("Order", id="string"))


def test_files_come_after_what_they_depend_on_and_once() -> None:
    billing = message_file("billing", message("Bill", id="string"))
    billing.dependency.extend(["google/protobuf/timestamp.proto", "orders/messages.proto"])
    assert merged(package("billing", TIMESTAMP, ORDERS, billing), package("orders", ORDERS)) == [
        "google/protobuf/timestamp.proto",
        "orders/messages.proto",
        "billing/messages.proto",
    ]


def test_order_of_packages_changes_nothing() -> None:
    first, second = package("orders", TIMESTAMP, ORDERS), package("a", message_file("a", message("A", id="string")))
    assert merge({"orders": first, "a": second}).descriptors == merge({"a": second, "orders": first}).descriptors


def test_comments_and_spelled_out_json_names_are_no_difference() -> None:
    commented = FileDescriptorProto()
    commented.CopyFrom(ORDERS)
    commented.source_code_info.location.append(SourceCodeInfo.Location(path=[4, 0], leading_comments=" An order."))
    commented.message_type[0].field[0].json_name = "id"
    assert merged(package("a", commented), package("b", ORDERS)) == ["orders/messages.proto"]


def test_shared_google_files_may_differ() -> None:
    older = FileDescriptorProto()
    older.CopyFrom(TIMESTAMP)
    older.options.ClearField("go_package")
    assert merged(package("a", older), package("b", TIMESTAMP)) == ["google/protobuf/timestamp.proto"]


def test_file_that_two_packages_define_differently_is_a_problem() -> None:
    other = message_file("orders", message("Order", id="int64"))
    assert problems(package("a", ORDERS), package("b", other)) == [
        "file orders/messages.proto: packages a and b define it differently"
    ]


def test_message_that_two_files_define_is_a_problem() -> None:
    copy = message_file("orders", message("Order", id="string"), name="b/messages.proto")
    assert problems(package("orders", ORDERS), package("b", copy)) == [
        "message orders.Order: packages b and orders both define it, in b/messages.proto and orders/messages.proto"
    ]


def test_names_that_collide_otherwise_are_a_problem() -> None:
    paid, sent = (
        FileDescriptorProto(
            name=f"{name}/messages.proto",
            package="shop",
            syntax="proto3",
            enum_type=[EnumDescriptorProto(name=name, value=[EnumValueDescriptorProto(name="UNKNOWN", number=0)])],
        )
        for name in ("Paid", "Sent")
    )
    [problem] = problems(package("a", paid), package("b", sent))
    assert problem.startswith("message files: ") and "shop.UNKNOWN" in problem
