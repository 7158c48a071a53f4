"""What authors write on their messages goes along with them."""

from __future__ import annotations

from pathlib import Path

from google.protobuf.descriptor_pb2 import FileDescriptorSet

from penstock.engine.nodes.package import LoadedPackage
from penstock.openapi.comments import read_comments
from tests.nodes.folders import load, load_nodes

ECHO = "\n@node\ndef echo(request: Box) -> Box:\n    return request\n"


def comments(package: LoadedPackage) -> dict[str, str]:
    return read_comments(FileDescriptorSet.FromString(package.descriptors).file)


async def test_docstrings_of_dataclasses_enums_and_fields_are_comments(tmp_path: Path) -> None:
    package = await load_nodes(
        tmp_path,
        f'''
class Color(enum.Enum):
    """How it looks."""
    NONE = 0
    RED = 1
    """Like blood."""

class Size(enum.Enum):
    NONE = 0
    """Not known."""

@dataclass
class Box:
    """Something to put
    things into.

    And a second paragraph.
    """
    color: Color
    """Its colour."""
    size: Size
    label: str = ""
    "What stands on it."
    tags: list[str] = field(default_factory=list)

@dataclass
class Plain:
    box: Box | None = None
{ECHO}''',
    )
    assert comments(package) == {
        "shop.Box": "Something to put things into.\n\nAnd a second paragraph.",
        "shop.Box.color": "Its colour.",
        "shop.Box.label": "What stands on it.",
        "shop.Color": "How it looks.",
        "shop.Color.RED": "Like blood.",
        "shop.SizeEnum.Size.NONE": "Not known.",
    }


async def test_comments_of_a_proto_file_stay_and_those_of_other_people_s_files_do_not(tmp_path: Path) -> None:
    proto = """syntax = "proto3";
package shop;
import "google/protobuf/timestamp.proto";
// One box.
message Box {
  string label = 1;  // What stands on it.
  google.protobuf.Timestamp made = 2;
}
"""
    nodes = "from penstock.sdk import node\nfrom .messages_pb2 import Box\n" + ECHO
    package = await load(tmp_path, {"messages.proto": proto, "nodes.py": nodes})
    assert comments(package) == {"shop.Box": "One box.", "shop.Box.label": "What stands on it."}
