"""Artifacts and a package whose names and shapes are as awkward as protobuf lets them be."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from google.protobuf.descriptor_pb2 import DescriptorProto, FieldDescriptorProto, FileDescriptorProto, FileDescriptorSet

from penstock.wire.gen.artifact_pb2 import Artifact

_F = FieldDescriptorProto

RESERVED = """
abstract any Array arguments as async AsyncGenerator await bigint boolean break case catch class Client const
constructor continue debugger declare default delete do else enum Error eval export extends false finally for from
function get globalThis if implements import in infer Input instanceof interface is JsonObject JsonValue keyof let
module namespace never new NotFound null number object Object of out Output package Partial PenstockError private
Promise protected public readonly Record require return RunFailed set static string String super switch symbol Symbol
this throw toString true try type typeof undefined unique unknown using valueOf var void while with yield __proto__
""".split()  # noqa: SIM905 - words
"""Names that mean something in TypeScript, in JavaScript, or in the package itself."""

FLOWS = ("class", "default", "import", "new", "then", "type")
"""Flows that the package `awkward` has, each of which gives back what it takes."""

_FIELDS = ("class", "default", "constructor", "__proto__", "toString", "hasOwnProperty", "then", "valueOf", "length")

_PROTO = """\
syntax = "proto3";

package awkward;

enum Alias {
  option allow_alias = true;
  NONE = 0;
  A = 1;
  B = 1;
}

message Outer_Inner {
  string text = 1;
}

message Output {
  double ratio = 1;
}

message Outer {
  message Inner {
    message Inner {
      Inner inner = 1;
      map<string, Outer> outers = 2;
      double deep = 3;
    }
    Inner inner = 1;
  }
  Inner inner = 1;
  Outer_Inner other = 2;
  Output output = 3;
  Alias alias = 4;
  repeated Outer outers = 5;
  Error error = 6;
  Wide wide = 7;
  google.protobuf.Value value = 8;
  google.protobuf.Empty empty = 9;
  Reserved reserved = 10;
}

message Error {
}
"""


def reserved_types() -> Artifact:
    """Messages, enums and fields of every reserved name, all within the input and the output."""
    file = FileDescriptorProto(name="reserved.proto", package="reserved", syntax="proto3")
    root = file.message_type.add(name="Root")
    for number, name in enumerate(RESERVED, 1):
        message = file.message_type.add(name=name)
        message.field.add(name=name, number=1, type=_F.TYPE_DOUBLE, label=_F.LABEL_OPTIONAL)
        _refer(root, f"f{number}", number, f".reserved.{name}")
    for number, name in enumerate(RESERVED, len(RESERVED) + 1):
        enum = root.enum_type.add(name=name)
        enum.value.add(name=f"V{number}", number=0)
        root.field.add(name=name, number=number, type=_F.TYPE_ENUM, type_name=f".reserved.Root.{name}", label=1)
    # A comment that would end the comment that it is written into.
    file.source_code_info.location.add(path=[4, 0], leading_comments=" a */ } b `${c}` \\u002a/\n\n @deprecated\r// d")
    made = _artifact("reserved", [file], "reserved.Root", "reserved.Root")
    made.definition.description = "e */ } f {g} {{\n```\n"
    return made


def same_names() -> Artifact:
    """Two packages with messages of the same names, nested and not, that are one after mangling."""
    files = []
    for package in ("a", "a.b"):
        file = FileDescriptorProto(name=f"{package}.proto", package=package, syntax="proto3")
        outer = file.message_type.add(name="Order")
        inner = outer.nested_type.add(name="Line")
        inner.field.add(name="sku", number=1, type=_F.TYPE_STRING, label=_F.LABEL_OPTIONAL)
        flat = file.message_type.add(name="Order_Line")
        flat.field.add(name="count", number=1, type=_F.TYPE_INT64, label=_F.LABEL_OPTIONAL)
        given = file.message_type.add(name="OrderInput")
        given.field.add(name="text", number=1, type=_F.TYPE_STRING, label=_F.LABEL_OPTIONAL)
        _refer(outer, "line", 1, f".{package}.Order.Line")
        _refer(outer, "flat", 2, f".{package}.Order_Line")
        _refer(outer, "given", 3, f".{package}.OrderInput")
        files.append(file)
    files[1].dependency.append(files[0].name)
    _refer(files[1].message_type[0], "other", 4, ".a.Order")
    return _artifact("same", files, "a.b.Order", "a.b.Order")


def deep(levels: int) -> Artifact:
    """Messages within messages, `levels` of them, the innermost of which is again the outermost."""
    file = FileDescriptorProto(name="deep.proto", package="", syntax="proto3")
    message, name = file.message_type.add(name="M0"), ".M0"
    for level in range(1, levels):
        inner = message.nested_type.add(name=f"M{level}")
        name = f"{name}.M{level}"
        _refer(message, "inner", 1, name)
        message = inner
    _refer(message, "inner", 1, ".M0")
    return _artifact("deep", [file], "M0", "M0")


def write_package(folder: Path) -> Path:
    """The package `awkward`, which has FLOWS."""
    package = folder / "awkward"
    (package / "flows").mkdir(parents=True)
    (package / "penstock.yaml").write_text("name: awkward\nversion: '1.0.0'\n")
    imports = "\n".join(f'import "google/protobuf/{name}.proto";' for name in ("empty", "struct"))
    wide = "\n".join(f"  {kind} f{i} = {i + 1};" for i, kind in zip(range(500), _kinds(), strict=False))
    named = "\n".join(f"  optional double {name} = {i};" for i, name in enumerate(_FIELDS, 1))
    text = _PROTO.replace("\n\npackage", f"\n\n{imports}\n\npackage", 1)
    text += f"\nmessage Wide {{\n{wide}\n}}\n\nmessage Reserved {{\n{named}\n}}\n"
    (package / "messages.proto").write_text(text)
    (package / "nodes.py").write_text(
        "from penstock.sdk import node\n\nfrom .messages_pb2 import Outer\n\n\n"
        "@node\nasync def give(outer: Outer) -> Outer:\n    return outer\n"
    )
    for flow in FLOWS:
        (package / "flows" / f"{flow}.yaml").write_text(f"flow: {flow}\nnodes:\n  give: {{use: awkward/give}}\n")
    return package


def awkward_input() -> dict[str, object]:
    """An input of the flows of `awkward` with something in every corner."""
    wide = {f"f{i}": value for i, value in zip(range(500), _values(), strict=False)}
    reserved = {name: "NaN" if i % 2 else i + 0.5 for i, name in enumerate(_FIELDS)}
    inner: dict[str, object] = {"deep": "-Infinity", "outers": {"__proto__": {"output": {"ratio": "NaN"}}}}
    return {
        "inner": {"inner": {"inner": inner}},
        "other": {"text": "</script>*/"},
        "output": {"ratio": 0.1},
        "alias": "B",
        "outers": [{"outers": [{"outers": [{"output": {"ratio": "Infinity"}}]}]}],
        "error": {},
        "wide": wide,
        "value": [None, {"": "NaN"}, 1],
        "empty": {},
        "reserved": reserved,
    }


def _kinds() -> Iterable[str]:
    return ("double", "int64", "string", "repeated float", "bool") * 100


def _values() -> Iterable[object]:
    return (0.25, "-1", "text", [0.5, "NaN"], True) * 100


def _refer(message: DescriptorProto, name: str, number: int, to: str) -> None:
    message.field.add(name=name, number=number, type=_F.TYPE_MESSAGE, type_name=to, label=_F.LABEL_OPTIONAL)


def _artifact(flow: str, files: list[FileDescriptorProto], input_type: str, output_type: str) -> Artifact:
    return Artifact(
        graph_id="0" * 26,
        flow=flow,
        version=1,
        mode=Artifact.UNARY,
        input_type=input_type,
        output_type=output_type,
        descriptors=FileDescriptorSet(file=files).SerializeToString(),
    )
