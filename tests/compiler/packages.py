"""Packages for the compiler's tests, made in memory: two shops' worth of messages, no code."""

from __future__ import annotations

from google.protobuf.descriptor_pb2 import DescriptorProto, FieldDescriptorProto, FileDescriptorProto, FileDescriptorSet
from google.protobuf.duration_pb2 import Duration

from penstock.wire.gen.package_pb2 import Package, PackageNode

_SCALARS = {
    "string": FieldDescriptorProto.TYPE_STRING,
    "int32": FieldDescriptorProto.TYPE_INT32,
    "int64": FieldDescriptorProto.TYPE_INT64,
    "uint32": FieldDescriptorProto.TYPE_UINT32,
    "bool": FieldDescriptorProto.TYPE_BOOL,
    "double": FieldDescriptorProto.TYPE_DOUBLE,
}


def message(name: str, /, **fields: str) -> DescriptorProto:
    """A message with these fields, numbered from 1: `total="int64"`, `lines="repeated orders.Line"`."""
    built = DescriptorProto(name=name)
    for number, (field, kind) in enumerate(fields.items(), 1):
        repeated, kind = kind.startswith("repeated "), kind.removeprefix("repeated ")
        label = FieldDescriptorProto.LABEL_REPEATED if repeated else FieldDescriptorProto.LABEL_OPTIONAL
        added = built.field.add(name=field, number=number, label=label)
        if kind in _SCALARS:
            added.type = _SCALARS[kind]
        else:
            added.type, added.type_name = FieldDescriptorProto.TYPE_MESSAGE, f".{kind}"
    return built


def message_file(package: str, *messages: DescriptorProto, name: str = "") -> FileDescriptorProto:
    return FileDescriptorProto(
        name=name or f"{package}/messages.proto", package=package, syntax="proto3", message_type=messages
    )


def descriptor_set(*files: FileDescriptorProto) -> bytes:
    return FileDescriptorSet(file=files).SerializeToString()


def node(name: str, input_type: str, output_type: str, *, pipeline: bool = False, timeout_s: int = 0) -> PackageNode:
    return PackageNode(
        name=name,
        type=PackageNode.Type.PIPELINE if pipeline else PackageNode.Type.UNARY,
        input=input_type,
        output=output_type,
        timeout=Duration(seconds=timeout_s) if timeout_s else None,
    )


ORDERS = Package(
    name="orders",
    version="1.0.0",
    digest="0" * 64,
    descriptors=descriptor_set(
        message_file(
            "orders",
            message("Customer", name="string", vip="bool"),
            message("Order", id="string", customer="orders.Customer", quantities="repeated int32"),
            message("Priced", id="string", customer="orders.Customer", total_cents="int64"),
            message("Receipt", id="string", paid="bool"),
        )
    ),
    nodes=[
        node("price", "orders.Order", "orders.Priced", timeout_s=20),
        node("charge", "orders.Priced", "orders.Receipt"),
        node("waive", "orders.Priced", "orders.Receipt"),
        node("close", "orders.Receipt", "orders.Receipt"),
        node("watch", "orders.Order", "orders.Receipt", pipeline=True),
        node("rewatch", "orders.Receipt", "orders.Receipt", pipeline=True),
    ],
)

LABELS = Package(
    name="labels",
    version="2.0.0",
    digest="1" * 64,
    descriptors=descriptor_set(
        message_file(
            "labels",
            message("Label", name="string", cents="int32", weight="double", boxes="uint32"),
            message("Paid", id="string", paid="bool"),
        )
    ),
    nodes=[node("print", "labels.Label", "labels.Label"), node("file", "labels.Paid", "labels.Paid")],
)

PACKAGES = {"orders": ORDERS, "labels": LABELS}
