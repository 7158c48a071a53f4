"""Gives the messages of an artifact names that can stand in Python. What is on the wire stays as it is.

Both plugins write the classes of a package into one module, a nested one under its names together, and change the
case of what they find. What would be the same name afterwards, a name that Python or the library has taken, or none
at all, is renamed before they see it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from google.protobuf.descriptor_pb2 import (
    DescriptorProto,
    EnumDescriptorProto,
    FieldDescriptorProto,
    FileDescriptorProto,
)
from google.protobuf.descriptor_pool import DescriptorPool

from penstock.codegen.sdk.problems import SdkError
from penstock.codegen.sdk.python import names
from penstock.codegen.sdk.python.flavours import Flavour
from penstock.codegen.sdk.python.members import member_names

KNOWN_PACKAGE = "google.protobuf"
"""The libraries know these messages by their names."""


class Renaming:
    """The renamed `files`, and `types`: full name of each message and enum -> that after the renaming."""

    def __init__(self, files: Iterable[FileDescriptorProto], pool: DescriptorPool, flavour: Flavour) -> None:
        """`files` are those in `pool`, dependencies first. Raises SdkError."""
        self._flavour = flavour
        self._pool = pool
        self._packages: dict[str, str] = {}
        self._classes: defaultdict[str, set[str]] = defaultdict(set)
        self.types: dict[str, str] = {}
        self.files = [FileDescriptorProto.FromString(file.SerializeToString()) for file in files]
        for file in self.files:
            self._name_package(file.package)
        for file in self.files:
            self._name_types(file)
        for file in self.files:
            if file.package != KNOWN_PACKAGE:
                self._rename_file(file)

    def package_of(self, old: str) -> str:
        """The package, after the renaming, of the message or enum that had this full name before it."""
        found = self._pool.FindFileContainingSymbol(old)
        return self._packages[found.package]

    def _name_package(self, package: str) -> None:
        if package in self._packages:
            return
        taken = {names.fold(other) for other in self._packages.values()}
        wanted = ".".join(map(names.module_name, package.split("."))) if package else ""
        free = names.first_free(wanted, 2, lambda tried: bool(tried) and names.fold(tried) in taken)
        self._packages[package] = package if package == KNOWN_PACKAGE else free

    def _name_types(self, file: FileDescriptorProto) -> None:
        package = self._packages[file.package]
        items: list[DescriptorProto | EnumDescriptorProto] = [*file.enum_type, *file.message_type]
        for item in items:
            self._name_type(item, file.package, package, "")

    def _name_type(self, item: DescriptorProto | EnumDescriptorProto, old: str, new: str, path: str) -> None:
        """`old` and `new` are the full names of what is around it, `path` those of the messages around it alone."""
        package = self._packages_of(new, path)
        taken = self._classes[package]
        is_known = package == KNOWN_PACKAGE
        name = item.name if is_known else names.class_name(item.name, path, taken)
        taken.add(names.fold(path + name))
        old_name, new_name = _join(old, item.name), _join(new, name)
        self.types[old_name] = new_name
        if isinstance(item, DescriptorProto):
            inner = f"{path}.{name}" if path else name
            for nested in item.enum_type:
                self._name_type(nested, old_name, new_name, inner)
            for message in item.nested_type:
                if not message.options.map_entry:
                    self._name_type(message, old_name, new_name, inner)

    def _packages_of(self, full_name: str, path: str) -> str:
        return full_name.removesuffix(path).removesuffix(".") if path else full_name

    def _rename_file(self, file: FileDescriptorProto) -> None:
        old, file.package = file.package, self._packages[file.package]
        del file.service[:], file.extension[:]
        for enum in file.enum_type:
            self._rename_enum(enum, _join(old, enum.name))
        for message in file.message_type:
            self._rename_message(message, _join(old, message.name))

    def _rename_enum(self, enum: EnumDescriptorProto, old: str) -> None:
        enum.name = self.types[old].rpartition(".")[2]
        for value, name in zip(enum.value, member_names(enum, self._cut(old)), strict=True):
            value.name = name

    def _cut(self, old: str) -> str:
        if not self._flavour.cuts_members:
            return ""
        path = self.types[old].removeprefix(self.package_of(old))
        return "_".join(names.snake(name) for name in path.strip(".").split(".")).upper()

    def _rename_message(self, message: DescriptorProto, old: str) -> None:
        new = self.types[old]
        message.name = new.rpartition(".")[2]
        del message.extension[:]
        entries = {f".{old}.{entry.name}": entry for entry in message.nested_type if entry.options.map_entry}
        taken: set[str] = set()
        for field in message.field:
            known = self._pool.FindMessageTypeByName(old).fields_by_number[field.number]
            if known.type == known.TYPE_GROUP:
                raise SdkError(f"{known.full_name}: groups have no place in a client in Python")
            field.name = names.field_name(field.name, field.number, taken, self._flavour.fields_reserved)
            taken.add(names.fold(field.name))
            if entry := entries.get(field.type_name):
                # The plugins know a map by the name of its entry.
                entry.name = f"{''.join(word.capitalize() for word in field.name.split('_'))}Entry"
                field.type_name = f".{new}.{entry.name}"
                for inner in entry.field:
                    self._refer(inner)
                continue
            self._refer(field)
            _declare_presence(message, field, known.has_presence)
        for enum in message.enum_type:
            self._rename_enum(enum, _join(old, enum.name))
        for nested in message.nested_type:
            if not nested.options.map_entry:
                self._rename_message(nested, _join(old, nested.name))

    def _refer(self, field: FieldDescriptorProto) -> None:
        """Points the field to the new name of its type."""
        if field.type_name:
            field.type_name = f".{self.types[field.type_name.removeprefix('.')]}"
        field.ClearField("default_value")


def _declare_presence(message: DescriptorProto, field: FieldDescriptorProto, has_presence: bool) -> None:
    """Writes a field of proto2 or of an edition that tells absent from zero as proto3 would: the plugins know it alone.

    A message tells by itself.
    """
    if field.label == FieldDescriptorProto.LABEL_REQUIRED:
        field.label = FieldDescriptorProto.LABEL_OPTIONAL
    tells = field.HasField("oneof_index") or field.type == FieldDescriptorProto.TYPE_MESSAGE
    if has_presence and not tells:
        field.proto3_optional = True
        field.oneof_index = len(message.oneof_decl)
        message.oneof_decl.add(name=f"_{field.name}")


def _join(scope: str, name: str) -> str:
    return f"{scope}.{name}" if scope else name
