"""Protobuf JSON, fast and strict: JSON text, messages, and google.protobuf.Struct."""

from penstock.wire.json.codec import JsonCodec
from penstock.wire.json.errors import JsonError, Reason
from penstock.wire.json.parse import dumps, parse
from penstock.wire.json.struct import from_struct, to_struct

__all__ = ["JsonCodec", "JsonError", "Reason", "dumps", "from_struct", "parse", "to_struct"]
