"""google.protobuf.Any in JSON: the packed message's own members beside `@type`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from google.protobuf.descriptor import Descriptor
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message import DecodeError
from google.protobuf.message_factory import GetMessageClass

from penstock.wire.json.errors import (
    MESSAGE_DEPTH_MAX,
    JsonError,
    Reason,
    expected,
    member,
    shown,
    too_deep,
    unknown_field,
)
from penstock.wire.json.required import check_required
from penstock.wire.json.scalars import string
from penstock.wire.json.wellknown import JSON_FORMS, EncodeAt, Fill

ANY = "google.protobuf.Any"


class AnyForm:
    """How Any is read and printed when it may hold the messages of `pool`.

    `fill_of` and `encode_of` give the functions of a message type; types are looked up as they come.
    """

    def __init__(
        self,
        pool: DescriptorPool,
        fill_of: Callable[[Descriptor], Fill],
        encode_of: Callable[[Descriptor], EncodeAt],
    ) -> None:
        self._pool = pool
        self._fill_of = fill_of
        self._encode_of = encode_of

    def fill(self, message: Any, value: object, depth: int) -> None:
        """Reads `{"@type": …, …}`; an empty object is an empty Any."""
        if type(value) is not dict:
            raise expected("object", value)
        if depth > MESSAGE_DEPTH_MAX:
            raise too_deep()
        if not value:
            return
        type_url, descriptor = self._named(value)
        members = {key: item for key, item in value.items() if key != "@type"}
        packed = GetMessageClass(descriptor)()
        if _has_form(descriptor):
            self._fill_form(packed, members, depth)
        else:
            self._fill_of(descriptor)(packed, members, depth + 1)
        check_required(packed)
        message.type_url = type_url
        message.value = packed.SerializeToString(deterministic=True)

    def encode(self, message: Any, depth: int = 1) -> dict[str, Any]:
        """Gives `{"@type": …, …}`, or an empty object for an empty Any."""
        if depth > MESSAGE_DEPTH_MAX:
            raise too_deep()
        if not message.type_url and not message.value:
            return {}
        descriptor = self._descriptor(message.type_url)
        try:
            packed = GetMessageClass(descriptor).FromString(message.value)
        except DecodeError:
            problem = f"expected a serialized {descriptor.full_name}, got other bytes"
            raise JsonError(Reason.INVALID_VALUE, problem) from None
        printed = self._encode_of(descriptor)(packed, depth + 1)
        head = {"@type": message.type_url}
        return head | ({"value": printed} if _has_form(descriptor) else printed)

    def _named(self, members: dict[str, Any]) -> tuple[str, Descriptor]:
        if "@type" not in members:
            raise JsonError(Reason.INVALID_VALUE, "expected a type URL, got nothing", member("@type"))
        try:
            type_url = string(members["@type"])
            return type_url, self._descriptor(type_url)
        except JsonError as error:
            raise error.under(member("@type")) from None

    def _descriptor(self, type_url: str) -> Descriptor:
        _, slash, name = type_url.rpartition("/")
        try:
            return self._pool.FindMessageTypeByName(name if slash else "")
        except KeyError:
            problem = f"expected the type URL of a known message, got {shown(type_url)}"
            raise JsonError(Reason.INVALID_VALUE, problem) from None

    def _fill_form(self, packed: Any, members: dict[str, Any], depth: int) -> None:
        """Reads a message that JSON does not show as an object: it stands under `value`."""
        for key in members:
            if key != "value":
                raise unknown_field(("@type", "value")).under(member(key))
        if "value" not in members:
            raise JsonError(Reason.INVALID_VALUE, f"expected a {packed.DESCRIPTOR.full_name}, got nothing", "value")
        try:
            self._fill_of(packed.DESCRIPTOR)(packed, members["value"], depth + 1)
        except JsonError as error:
            raise error.under("value") from None


def _has_form(descriptor: Descriptor) -> bool:
    return descriptor.full_name in JSON_FORMS or descriptor.full_name == ANY
