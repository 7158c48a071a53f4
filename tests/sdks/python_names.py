"""Artifacts with names that Python, its enums, its dataclasses or the libraries of the clients have taken."""

from __future__ import annotations

import builtins
import keyword
from collections.abc import Callable, Iterable

from google.protobuf import duration_pb2, struct_pb2, timestamp_pb2, wrappers_pb2
from google.protobuf.descriptor_pb2 import FileDescriptorProto, FileDescriptorSet

from penstock.wire.gen.artifact_pb2 import Artifact
from penstock.wire.types import descriptor_set

STRING, INT64, BOOL, MESSAGE, ENUM = 9, 3, 8, 11, 14
OPTIONAL, REPEATED = 1, 3

_LIBRARIES = """
self cls name value mro parse load dump to_dict from_dict to_json from_json is_set datetime timedelta typing betterproto
betterproto2 grpc dataclass Message Enum List Dict Optional Any Self Client Input Output message_pool warnings real imag
default_message_pool bit_length unwrap
""".split()  # noqa: SIM905 - words
_BUILTINS = (name for name in dir(builtins) if not name.startswith("_"))
_WORDS = (*keyword.kwlist, *keyword.softkwlist, *_BUILTINS, *_LIBRARIES)
WORDS = tuple({word.lower(): word for word in _WORDS}.values())
"""Different in more than their case: protobuf itself wants that of the fields of a message."""
CLASSES = tuple(word for word in WORDS if not hasattr(builtins, word) or keyword.iskeyword(word))


def artifact(flow: str, given: str, files: Iterable[FileDescriptorProto], *, known: bool = False) -> Artifact:
    """`given` goes in and comes out again. `known`: the files import well-known types."""
    every = FileDescriptorSet(file=files)
    if known:
        modules = (duration_pb2, struct_pb2, timestamp_pb2, wrappers_pb2)
        wkt = FileDescriptorSet.FromString(descriptor_set(*(module.DESCRIPTOR for module in modules)))
        every = FileDescriptorSet(file=[*wkt.file, *every.file])
    return Artifact(
        graph_id="01ARZ3NDEKTSV4RRFFQ69G5FAV",
        flow=flow,
        version=3,
        mode=Artifact.UNARY,
        service=f"flows.{flow}.v3.{flow.capitalize()}",
        input_type=given,
        output_type=given,
        descriptors=every.SerializeToString(),
    )


def fields_of_every_word() -> Artifact:
    file = _file("words")
    message = file.message_type.add(name="Words")
    for number, word in enumerate(WORDS, 1):
        message.field.add(name=word, number=number, type=STRING, label=OPTIONAL)
    return artifact("import", "words.Words", [file])


def typed_fields_of_every_builtin() -> Artifact:
    """A field `int` beside others that are ints, and lists and maps called `list` and `dict`."""
    file = _file("typed")
    message = file.message_type.add(name="Typed")
    for number, (name, kind) in enumerate((("int", STRING), ("str", INT64), ("bool", INT64), ("bytes", BOOL)), 1):
        message.field.add(name=name, number=number, type=kind, label=OPTIONAL)
        message.field.add(name=f"{name}s", number=number + 10, type=kind, label=REPEATED)
    message.field.add(name="list", number=30, type=INT64, label=REPEATED)
    message.field.add(name="float", number=31, type=1, label=OPTIONAL)
    message.field.add(name="after", number=32, type=1, label=REPEATED)
    _map(message, "typed.Typed", "dict", 33)
    _map(message, "typed.Typed", "class", 34)
    return artifact("class", "typed.Typed", [file])


def messages_and_enums_of_every_word() -> Artifact:
    """Each word as a message at the top, as one within another, as an enum, as a member and as a package."""
    file = _file("types.class.import")
    root = file.message_type.add(name="Root")
    members = ("None", "class", "_", "__x", "_1", "mro_", "name", "value", "__class__", "self")
    for number, word in enumerate(CLASSES):
        message = file.message_type.add(name=word)
        message.field.add(name="text", number=1, type=STRING, label=OPTIONAL)
        # In messages of their own: to proto, the members of an enum are names beside it.
        own = file.message_type.add(name=f"Own{number}").enum_type.add(name=word)
        kind = file.message_type.add(name=f"Holder{number}").enum_type.add(name="Kind")
        own.value.add(name=f"{word}_0_{number}", number=0)
        for value, name in enumerate(dict.fromkeys((word, *members))):
            kind.value.add(name=name, number=value)
        types = ((MESSAGE, word), (ENUM, f"Own{number}.{word}"), (ENUM, f"Holder{number}.Kind"))
        for step, (type_, name) in enumerate(types, 3 * number + 1):
            full = f".{file.package}.{name}"
            root.field.add(name=f"f{step}", number=step, type=type_, label=OPTIONAL, type_name=full)
    return artifact("types", f"{file.package}.Root", [file])


def names_that_are_one_after_mangling() -> Artifact:
    """Fields, messages, nested messages, enums, members and packages that differ by case and underscores alone."""
    file, other = _file("same.Pkg"), _file("same.pkg_")
    spellings = ("fooBar", "FooBar", "foo_bar", "FOO_BAR", "foo__bar", "_foo_bar", "foobar_", "foo_Bar_1")
    for each in (file, other):
        each.syntax = "proto2"
        root = each.message_type.add(name="Root")
        for number, name in enumerate(spellings, 1):
            root.field.add(name=name, number=number, type=STRING, label=OPTIONAL, json_name=f"j{number}")
            message = each.message_type.add(name=name)
            message.field.add(name="x", number=1, type=INT64, label=OPTIONAL)
            message.nested_type.add(name="A_B").nested_type.add(name="C")
            message.nested_type.add(name="A").nested_type.add(name="BC").nested_type.add(name="D")
            full = f".{each.package}.{name}"
            root.field.add(name=f"r{number}", number=number + 20, type=MESSAGE, label=REPEATED, type_name=full)
        enum = each.enum_type.add(name="Root_Kind")
        enum.options.allow_alias = True
        for number, name in enumerate(("ROOT_KIND_A", "root_kind_a", "Root_Kind_A", "ROOTKIND_A", "A", "RootKind_")):
            enum.value.add(name=name, number=number // 2)
        root.enum_type.add(name="Kind").value.add(name="KIND_A", number=0)
        root.field.add(name="kind", number=50, type=ENUM, label=OPTIONAL, type_name=f".{each.package}.Root_Kind")
        root.field.add(name="Kind_", number=51, type=ENUM, label=OPTIONAL, type_name=f".{each.package}.Root.Kind")
    other.dependency.append(file.name)
    other.message_type[0].field.add(name="o", number=60, type=MESSAGE, label=OPTIONAL, type_name=".same.Pkg.Root")
    return artifact("same_", "same.pkg_.Root", [file, other])


def wide() -> Artifact:
    """500 fields of all kinds of plain types."""
    file = _file("wide")
    message = file.message_type.add(name="Wide")
    kinds = (1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 13, 15, 16, 17, 18)
    for number in range(1, 501):
        label = REPEATED if number % 3 == 0 else OPTIONAL
        message.field.add(name=f"field_{number}", number=number * 7, type=kinds[number % len(kinds)], label=label)
    return artifact("wide", "wide.Wide", [file])


def recursive() -> Artifact:
    """Into itself directly, through a list, a map, another message and another package that comes back."""
    file = _file("tree")
    node = file.message_type.add(name="Node")
    for number, (name, label) in enumerate((("left", OPTIONAL), ("branches", REPEATED)), 1):
        node.field.add(name=name, number=number, type=MESSAGE, label=label, type_name=".tree.Node")
    node.field.add(name="text", number=4, type=STRING, label=OPTIONAL)
    node.field.add(name="leaf", number=5, type=MESSAGE, label=OPTIONAL, type_name=".tree.Node.Leaf")
    leaf = node.nested_type.add(name="Leaf")
    leaf.field.add(name="node", number=1, type=MESSAGE, label=OPTIONAL, type_name=".tree.Node")
    _map(node, "tree.Node", "named", 6, ".tree.Node")
    return artifact("tree", "tree.Node", [file])


def deep(levels: int = 60) -> Artifact:
    """Types within types."""
    file = _file("deep")
    message, path = file.message_type.add(name="L0"), "deep.L0"
    for level in range(1, levels):
        message.field.add(name="inner", number=1, type=MESSAGE, label=OPTIONAL, type_name=f".{path}.L{level}")
        message, path = message.nested_type.add(name=f"L{level}"), f"{path}.L{level}"
    message.field.add(name="text", number=1, type=STRING, label=OPTIONAL)
    return artifact("deep", "deep.L0", [file])


def aliases() -> Artifact:
    """An enum with aliases, with members below zero, and one whose members hold its own name."""
    file = _file("alias")
    root = file.message_type.add(name="Root")
    for number, (name, members) in enumerate(
        (
            ("Level", (("LEVEL_NONE", 0), ("LEVEL_A", 1), ("LEVEL_B", 1), ("LEVEL_C", -2147483648))),
            ("A", (("BANANA", 0), ("CANANA", 1), ("A_", 2), ("a", 2))),
            ("E", (("E_1", 0), ("E_2X", 1), ("E__", 2), ("E_class", 3))),
        ),
        1,
    ):
        enum = file.enum_type.add(name=name)
        enum.options.allow_alias = True
        for member, value in members:
            enum.value.add(name=member, number=value)
        root.field.add(name=f"one{number}", number=number, type=ENUM, label=OPTIONAL, type_name=f".alias.{name}")
        root.field.add(name=f"all{number}", number=number + 10, type=ENUM, label=REPEATED, type_name=f".alias.{name}")
    return artifact("aliases", "alias.Root", [file])


def without_a_package() -> Artifact:
    file = _file("")
    file.name = "none.proto"
    message = file.message_type.add(name="datetime")
    file.dependency.extend(f"google/protobuf/{name}.proto" for name in ("timestamp", "duration", "struct", "wrappers"))
    known = ("Timestamp", "Duration", "Struct", "Value", "StringValue", "Int64Value", "ListValue")
    for number, name in enumerate(known, 1):
        full = f".google.protobuf.{name}"
        message.field.add(name=name, number=number, type=MESSAGE, label=OPTIONAL, type_name=full)
        message.field.add(name=f"{name}s", number=number + 20, type=MESSAGE, label=REPEATED, type_name=full)
    return artifact("none", "datetime", [file], known=True)


def well_known_itself() -> Artifact:
    return artifact("struct", "google.protobuf.Struct", [], known=True)


def presence() -> Artifact:
    """proto2: fields that tell absent from zero, required ones and defaults."""
    file = _file("old")
    file.syntax = "proto2"
    message = file.message_type.add(name="Old")
    message.field.add(name="a", number=1, type=INT64, label=OPTIONAL, default_value="7")
    message.field.add(name="b", number=2, type=STRING, label=2)
    message.field.add(name="c", number=3, type=BOOL, label=OPTIONAL)
    return artifact("old", "old.Old", [file])


def group() -> Artifact:
    """proto2: a message between tags instead of behind its length."""
    file = _file("old")
    file.syntax = "proto2"
    message = file.message_type.add(name="Old")
    message.nested_type.add(name="Grouped")
    message.field.add(name="grouped", number=1, type=10, label=OPTIONAL, type_name=".old.Old.Grouped")
    return artifact("old", "old.Old", [file])


EVERY: tuple[Callable[[], Artifact], ...] = (
    fields_of_every_word,
    typed_fields_of_every_builtin,
    messages_and_enums_of_every_word,
    names_that_are_one_after_mangling,
    wide,
    recursive,
    deep,
    aliases,
    without_a_package,
    well_known_itself,
    presence,
)


def _file(package: str) -> FileDescriptorProto:
    return FileDescriptorProto(name=f"{package.replace('.', '/')}.proto", package=package, syntax="proto3")


def _map(message, around: str, name: str, number: int, to: str = "") -> None:  # type: ignore[no-untyped-def]
    entry = message.nested_type.add(name=f"{name.capitalize()}Entry")
    entry.options.map_entry = True
    entry.field.add(name="key", number=1, type=STRING, label=OPTIONAL)
    kind = {"type": MESSAGE, "type_name": to} if to else {"type": INT64}
    entry.field.add(name="value", number=2, label=OPTIONAL, **kind)
    message.field.add(name=name, number=number, type=MESSAGE, label=REPEATED, type_name=f".{around}.{entry.name}")
