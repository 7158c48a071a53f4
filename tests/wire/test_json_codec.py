"""The codec as a whole: one per pool, any names in it, any thread."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from google.protobuf.descriptor_pb2 import FileDescriptorProto, FileDescriptorSet
from google.protobuf.text_format import Parse

from penstock.wire.json import JsonCodec
from penstock.wire.types import TypePool


def types(messages: str) -> TypePool:
    """Types of package `odd`, in the text form of descriptors."""
    file = Parse(f'name: "odd.proto" package: "odd" syntax: "proto2" {messages}', FileDescriptorProto())
    return TypePool(FileDescriptorSet(file=[file]).SerializeToString())


def test_functions_are_made_once_a_type(every: TypePool) -> None:
    item = every.descriptor("every.kind.Item")
    codec = JsonCodec(every.pool)
    assert codec.decoder(item) is codec.decoder(item)
    assert codec.encoder(item) is codec.encoder(item)


def test_type_of_another_pool_is_not_for_this_codec(every: TypePool) -> None:
    codec = JsonCodec(TypePool(b"").pool)
    for compile_ in (codec.decoder, codec.encoder):
        with pytest.raises(ValueError, match=r"^every\.kind\.Item is of another descriptor pool than this codec$"):
            compile_(every.descriptor("every.kind.Item"))


def test_name_of_a_field_is_its_own_even_where_it_is_the_other_spelling_of_another() -> None:
    odd = types(
        'message_type { name: "Odd" field { name: "first" number: 1 type: TYPE_STRING json_name: "second" } '
        'field { name: "second" number: 2 type: TYPE_STRING json_name: "third" } }'
    )
    value = {"first": "1", "second": "2"}
    message: Any = odd.json.decoder(odd.descriptor("odd.Odd"))(value)
    assert (message.first, message.second) == ("1", "2")
    assert odd.json.encoder(odd.descriptor("odd.Odd"))(message) == value


def test_threads_that_need_a_type_at_the_same_time_all_get_it(every: TypePool) -> None:
    for _ in range(5):
        codec = JsonCodec(every.pool)
        everything = every.descriptor("every.kind.Everything")

        def turn(number: int, codec: JsonCodec = codec, everything: Any = everything) -> object:
            value = {"tree": {"label": str(number)}}
            return codec.encoder(everything)(codec.decoder(everything)(value))["tree"]["label"]

        with ThreadPoolExecutor(8) as threads:
            assert list(threads.map(turn, range(16))) == [str(number) for number in range(16)]
