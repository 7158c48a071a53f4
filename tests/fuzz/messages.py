"""Messages of any type, filled at random from its descriptor and from what there is in an account."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from random import Random
from typing import Any

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

from tests.fuzz.values import FLOATS, NUMBERS, filter_text, text, token

_DEPTH_MAX = 4
_F = FieldDescriptor
_WHOLE = {
    **dict.fromkeys((_F.TYPE_INT32, _F.TYPE_SINT32, _F.TYPE_SFIXED32), (-(2**31), 2**31 - 1)),
    **dict.fromkeys((_F.TYPE_INT64, _F.TYPE_SINT64, _F.TYPE_SFIXED64), (-(2**63), 2**63 - 1)),
    **dict.fromkeys((_F.TYPE_UINT32, _F.TYPE_FIXED32), (0, 2**32 - 1)),
    **dict.fromkeys((_F.TYPE_UINT64, _F.TYPE_FIXED64), (0, 2**64 - 1)),
    _F.TYPE_ENUM: (-(2**31), 2**31 - 1),
}

Stock = Mapping[str, Sequence[Any]]
"""Good values by the names of fields."""


def fill(random: Random, message: Any, stock: Stock, depth: int = 0) -> None:
    """Sets some of the fields, more often to a good value than not."""
    for field in message.DESCRIPTOR.fields:
        is_known = field.name in stock
        if random.random() < (0.85 if is_known else 0.4 / (depth + 1)):
            _set(random, message, field, stock, depth)


def _set(random: Random, message: Any, field: FieldDescriptor, stock: Stock, depth: int) -> None:
    target = getattr(message, field.name)
    if field.message_type is not None and field.message_type.GetOptions().map_entry:
        _set_map(random, target, field, stock, depth)
    elif field.is_repeated:
        for _ in range(random.choice((1, 1, 2, 5))):
            if field.message_type is not None:
                _fill_inner(random, target.add(), stock, depth)
            else:
                target.append(_scalar(random, field, stock))
    elif field.message_type is not None:
        target.SetInParent()
        _fill_inner(random, target, stock, depth)
    else:
        setattr(message, field.name, _scalar(random, field, stock))


def _set_map(random: Random, target: Any, field: FieldDescriptor, stock: Stock, depth: int) -> None:
    key, value = field.message_type.fields
    for _ in range(random.choice((1, 1, 3))):
        name = _scalar(random, key, stock)
        if value.message_type is not None:
            _fill_inner(random, target[name], stock, depth)
        else:
            target[name] = _scalar(random, value, stock)


def _fill_inner(random: Random, message: Message, stock: Stock, depth: int) -> None:
    if depth < _DEPTH_MAX:
        fill(random, message, stock, depth + 1)


def _scalar(random: Random, field: FieldDescriptor, stock: Stock) -> Any:
    if field.name in stock and random.random() < 0.75:
        return random.choice(stock[field.name])
    if field.type == _F.TYPE_ENUM:
        known = [value.number for value in field.enum_type.values]
        return random.choice((*known, *known, 77, -1))
    if field.type in _WHOLE:
        least, most = _WHOLE[field.type]
        return min(max(random.choice(NUMBERS), least), most)
    if field.type == _F.TYPE_BOOL:
        return random.random() < 0.5
    if field.type in (_F.TYPE_DOUBLE, _F.TYPE_FLOAT):
        return random.choice(FLOATS)
    made = _text(random, field.name)
    if field.type == _F.TYPE_BYTES:
        return (
            made.encode("utf-8", "surrogatepass") if random.random() < 0.5 else random.randbytes(random.randrange(60))
        )
    return made.encode("utf-8", "replace").decode()


def _text(random: Random, name: str) -> str:
    if name in ("filter", "expression", "condition", "when") and random.random() < 0.8:
        return filter_text(random)
    if name.endswith("token") and random.random() < 0.8:
        return token(random)
    return text(random)
