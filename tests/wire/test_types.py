"""Type pools: message types by name, each artifact's for itself."""

from __future__ import annotations

import pytest
from google.protobuf import duration_pb2, struct_pb2, timestamp_pb2
from google.protobuf.descriptor_pb2 import FileDescriptorSet

from penstock.wire.gen import invocation_service_pb2
from penstock.wire.types import TypePool, UnknownType, descriptor_set


def test_message_class_is_found_by_name_and_stays_the_same(every: TypePool) -> None:
    item = every.message("every.kind.Item")
    assert item(name="x").name == "x"
    assert every.message("every.kind.Item") is item
    assert item.DESCRIPTOR is every.descriptor("every.kind.Item")


def test_unknown_type_is_named(every: TypePool) -> None:
    for find in (every.message, every.descriptor):
        with pytest.raises(UnknownType, match=r"^there is no message type every\.kind\.Missing$") as caught:
            find("every.kind.Missing")
        assert caught.value.full_name == "every.kind.Missing"


def test_codec_is_made_once(every: TypePool) -> None:
    assert every.json is every.json


def test_pools_with_the_same_names_do_not_touch(every: TypePool) -> None:
    other = TypePool(descriptor_set(every.descriptor("every.kind.Item").file))
    assert other.message("every.kind.Item") is not every.message("every.kind.Item")
    raw = every.message("every.kind.Item")(name="x").SerializeToString()
    assert other.message("every.kind.Item").FromString(raw).name == "x"


@pytest.mark.parametrize("damage", ["reversed", "cut off"])
def test_what_is_no_set_of_files_is_refused(damage: str) -> None:
    whole = FileDescriptorSet.FromString(descriptor_set(invocation_service_pb2.DESCRIPTOR))
    backwards = FileDescriptorSet(file=reversed(whole.file)).SerializeToString()
    with pytest.raises(ValueError, match=r"^expected a set of file descriptors, dependencies first"):
        TypePool(backwards if damage == "reversed" else whole.SerializeToString()[:-1])


def test_descriptor_set_holds_all_imports_once_and_before_their_use() -> None:
    files = (
        invocation_service_pb2.DESCRIPTOR,
        struct_pb2.DESCRIPTOR,
        timestamp_pb2.DESCRIPTOR,
        duration_pb2.DESCRIPTOR,
    )
    names = [file.name for file in FileDescriptorSet.FromString(descriptor_set(*files)).file]
    assert len(names) == len(set(names))
    seen: set[str] = set()
    for file in FileDescriptorSet.FromString(descriptor_set(*files)).file:
        assert set(file.dependency) <= seen
        seen.add(file.name)
    assert {file.name for file in files} <= seen
    assert TypePool(descriptor_set(*files)).message("penstock.v1.InvokeFlowRequest")(flow="x").flow == "x"
