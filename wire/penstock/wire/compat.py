"""Whether messages of one type can be read as messages of another."""

from __future__ import annotations

from google.protobuf.descriptor import Descriptor, EnumDescriptor, FieldDescriptor, OneofDescriptor

from penstock.wire.json.fields import map_fields

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
            inner, source_inner = field.message_type, source_type.fields_by_number[field.number].message_type
            if inner is not None and source_inner is not None:
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
    oneof = target.containing_oneof
    if oneof is not None and not _is_of_one_oneof(field, oneof):
        return f"{where}: expected a member of oneof {oneof.name}, found one that is not"
    if field.enum_type is None or target.enum_type is None:
        return None
    return _enum_problem(field.enum_type, target.enum_type, where)


def _shape(field: FieldDescriptor) -> tuple[int, bool, bool]:
    """What the wire format shows of a field by itself."""
    return (field.type, field.is_repeated, map_fields(field) is not None)


def _is_of_one_oneof(source: FieldDescriptor, target: OneofDescriptor) -> bool:
    """Whether the source, too, sets at most one of the fields of the oneof that `source` is read into."""
    wanted = {field.number for field in target.fields}
    together = [] if source.containing_oneof is None else source.containing_oneof.fields
    return len(wanted) == 1 or wanted <= {field.number for field in together}


def _enum_problem(source: EnumDescriptor, target: EnumDescriptor, where: str) -> str | None:
    known = {(value.number, value.name) for value in target.values}
    for value in source.values:
        if (value.number, value.name) not in known:
            return f"{where}: expected {target.full_name} to have {value.name} = {value.number}, found no such value"
    return None


def _type_name(field: FieldDescriptor) -> str:
    """The type as a proto file says it."""
    entry = map_fields(field)
    if entry is not None:
        return f"map<{_type_name(entry[0])}, {_type_name(entry[1])}>"
    kind = field.message_type or field.enum_type
    name = kind.full_name if kind is not None else _KIND_NAMES[field.type]
    if field.type == FieldDescriptor.TYPE_GROUP:
        name = f"delimited {name}"
    return f"repeated {name}" if field.is_repeated else name
