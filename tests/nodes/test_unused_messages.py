"""Dataclasses that no node takes or gives."""

from __future__ import annotations

from pathlib import Path

from google.protobuf.descriptor_pb2 import FileDescriptorSet

from penstock.engine.compiler.compile import compile_flow
from penstock.engine.compiler.flow_file import read_flow
from penstock.engine.nodes.loader import load_package
from penstock.engine.nodes.package import LoadedPackage
from tests.nodes.folders import IMPORTS, load, load_nodes, problems_of

BOX = """
@dataclass
class Box:
    weight: int
"""
ECHO = "\n@node\ndef echo(request: Box) -> Box:\n    return request\n"


def messages(package: LoadedPackage) -> list[str]:
    (file,) = [f for f in FileDescriptorSet.FromString(package.descriptors).file if f.package == package.name]
    return [message.name for message in file.message_type]


def enums(package: LoadedPackage) -> list[str]:
    (file,) = [f for f in FileDescriptorSet.FromString(package.descriptors).file if f.package == package.name]
    return [enum.name for enum in file.enum_type]


def numbers(package: LoadedPackage, message: str) -> dict[str, int]:
    (file,) = [f for f in FileDescriptorSet.FromString(package.descriptors).file if f.package == package.name]
    return {field.name: field.number for found in file.message_type if found.name == message for field in found.field}


async def test_dataclasses_of_all_modules_are_messages_behind_those_of_nodes(tmp_path: Path) -> None:
    files = {
        "nodes.py": f"{IMPORTS}from . import z, a\n@dataclass\nclass Late:\n    box: 'Box'\n{BOX}{ECHO}",
        "a.py": "from dataclasses import dataclass\nfrom .z import Sort\n"
        "@dataclass\nclass First:\n    sort: Sort\n    within: 'Second'\n@dataclass\nclass Second:\n    text: str\n",
        "z.py": "import enum\nfrom dataclasses import dataclass\nclass Sort(enum.Enum):\n    FAST = 0\n"
        "class Alone(enum.Enum):\n    NO = 0\n@dataclass\nclass Last:\n    text: str\n",
    }
    package = await load(tmp_path, files)
    assert messages(package) == ["Box", "First", "Second", "Late", "Last"]
    assert enums(package) == ["Sort"]


async def test_what_no_module_at_the_top_defines_is_no_message(tmp_path: Path) -> None:
    files = {
        "nodes.py": f"{IMPORTS}from .other import Other\n{BOX}{ECHO}"
        "\n@dataclass\nclass Outer:\n    @dataclass\n    class Inner:\n        text: str\n    text: str\n"
        "def make():\n    @dataclass\n    class Local:\n        text: str\n    return Local\n"
        "Made = make()\nAlias = Outer\nvalue = Outer('a value')\n",
        "other.py": "from dataclasses import dataclass\n@dataclass\nclass Other:\n    text: str\n",
        "never.py": "from dataclasses import dataclass\n@dataclass\nclass Never:\n    text: str\n",
    }
    assert messages(await load(tmp_path, files)) == ["Box", "Outer", "Other"]


async def test_what_cannot_be_a_message_is_left_out_with_all_that_needs_it(tmp_path: Path) -> None:
    package = await load_nodes(
        tmp_path,
        f"""
import threading
{BOX}{ECHO}
@dataclass
class Lock:
    lock: threading.Lock

@dataclass
class Holder:
    locks: dict[str, "Middle"]

@dataclass
class Middle:
    either: "Box | Lock"

@dataclass
class Endless:
    more: "Endless"

@dataclass
class Unknown:
    text: "Nowhere"

@dataclass
class _Hidden:
    text: str

class Odd(type):
    @property
    def __signature__(cls):
        raise TypeError("no signature")

@dataclass
class Strange(metaclass=Odd):
    text: str

@dataclass
class Clash:
    items: dict[str, int]
    text: str

@dataclass
class Fine:
    box: Box
""",
    )
    assert messages(package) == ["Box", "Clash", "Fine"]


async def test_no_code_of_an_unused_dataclass_is_called(tmp_path: Path) -> None:
    loud = "def loud():\n    raise AssertionError\n"
    loud += "@dataclass\nclass Loud:\n    items: list[str] = field(default_factory=loud)\n"
    assert messages(await load_nodes(tmp_path, BOX + ECHO + loud)) == ["Box", "Loud"]


async def test_names_that_are_taken_or_shared_are_left_out(tmp_path: Path) -> None:
    files = {
        "nodes.py": f"{IMPORTS}from . import one, two\nclass Sort(enum.Enum):\n    Card = 0\n"
        f"@dataclass\nclass Box:\n    sort: Sort\n@dataclass\nclass Card:\n    text: str\n{ECHO}",
        "one.py": "from dataclasses import dataclass\n@dataclass\nclass Box:\n    text: str\n"
        "@dataclass\nclass Twice:\n    text: str\n@dataclass\nclass Once:\n    text: str\n",
        "two.py": "from dataclasses import dataclass\n@dataclass\nclass Twice:\n    number: int\n"
        "@dataclass\nclass Needs:\n    twice: Twice\n",
    }
    package = await load(tmp_path, files)
    assert messages(package) == ["Box", "Once"]
    assert numbers(package, "Box") == {"sort": 1}
    assert enums(package) == ["Sort"]


async def test_one_that_only_the_pool_refuses_leaves_the_messages_of_nodes(tmp_path: Path) -> None:
    clash = "@dataclass\nclass Clash:\n    part: dict[str, int]\n    Part: dict[str, int]\n"
    assert messages(await load_nodes(tmp_path, BOX + ECHO + clash)) == ["Box"]


async def test_a_node_that_uses_what_cannot_be_a_message_is_told(tmp_path: Path) -> None:
    files = {"nodes.py": f"{IMPORTS}import threading\n@dataclass\nclass Box:\n    lock: threading.Event\n{ECHO}"}
    (problem,) = await problems_of(tmp_path, files)
    assert problem.startswith("Box.lock: not a type that works in a message")


async def test_numbers_of_an_unused_message_are_kept(tmp_path: Path) -> None:
    one = await load_nodes(tmp_path / "1", f"{BOX}{ECHO}@dataclass\nclass Note:\n    text: str\n    by: str\n")
    two = await load_nodes(
        tmp_path / "2", f"{BOX}{ECHO}@dataclass\nclass Note:\n    at: int\n    by: str\n", one.descriptors
    )
    used = "@dataclass\nclass Note:\n    at: int\n    by: str\n"
    three = await load_nodes(tmp_path / "3", used + ECHO.replace("Box", "Note"), two.descriptors)
    assert [numbers(package, "Note") for package in (one, two, three)] == [
        {"text": 1, "by": 2},
        {"at": 3, "by": 2},
        {"at": 3, "by": 2},
    ]


async def test_the_same_package_gives_the_same_bytes(tmp_path: Path) -> None:
    files = {
        "nodes.py": f"{IMPORTS}from . import b\n{BOX}{ECHO}",
        "b.py": "from dataclasses import dataclass\nfrom . import a\n@dataclass\nclass B:\n    text: str\n",
        "a.py": "from dataclasses import dataclass\n@dataclass\nclass A:\n    text: str\n",
    }
    first = await load(tmp_path, files)
    again = await load_package(tmp_path, first.digest, None)
    assert first.descriptors == again.descriptors


async def test_a_gate_may_name_a_message_that_no_node_uses(tmp_path: Path) -> None:
    decision = "@dataclass\nclass Decision:\n    first: int\n    second: int\n"
    package = await load_nodes(tmp_path, BOX + ECHO + decision)
    flow = read_flow(b"""
flow: decide
nodes:
  start: {use: shop/echo}
  one: {use: shop/echo}
  two: {use: shop/echo}
  join: {gate: {wait_for: all, output: shop.Decision, fields: {first: one.weight, second: two.weight}}}
edges: [start -> one, start -> two, one -> join, two -> join]
""")
    artifact = compile_flow(flow, {"shop": package.to_proto()}, {})
    assert artifact.output_type == "shop.Decision"
