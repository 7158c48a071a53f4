"""Makes the modules from which the code of a .proto package imports its messages.

`from .messages_pb2 import Order` gives the class of the package's own pool, so two packages may have different
messages of one name.
"""

from __future__ import annotations

from collections.abc import Sequence
from types import ModuleType

from google.protobuf.internal.enum_type_wrapper import EnumTypeWrapper

from penstock.wire.types import TypePool


def proto_modules(package: str, files: Sequence[str], types: TypePool, parent: str) -> dict[str, ModuleType]:
    """One module a file, by its full name: "api/types.proto" is <parent>.api.types_pb2."""
    modules = {}
    for file in files:
        name = f"{parent}.{file.removesuffix('.proto').replace('-', '_').replace('/', '.')}_pb2"
        modules[name] = _module(name, types, f"{package}/{file}")
    return modules


def _module(name: str, types: TypePool, file: str) -> ModuleType:
    """As protoc would write it: the messages, the enums and the values of the enums."""
    descriptor = types.pool.FindFileByName(file)
    module = ModuleType(name, f"The messages of {file}.")
    space = vars(module)
    space["DESCRIPTOR"] = descriptor
    for message in descriptor.message_types_by_name.values():
        space[message.name] = types.message(message.full_name)
    for enum in descriptor.enum_types_by_name.values():
        space[enum.name] = EnumTypeWrapper(enum)
        space.update((value.name, value.number) for value in enum.values)
    return module
