"""Artifacts to make documents of: those of the examples, and of proto files that nobody should have to write."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from google.protobuf.descriptor_pb2 import FileDescriptorSet

from penstock.cli.folders import find_packages
from penstock.cli.local.check import check
from penstock.codegen.protoc import common_protos
from penstock.wire.gen.artifact_pb2 import Artifact
from penstock.wire.gen.flow_pb2 import Flow
from penstock.wire.typed import ServiceName
from tests.harness import EXAMPLES, ROOT

GRAPH_ID = "01JTESTARTIFACT00000000000"

NASTY = """
import "google/protobuf/any.proto";
import "google/protobuf/duration.proto";
import "google/protobuf/empty.proto";
import "google/protobuf/field_mask.proto";
import "google/protobuf/struct.proto";
import "google/protobuf/timestamp.proto";
import "google/protobuf/wrappers.proto";

// A tree, which contains itself.
//
// And a second paragraph, so long that nobody who reads source would want to have all of it on one single line of text.
message Tree {
  // Ends with "*/ and a backslash \\\\.
  string label = 1;
  repeated Tree children = 2;
  map<string, Tree> named = 3;
  oneof other {
    Tree left = 4;
    Leaf right = 5;
  }
  message Leaf { Tree back = 1; }
  reserved 10 to 12, 20, 1000 to max;
  reserved "old", "older";
}

// One thing with two names.
enum Color {
  option allow_alias = true;
  COLOR_NONE = 0;
  // As blood.
  RED = 1;
  CRIMSON = 1;
  GONE = 2 [deprecated = true];
  reserved 5 to 7, 100 to max;
  reserved "OLD";
}

message Everything {
  double a_double = 1;
  float a_float = 2;
  int32 an_int32 = 3;
  int64 an_int64 = 4;
  uint32 a_uint32 = 5;
  uint64 a_uint64 = 6;
  sint32 a_sint32 = 7;
  sint64 a_sint64 = 8 [jstype = JS_NUMBER];
  fixed32 a_fixed32 = 9;
  fixed64 a_fixed64 = 10;
  sfixed32 a_sfixed32 = 11;
  sfixed64 a_sfixed64 = 12 [jstype = JS_STRING, deprecated = true];
  bool a_bool = 13;
  string a_string = 14;
  bytes some_bytes = 15;
  Color color = 16;
  optional int32 maybe = 17;
  optional Color maybe_color = 18;
  repeated int32 numbers = 19 [packed = false];
  repeated Color colors = 20;
  map<int32, string> by_int = 21;
  map<bool, bytes> by_bool = 22;
  map<uint64, Color> by_uint = 23;
  map<string, google.protobuf.Timestamp> times = 24;
  google.protobuf.Timestamp time = 25;
  google.protobuf.Duration duration = 26;
  google.protobuf.Struct struct = 27;
  google.protobuf.Value value = 28;
  google.protobuf.ListValue list = 29;
  google.protobuf.NullValue null = 30;
  google.protobuf.Any any = 31;
  google.protobuf.Empty empty = 32;
  google.protobuf.FieldMask mask = 33;
  google.protobuf.DoubleValue boxed_double = 34;
  google.protobuf.FloatValue boxed_float = 35;
  google.protobuf.Int64Value boxed_int64 = 36;
  google.protobuf.UInt64Value boxed_uint64 = 37;
  google.protobuf.Int32Value boxed_int32 = 38;
  google.protobuf.UInt32Value boxed_uint32 = 39;
  google.protobuf.BoolValue boxed_bool = 40;
  google.protobuf.StringValue boxed_string = 41;
  google.protobuf.BytesValue boxed_bytes = 42;
  Tree tree = 43;
  Words words = 44;
  Deep.B.C.D deep = 45;
  Shadow shadow = 46;
  oneof one {
    string text = 50;
    int32 number = 51;
    Tree whole = 52;
  }
  string renamed = 60 [json_name = "anotherName"];
}

// Names that mean something elsewhere.
message Words {
  string class = 1;
  string import = 2;
  string None = 3;
  string self = 4;
  string message = 5;
  string def = 6;
  string type = 7;
  string constructor = 8;
  string to_dict = 9;
  string additional_properties = 10;
  string __proto__ = 11;
  string input = 12;
  string return = 13;
}

message Deep {
  enum Kind { NONE = 0; SOME = 1; }
  message B {
    message C {
      enum Kind { NONE = 0; SOME = 1; }
      message D {
        Deep.Kind outer = 1;
        C.Kind inner = 2;
        Deep again = 3;
        map<string, Deep.B> bees = 4;
        message After { int32 x = 1; }
        map<string, After> afters = 5;
        After after = 6;
      }
    }
  }
}

// A nested message that hides one outside.
message Shadow {
  message Tree { int32 rings = 1; }
  message google { int32 x = 1; }
  Tree mine = 1;
  .test.Tree other = 2;
  google odd = 3;
  .google.protobuf.Timestamp time = 4;
}
"""


def wide(count: int) -> str:
    """Source of a message with that many fields."""
    kinds = ("string", "int32", "double", "bool", "bytes", "Tree", "repeated Color", "map<string, Words>")
    fields = (f"  // Number {n}.\n  {kinds[n % len(kinds)]} field_{n} = {n};" for n in range(1, count + 1))
    return "\n".join(["message Wide {", *fields, "}"])


def compile_protos(**files: str) -> FileDescriptorSet:
    """What protoc makes of the texts, comments included; a file is named by its keyword, without ".proto"."""
    with TemporaryDirectory() as folder:
        for name, text in files.items():
            Path(folder, f"{name}.proto").write_text(text, encoding="utf-8")
        return compile_folder(Path(folder), [f"{name}.proto" for name in files])


def compile_folder(root: Path, names: list[str]) -> FileDescriptorSet:
    output = root / "descriptors.binpb"
    flags = ["--include_imports", "--include_source_info", f"--descriptor_set_out={output}"]
    includes = [f"-I{root}", f"-I{common_protos()}"]
    command = [sys.executable, "-m", "grpc_tools.protoc", *includes, *flags, *names]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return FileDescriptorSet.FromString(output.read_bytes())


def artifact_of(
    text: str, given: str, back: str, *, mode: Artifact.Mode = Artifact.UNARY, flow: str = "odd"
) -> Artifact:
    """An artifact over the messages of one proto3 file of package "test"."""
    files = compile_protos(messages=f'syntax = "proto3";\npackage test;\n{text}')
    return Artifact(
        graph_id=GRAPH_ID,
        flow=flow,
        version=3,
        mode=mode,
        input_type=given,
        output_type=back,
        service=str(ServiceName(flow, 3)),
        definition=Flow(flow=flow, description="Does odd things."),
        descriptors=files.SerializeToString(),
    )


@cache
def nasty() -> Artifact:
    return artifact_of(NASTY + wide(500), "test.Everything", "test.Wide", flow="class")


@cache
def nasty_pipeline() -> Artifact:
    return artifact_of(NASTY, "test.Tree", "test.Everything", mode=Artifact.PIPELINE, flow="import")


def examples() -> dict[str, Artifact]:
    """The artifacts of the example flows by name, as a first compile would number them."""
    return compiled(EXAMPLES)


def waiting() -> dict[str, Artifact]:
    """Those of flows that wait for people and for signals."""
    return compiled(ROOT / "tests" / "sdks" / "packages" / "people")


@cache
def compiled(folder: Path) -> dict[str, Artifact]:
    artifacts, troubles = asyncio.run(check(find_packages([folder])))
    assert troubles == []
    for artifact in artifacts:
        artifact.graph_id, artifact.version = GRAPH_ID, 1
        artifact.service = str(ServiceName(artifact.flow, 1))
    return {artifact.flow: artifact for artifact in artifacts}


@cache
def long_way() -> Artifact:
    """Of 600 messages, each in the one before, and of a oneof with 300 members."""
    chain = "\n".join(f"message M{n} {{ M{n + 1} next = 1; int32 value = 2; }}" for n in range(600))
    members = "\n".join(f"M600 member_{n} = {n};" for n in range(1, 301))
    return artifact_of(f"{chain}\nmessage M600 {{ int32 value = 1; }}\n{_one_of(members)}", "test.M0", "test.Choice")


def _one_of(members: str) -> str:
    return f"message Choice {{ oneof one {{ {members} }} }}"


def every_artifact() -> dict[str, Artifact]:
    made = {"nasty": nasty(), "nasty pipeline": nasty_pipeline(), "long way": long_way()}
    return {**examples(), **waiting(), **made}
