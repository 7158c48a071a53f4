"""Whether messages of one type can be read as messages of another."""

from __future__ import annotations

from google.protobuf.descriptor import Descriptor, EnumDescriptor, FieldDescriptor

_KIND_NAMES = {
    getattr(FieldDescriptor, name): name.removeprefix("TYPE_").lower()
    for name in dir(FieldDescriptor)
    if name.startswith("TYPE_")
}


def mismatch(source: Descriptor, target: Descriptor) -> str | None:
    """Why the bytes of a `source` message cannot be read as a `target` message; None when they can.

    They can when each field of the target is in the source with the same number and type, also inside
    nested messages; names do not matter, and the source may have more. Of an enum the target must know
    each value of the source by number and name. Fields of one oneof in the target must be of one oneof
    in the source, else several could be set of which the target keeps the last. The sentence names the
    first field that differs, in the target's words. The two may be of different pools.
    """
    pairs = {(source.full_name, target.full_name)}
    waiting = [(source, target, "")]
    for source_type, target_type, path in waiting:
        for field in target_type.fields:
            field_path = f"{path}.{field.name}" if path else field.name
            problem = _field_problem(source_type, field, field_path)
            if problem is not None:
                return problem
            inner = field.message_type
            if inner is not None:
                source_inner = source_type.fields_by_number[field.number].message_type
                pair = (source_inner.full_name, inner.full_name)
                if pair not in pairs:  # a pair that waits already is judged once, which ends recursion
                    pairs.add(pair)
                    waiting.append((source_inner, inner, field_path))
    return None


def _field_problem(source: Descriptor, target: FieldDescriptor, path: str) -> str | None:
    """What keeps `target` from being read from `source`, apart from what is inside nested messages."""
    field = source.fields_by_number.get(target.number)
    where = f"field {path} (number {target.number})"
    if field is None:
        return f"{where}: expected {_type_name(target)}, found no field of that number in {source.full_name}"
    if _shape(field) != _shape(target):
        return f"{where}: expected {_type_name(target)}, found {_type_name(field)}"
    if target.is_required and not field.is_required:
        return f"{where}: expected a required field, found one that may be absent"
    if _joins_a_oneof(field, target):
        return f"{where}: expected a member of oneof {target.containing_oneof.name}, found one that is not"
    return None if target.enum_type is None else _enum_problem(field.enum_type, target.enum_type, where)


def _shape(field: FieldDescriptor) -> tuple[int, bool, bool]:
    """What the wire format shows of a field by itself."""
    return (field.type, field.is_repeated, _is_map(field))


def _joins_a_oneof(source: FieldDescriptor, target: FieldDescriptor) -> bool:
    """Whether the target has in one oneof what the source can set side by side."""
    oneof = target.containing_oneof
    if oneof is None or len(oneof.fields) == 1:
        return False
    others = {sibling.number for sibling in oneof.fields}
    together = source.containing_oneof
    return together is None or not others <= {sibling.number for sibling in together.fields}


def _enum_problem(source: EnumDescriptor, target: EnumDescriptor, where: str) -> str | None:
    known = {(value.number, value.name) for value in target.values}
    for value in source.values:
        if (value.number, value.name) not in known:
            return f"{where}: expected {target.full_name} to have {value.name} = {value.number}, found no such value"
    return None


def _type_name(field: FieldDescriptor) -> str:
    """The type as a proto file says it."""
    if _is_map(field):
        key, value = field.message_type.fields
        return f"map<{_type_name(key)}, {_type_name(value)}>"
    kind = field.message_type or field.enum_type
    name = kind.full_name if kind is not None else _KIND_NAMES[field.type]
    if field.type == FieldDescriptor.TYPE_GROUP:
        name = f"delimited {name}"
    return f"repeated {name}" if field.is_repeated else name


def _is_map(field: FieldDescriptor) -> bool:
    entry = field.message_type
    return bool(field.is_repeated and entry is not None and entry.has_options and entry.GetOptions().map_entry)
