"""The JSON codec of one descriptor pool."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from google.protobuf.descriptor import Descriptor
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass

from penstock.wire.json.any import ANY, AnyForm
from penstock.wire.json.decode import Decoders
from penstock.wire.json.encode import Encoders
from penstock.wire.json.required import check_required, has_required
from penstock.wire.json.wellknown import JSON_FORMS, EncodeAt, Fill

Decode = Callable[[object], Message]
Encode = Callable[[Message], Any]


class JsonCodec:
    """Protobuf JSON for the message types of `pool`, compiled once a type. Safe to use from several threads.

    What it prints is protobuf JSON with the proto's own field names and with fields without presence
    always there; 64-bit integers are numbers where the field has jstype = JS_NUMBER and the value is
    within ±2^53, else text; maps are in the order of their keys. It reads both spellings of a field, and
    refuses what a caller cannot have meant: see JsonError. Extensions are not shown and not read.
    """

    def __init__(self, pool: DescriptorPool) -> None:
        self._pool = pool
        packed = AnyForm(pool, self._fill_of, self._encode_of)
        self._fills = Decoders({name: form.fill for name, form in JSON_FORMS.items()} | {ANY: packed.fill})
        self._encodes = Encoders({name: form.encode for name, form in JSON_FORMS.items()} | {ANY: packed.encode})
        self._decoders: dict[Descriptor, Decode] = {}
        self._encoders: dict[Descriptor, Encode] = {}

    def decoder(self, descriptor: Descriptor) -> Decode:
        """The function that makes a message of a JSON value, as `parse` or `from_struct` give it.

        The function raises JsonError. ValueError for a type of another pool.
        """
        decode = self._decoders.get(descriptor)
        if decode is None:
            decode = self._decoders[descriptor] = self._new_decoder(self._own(descriptor))
        return decode

    def encoder(self, descriptor: Descriptor) -> Encode:
        """The function that makes a JSON value, for `dumps`, of a message: a dict but for well-known types.

        The function raises JsonError where JSON has no form for what is in the message: a time out of
        range, an Any of a type that the pool does not have. ValueError for a type of another pool.
        """
        encode = self._encoders.get(descriptor)
        if encode is None:
            encode = self._encoders[descriptor] = self._encodes.function(self._own(descriptor))
        return encode

    def _fill_of(self, descriptor: Descriptor) -> Fill:
        return self._fills.function(descriptor)

    def _encode_of(self, descriptor: Descriptor) -> EncodeAt:
        return self._encodes.function(descriptor)

    def _own(self, descriptor: Descriptor) -> Descriptor:
        if descriptor.file.pool is not self._pool:
            raise ValueError(f"{descriptor.full_name} is of another descriptor pool than this codec")
        return descriptor

    def _new_decoder(self, descriptor: Descriptor) -> Decode:
        fill = self._fills.function(descriptor)
        new = GetMessageClass(descriptor)

        def decode(value: object) -> Message:
            message: Message = new()
            fill(message, value, 1)
            return message

        def decode_checked(value: object) -> Message:
            message = decode(value)
            check_required(message)
            return message

        return decode_checked if has_required(descriptor) else decode
