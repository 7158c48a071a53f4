"""What is written of descriptors is source that protoc compiles to the same descriptors."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from google.protobuf.descriptor_pb2 import FileDescriptorProto, FileDescriptorSet

from penstock.openapi.artifact.source import MARK, proto_text
from penstock.openapi.artifact.subject import Subject
from penstock.openapi.comments import read_comments
from penstock.openapi.prototext.source import proto_sources
from penstock.wire.typed import service_descriptors
from tests.openapi.artifacts import compile_folder, compile_protos, every_artifact, examples, nasty

PROTO2 = """
syntax = "proto2";
package two;
import "google/protobuf/descriptor.proto";
option java_package = "two.java";
option optimize_for = CODE_SIZE;

message Rule {
  optional string text = 1;
  repeated int32 numbers = 2;
  optional Rule inner = 3;
}
extend google.protobuf.FieldOptions {
  optional Rule rule = 50001;
  repeated string words = 50002;
}
extend google.protobuf.MessageOptions { optional double weight = 50001; }

message Order {
  option (weight) = 2.5;
  required string id = 1 [
    (rule) = { text: "a\\"b" numbers: [1, 2] inner { text: "x" } }, (words) = "one", (words) = "two"
  ];
  optional int32 count = 2 [default = -5];
  optional string text = 3 [default = "line\\n\\"quoted\\" \\303\\244"];
  optional bytes raw = 4 [default = "\\000\\377'"];
  optional double ratio = 5 [default = inf];
  optional float nothing = 6 [default = nan];
  optional bool yes = 7 [default = true];
  optional Kind kind = 8 [default = B];
  map<string, Line> lines = 9;
  message Between { optional int32 x = 1; }
  optional group Part = 10 { optional string name = 1; optional Line line = 2; }
  repeated group Parts = 11 { required int32 number = 1; }
  map<string, Between> more = 12;
  oneof choice {
    string word = 13;
    group Picked = 14 { optional int32 place = 1; }
  }
  extensions 100 to 199, 1000 to max;
  extend Order { optional string mine = 150; }
}
message Line { optional int32 quantity = 1 [json_name = "howMany"]; }
enum Kind { A = 1; B = 2; NEGATIVE = -1; }
extend Order { optional Line other = 101; repeated int32 numbers = 102 [packed = true]; }
"""

EDITION = """
edition = "2023";
package three;
option features.field_presence = IMPLICIT;

message Thing {
  int32 plain = 1;
  int32 explicit = 2 [features.field_presence = EXPLICIT];
  int32 required = 3 [features.field_presence = LEGACY_REQUIRED];
  repeated int32 numbers = 4 [features.repeated_field_encoding = EXPANDED];
  reserved 10;
  reserved old;
}
enum Closed { option features.enum_type = CLOSED; ONE = 1; }
"""

CLASH = """
syntax = "proto3";
package a.b;
message a { message b { int32 x = 1; } b inner = 1; }
message c { .a.b.a outer = 1; a.b nested = 2; string d = 3; d other = 4; }
message d {}
service e { rpc c(.a.b.c) returns (stream d); rpc f(stream a.b) returns (a) { option deprecated = true; } }
"""


def plain(file: FileDescriptorProto) -> FileDescriptorProto:
    """Without comments, and without what protoc notes of itself."""
    copy = FileDescriptorProto()
    copy.CopyFrom(file)
    copy.ClearField("source_code_info")
    if copy.syntax == "proto2":
        copy.ClearField("syntax")
    _clear_json_names(copy.message_type)
    for extension in copy.extension:
        extension.ClearField("json_name")
    return copy


def _clear_json_names(messages: Any) -> None:
    for message in messages:
        for field in (*message.field, *message.extension):
            words = field.name.split("_")
            if field.json_name == words[0] + "".join(word[:1].upper() + word[1:] for word in words[1:]):
                field.ClearField("json_name")
        _clear_json_names(message.nested_type)


def files_of(descriptors: bytes) -> dict[str, FileDescriptorProto]:
    return {file.name: plain(file) for file in FileDescriptorSet.FromString(descriptors).file}


def compiled(sources: dict[str, str]) -> dict[str, FileDescriptorProto]:
    """What protoc makes of them, and of what they import of google/protobuf."""
    with TemporaryDirectory() as folder:
        for name, text in sources.items():
            path = Path(folder, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        return files_of(compile_folder(Path(folder), list(sources)).SerializeToString())


def parts(text: str) -> dict[str, str]:
    """The files of a text, as whoever downloads it takes them apart."""
    found = (part.partition("\n") for part in text.split(MARK)[1:])
    return {name: source for name, _, source in found}


@pytest.mark.parametrize("name", list(every_artifact()))
def test_the_source_of_an_artifact_compiles_to_its_descriptors(name: str) -> None:
    artifact = every_artifact()[name]
    again = compiled(parts(proto_text(Subject.of(artifact))))
    expected = files_of(service_descriptors(artifact))
    assert again == {name: expected[name] for name in again}
    assert [name for name in expected if name not in again and not name.startswith("google/protobuf/")] == []


@pytest.mark.parametrize("source", [PROTO2, EDITION, CLASH], ids=["proto2", "edition", "clash"])
def test_whatever_proto_can_say_comes_back(source: str) -> None:
    descriptors = compile_protos(odd=source).SerializeToString()
    assert compiled(proto_sources(descriptors, {})) == files_of(descriptors)


def test_comments_come_back_beside_what_they_are_about() -> None:
    subject = Subject.of(nasty())
    sources = parts(proto_text(subject))
    with TemporaryDirectory() as folder:
        for name, text in sources.items():
            path = Path(folder, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        again = read_comments(compile_folder(Path(folder), ["messages.proto"]).file)
    assert {name: again.get(name) for name in subject.comments} == dict(subject.comments)


def test_the_text_begins_with_the_services_and_says_what_they_do() -> None:
    text = proto_text(Subject.of(examples()["hello"]))
    assert text.startswith(
        """\
// file: flows/hello/v1/hello_service.proto
syntax = "proto3";

package flows.hello.v1;

import "hello/messages.proto";
import "penstock/v1/execution.proto";

// Greets someone.
//
// Runs artifact 01JTESTARTIFACT00000000000, and never another one.
service Hello {
  // Runs the flow and gives its output.
  rpc Invoke(.hello.GreetRequest) returns (.hello.Greeting);
"""
    )
    names = list(parts(text))
    assert names[:3] == [
        "flows/hello/v1/hello_service.proto",
        "flows/hello/hello_service.proto",
        "hello/messages.proto",
    ]
    assert {name.partition("/")[0] for name in names[3:]} == {"penstock"}
