"""Names of the members of an enum, as they come out of both plugins."""

from __future__ import annotations

import re

from google.protobuf.descriptor_pb2 import EnumDescriptorProto

from penstock.codegen.sdk.python.names import MEMBERS_TAKEN, first_free, fold


def member_names(enum: EnumDescriptorProto, cut: str) -> list[str]:
    """A name for each value, in order, all different in either case.

    As they are when the plugins make something good of them: they leave out the name of the enum where all values
    begin with it, and put an underscore behind keywords. `cut` is what the plugin takes out of the middle of a name,
    with all before it; "" for nothing.
    """
    prefix = _common_prefix(enum)
    taken: set[str] = set()
    found = []
    for value in enum.value:
        wanted = _plain(value.name[prefix:], value.number)
        if cut and cut in wanted:
            wanted = wanted.lower()
        name = first_free(wanted, 2, lambda tried: fold(tried) in taken or _is_taken(tried))
        taken.add(fold(name))
        found.append(name)
    is_good = all(value.name[prefix:] == name for value, name in zip(enum.value, found, strict=True))
    return [value.name for value in enum.value] if is_good and not cut else found


def _common_prefix(enum: EnumDescriptorProto) -> int:
    """Length of the beginning that says no more than the name of the enum; 0 for none."""
    own = fold(enum.name)
    first = enum.value[0].name
    for end in range(1, len(first)):
        if fold(first[:end]) == own and first[end] == "_":
            prefix = first[: end + 1]
            return len(prefix) if all(value.name.startswith(prefix) for value in enum.value) else 0
    return 0


def _plain(name: str, number: int) -> str:
    """Without underscores around it, which mean something to enums, and beginning with a letter."""
    wanted = re.sub(r"[^A-Za-z0-9_]", "_", name).strip("_")
    if not wanted:
        return f"VALUE_{'MINUS_' if number < 0 else ''}{abs(number)}"
    return wanted if wanted[0].isalpha() else f"VALUE_{wanted}"


def _is_taken(name: str) -> bool:
    return fold(name) in MEMBERS_TAKEN
