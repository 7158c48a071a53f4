"""The parts of a client's README that depend on the flow."""

from __future__ import annotations

from google.protobuf.descriptor import Descriptor, FieldDescriptor

from penstock.codegen.sdk.python.flavours import Flavour
from penstock.codegen.sdk.python.names import as_attribute, field_name, fold
from penstock.wire.gen.artifact_pb2 import Artifact

_FIELDS_MAX = 5
"""More would hide the call."""
_SAMPLES = {
    FieldDescriptor.CPPTYPE_STRING: '"text"',
    FieldDescriptor.CPPTYPE_BOOL: "True",
    FieldDescriptor.CPPTYPE_DOUBLE: "1.0",
    FieldDescriptor.CPPTYPE_FLOAT: "1.0",
    FieldDescriptor.CPPTYPE_INT32: "1",
    FieldDescriptor.CPPTYPE_INT64: "1",
    FieldDescriptor.CPPTYPE_UINT32: "1",
    FieldDescriptor.CPPTYPE_UINT64: "1",
}


def readme_parts(artifact: Artifact, input_class: str, given: Descriptor, flavour: Flavour) -> dict[str, str]:
    """What stands for $description, $call and $calls in the template."""
    is_unary = artifact.mode == Artifact.UNARY
    description = artifact.definition.description.strip()
    value = f"{input_class}({', '.join(_arguments(given, flavour.fields_reserved))})"
    if is_unary:
        call = f"        print(await client.invoke({value}))"
    else:
        call = f"        async for output in client.stream({value}):\n            print(output)"
    calls = [
        "| `run = await client.start(input)` | a run, as soon as it is on record; `run.execution_id` names it |",
        f"| `await client.wait(run)` | {'its output' if is_unary else 'nothing, when the run has completed'} |",
        "| `outputs = client.stream(input)` | each output to an `async for`; goes on when the connection breaks |",
        "| `outputs = client.resume(run)` | the outputs of a run from its first on; with `after`, from there on |",
        "| `await client.cancel(run)` | nothing, when the run is stopped |",
    ]
    if is_unary:
        calls.insert(0, "| `await client.invoke(input)` | the output |")
    return {
        "description": f"\n\n{description}" if description else "",
        "call": call,
        "calls": "\n".join(calls),
    }


def _arguments(given: Descriptor, reserved: frozenset[str]) -> list[str]:
    """A value for each of the first plain fields."""
    taken: set[str] = set()
    found = []
    for field in given.fields:
        name = field_name(field.name, field.number, taken, reserved)
        taken.add(fold(name))
        is_plain = field.cpp_type in _SAMPLES and field.type != field.TYPE_BYTES
        if is_plain and not field.is_repeated and field.containing_oneof is None:
            found.append(f"{as_attribute(name)}={_SAMPLES[field.cpp_type]}")
    return found[:_FIELDS_MAX]
