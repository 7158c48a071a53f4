"""Names that Python and both libraries take as they are, out of names that protobuf allows."""

from __future__ import annotations

import hashlib
import keyword
import re
from collections.abc import Callable, Container

# What the classes of messages have already and what stands in their bodies, in either library.
FIELDS_TAKEN = frozenset(
    """
    betterproto betterproto2 dump fromdict fromjson frompydict fromstring isset load parse serializetostring todict
    tojson topydict
    """.split()  # noqa: SIM905 - words
)
# What a module of messages imports, in either library.
CLASSES_TAKEN = frozenset(
    """
    any asynciterable asynciterator deadline dict enum iterable iterator list message metadatalike none optional
    self set true false union typechecking
    """.split()  # noqa: SIM905 - words
)
# What members of an IntEnum are asked for, what EnumMeta refuses, and what stands in the body of an enum.
MEMBERS_TAKEN = frozenset(
    """
    asintegerratio bitcount bitlength classmethod conjugate denominator dict frombytes fromstring imag int isinteger
    mro name numerator protoname real str tobytes tryvalue value
    """.split()  # noqa: SIM905 - words
)


def fold(name: str) -> str:
    """Equal for names that either library may write alike."""
    return re.sub(r"[^a-z0-9]", "", name.lower())


def snake(name: str) -> str:
    """Lower case with single underscores inside, never empty, beginning with a letter."""
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name)
    words = re.sub(r"[^a-z0-9]+", "_", spaced.lower()).strip("_")
    return words if words[:1].isalpha() else f"field_{words}".rstrip("_")


def field_name(name: str, number: int, taken: Container[str], reserved: Container[str] = ()) -> str:
    """`taken` are the folded names of the fields before, `reserved` those that no field may have.

    The plugins see to keywords themselves.
    """
    wanted = snake(name)
    if fold(wanted) in FIELDS_TAKEN or fold(wanted) in reserved:
        wanted = f"{wanted}_field"
    return first_free(wanted, number, lambda tried: fold(tried) in taken)


def as_attribute(name: str) -> str:
    """A field's name as the plugins write it."""
    return f"{name}_" if keyword.iskeyword(name) else name


def class_name(name: str, path: str, taken: Container[str]) -> str:
    """The name of a message or enum within the classes around it, whose names together are `path`.

    The plugins put all of them into one name.
    """
    wanted = re.sub(r"[^A-Za-z0-9]+", "_", name).strip("_")
    if not wanted[:1].isalpha():
        wanted = f"Type{wanted}"
    if not path and fold(wanted) in CLASSES_TAKEN:
        wanted = f"{wanted}Type"
    return first_free(wanted, 2, lambda tried: fold(path + tried) in taken)


def module_name(segment: str) -> str:
    """One step of a proto package as a folder of modules."""
    wanted = snake(segment)
    return f"{wanted}_" if keyword.iskeyword(wanted) or wanted == "message_pool" else wanted


def distribution_name(flow: str) -> str:
    """penstock-<flow>, different for different flows although indexes take - and _ and several of them for the same."""
    plain = re.sub("_+", "-", flow).strip("-")
    if plain.replace("-", "_") == flow:
        return f"penstock-{plain}"
    return f"penstock-{plain}-{hashlib.sha256(flow.encode()).hexdigest()[:8]}"


def first_free(wanted: str, number: int, is_taken: Callable[[str], bool]) -> str:
    """`wanted`, else with `number` behind it, else with the next one that is free."""
    tried = wanted
    while is_taken(tried):
        tried = f"{wanted}_{number}"
        number += 1
    return tried
