"""The signals that a node waits for: seen in its source, declared, or listed in the manifest."""

from __future__ import annotations

from pathlib import Path

import pytest

from penstock.engine.nodes.codecs import WrongInput
from penstock.engine.nodes.package import LoadedPackage
from tests.nodes.folders import IMPORTS, json_of, load, load_nodes, problems_of, problems_of_nodes
from tests.nodes.test_signatures import FIRST_LINE, MESSAGES

TYPES = """
from penstock.sdk import context

@dataclass
class Approval:
    by: str

@dataclass
class Refusal:
    why: str
"""
LINE = FIRST_LINE + TYPES.count("\n")


def signals(package: LoadedPackage) -> dict[str, dict[str, str]]:
    return {name: dict(node.signals) for name, node in package.nodes.items()}


async def test_signal_in_the_source_needs_no_declaration(tmp_path: Path) -> None:
    nodes = """
@node
async def charge(request: In) -> Out:
    approval = await context.signal("approved", Approval)
    return Out(len(approval.by))

@node
async def other(request: In) -> Out: ...
"""
    package = await load_nodes(tmp_path, MESSAGES + TYPES + nodes)
    assert signals(package) == {"charge": {"approved": "shop.Approval"}, "other": {}}
    from_json, _ = json_of(package, "shop.Approval")
    approval = package.nodes["charge"].signal_codecs["approved"](from_json({"by": "ada"}))
    assert (type(approval).__name__, approval.by) == ("Approval", "ada")
    recorded = package.to_proto().nodes
    assert [[(signal.name, signal.type) for signal in node.signals] for node in recorded] == [
        [("approved", "shop.Approval")],
        [],
    ]


async def test_message_that_is_no_signal_names_node_and_signal(tmp_path: Path) -> None:
    nodes = "\n@node\nasync def charge(request: In) -> Out:\n    await context.signal('approved', Approval)\n"
    charge = (await load_nodes(tmp_path, MESSAGES + TYPES + nodes)).nodes["charge"]
    with pytest.raises(WrongInput, match="charge cannot take the signal approved as Approval: "):
        charge.signal_codecs["approved"](b"\xff")


async def test_signals_are_seen_wherever_the_code_of_the_package_waits(tmp_path: Path) -> None:
    helpers = """
from dataclasses import dataclass
from penstock import sdk

@dataclass
class Late:
    a: int

async def ask():
    return await deeper()

async def deeper():
    if False:
        await ask()
    return await sdk.context.signal("in_a_module", Late)

async def not_called():
    await sdk.context.signal("never", Late)
"""
    nodes = """
import asyncio
import functools
from . import helpers
from .helpers import ask
from penstock import sdk

NAME = "by_constant"

def twice(function):
    @functools.wraps(function)
    async def wrapper(request):
        await context.signal("in_the_wrapper", Approval)
        return await function(request)
    return wrapper

async def local():
    await context.signal("in_a_function", Approval)

async def given(context):
    await context.signal("context_given", Approval)

def made(cls):
    @node(name="closed")
    async def inner(request: In) -> Out:
        return await context.signal("in_a_closure", cls)
    return inner

closed = made(Refusal)

@node
async def charge(request: In) -> Out:
    async def nested():
        await context.signal("nested", Approval)
    await asyncio.gather(nested(), local(), given(context))
    await context.signal(NAME, Approval)
    await sdk.context.signal("through_the_module", Approval)
    text = \"\"\"
out of line
\"\"\"
    return await context.signal("last", Approval)

@node
async def calls(request: In) -> Out:
    return await ask()

@node
async def calls_through_the_module(request: In) -> Out:
    return await helpers.ask()

@twice
@node
async def wrapped(request: In) -> Out:
    return await context.signal("inside", Approval)

@pipeline
async def many(request: In) -> AsyncIterator[Out]:
    yield await context.signal("in_a_pipeline", Approval)

@node
async def imports_itself(request: In) -> Out:
    from penstock.sdk import context
    return await context.signal("imported", Approval)
"""
    files = {"nodes.py": IMPORTS + MESSAGES + TYPES + nodes, "helpers.py": helpers}
    package = await load(tmp_path, files)
    late = {"in_a_module": "shop.Late"}
    assert signals(package) == {
        "closed": {"in_a_closure": "shop.Refusal"},
        "charge": dict.fromkeys(
            ("in_a_function", "context_given", "nested", "by_constant", "through_the_module", "last"), "shop.Approval"
        ),
        "calls": late,
        "calls_through_the_module": late,
        "wrapped": dict.fromkeys(("in_the_wrapper", "inside"), "shop.Approval"),
        "many": {"in_a_pipeline": "shop.Approval"},
        "imports_itself": {"imported": "shop.Approval"},
    }


async def test_what_is_called_signal_elsewhere_is_none(tmp_path: Path) -> None:
    nodes = """
import signal

class Bus:
    def signal(self, name, type_): ...

bus = Bus()

@node
async def charge(request: In) -> Out:
    signal.signal(signal.SIGTERM, None)
    bus.signal("approved", Approval)
    for context in [bus]:
        context.signal(request.a, Approval)
"""
    assert signals(await load_nodes(tmp_path, MESSAGES + TYPES + nodes)) == {"charge": {}}


async def test_signal_that_cannot_be_read_may_be_declared(tmp_path: Path) -> None:
    nodes = """
NAMES = ["approved"]

@node(signals={"approved": Approval, "refused": "Refusal"})
async def charge(request: In) -> Out:
    return await context.signal(NAMES[0], Approval)
"""
    assert signals(await load_nodes(tmp_path, MESSAGES + TYPES + nodes)) == {
        "charge": {"approved": "shop.Approval", "refused": "shop.Refusal"}
    }


async def test_signals_of_the_manifest_are_declared_too(tmp_path: Path) -> None:
    nodes = """
@node
async def charge(request: In) -> Out:
    return await context.signal("approved", Approval)
"""
    manifest = "name: shop\nnodes:\n- {name: charge, signals: {approved: shop.Approval, refused: Refusal}}\n"
    package = await load(tmp_path, {"nodes.py": IMPORTS + MESSAGES + TYPES + nodes, "penstock.yaml": manifest})
    assert signals(package) == {"charge": {"approved": "shop.Approval", "refused": "shop.Refusal"}}


async def test_signals_of_proto_packages_are_messages(tmp_path: Path) -> None:
    proto = 'syntax = "proto3";\npackage shop;\nmessage In { int64 a = 1; }\nmessage Approval { string by = 1; }\n'
    nodes = """
from penstock.sdk import context, node
from .messages_pb2 import Approval, In

@node(signals={"named": "shop.Approval", "also_named": "Approval"})
async def charge(request: In) -> In:
    await context.signal("approved", Approval)
    return request
"""
    package = await load(tmp_path, {"nodes.py": nodes, "messages.proto": proto})
    assert signals(package) == {"charge": dict.fromkeys(("named", "also_named", "approved"), "shop.Approval")}
    assert package.nodes["charge"].signal_codecs["named"](b"\n\x03ada").by == "ada"


async def test_field_numbers_of_signals_are_kept(tmp_path: Path) -> None:
    nodes = "\n@node\nasync def charge(request: In) -> Out:\n    await context.signal('approved', Approval)\n"
    first = await load_nodes(tmp_path, MESSAGES + TYPES + nodes)
    later = TYPES.replace("    by: str", "    when: int\n    by: str")
    second = await load_nodes(tmp_path, MESSAGES + later + nodes, first.descriptors)
    from_json, _ = json_of(first, "shop.Approval")
    assert second.nodes["charge"].signal_codecs["approved"](from_json({"by": "ada"})).by == "ada"


async def test_every_problem_of_signals_is_told(tmp_path: Path) -> None:
    nodes = """@node
async def two_types(request: In) -> Out:
    await context.signal("approved", Approval)
    await context.signal("approved", Refusal)
@node(signals={"approved": Refusal})
async def declared_as_another(request: In) -> Out:
    await context.signal("approved", Approval)
@node
async def no_message(request: In) -> Out:
    await context.signal("approved", int)
@node
async def unreadable(request: In) -> Out:
    await context.signal(str(request.a), Approval)
@node
async def unreadable_type(request: In) -> Out:
    await context.signal("approved", type(request))
@node
def plain(request: In) -> Out:
    context.signal("approved", Approval)
@node(signals={"Approved": Approval, "approved": "Aproval", "refused": 5})
async def names(request: In) -> Out: ...
@node(signals=["approved"])
async def no_mapping(request: In) -> Out: ...
@node(signals={f"s{number}": Approval for number in range(51)})
async def too_many(request: In) -> Out: ...
"""
    wrong = "has the wrong type (expected a dataclass, found"
    unreadable = (
        "which signal it waits for cannot be read from the source (expected context.signal("
        '"approved", Approval), with a class of the module; or signals={…} of the node, found another call at nodes.py:'
    )
    rule = "a name of a-z, 0-9 and _, a letter first, at most 63 characters"
    expected = [
        (0, "two_types: the signal approved has two types (expected Approval, found Refusal)"),
        (4, "declared_as_another: the signal approved has two types (expected Refusal, found Approval)"),
        (7, f"no_message: the signal approved {wrong} int)"),
        (10, f"unreadable: {unreadable}{LINE + 12})"),
        (13, f"unreadable_type: {unreadable}{LINE + 15})"),
        (16, "plain: a plain function cannot wait for signals: declare it with async def"),
        (19, f"names: the name of a signal does not work (expected {rule}, found 'Approved')"),
        (19, f"names: the signal approved {wrong} Aproval)"),
        (19, f"names: the signal refused {wrong} 5)"),
        (21, "no_mapping: signals has the wrong form (expected the types by name, such as "
             "{\"approved\": Approval}, found ['approved'])"),
        (23, "too_many: it waits for too many signals (expected at most 50, found 51)"),
    ]  # fmt: skip
    found = await problems_of_nodes(tmp_path, MESSAGES + TYPES + nodes)
    assert found == [f"nodes.py:{LINE + line}: node {problem}" for line, problem in expected]


async def test_problems_within_the_type_of_a_signal_are_told(tmp_path: Path) -> None:
    nodes = TYPES.replace("by: str", "by: complex")
    nodes += "\n@node\nasync def charge(request: In) -> Out:\n    await context.signal('approved', Approval)\n"
    (found,) = await problems_of_nodes(tmp_path, MESSAGES + nodes)
    assert found.startswith("Approval.by: not a type that works in a message")


async def test_type_that_the_manifest_makes_up_is_refused(tmp_path: Path) -> None:
    nodes = IMPORTS + MESSAGES + "@node\nasync def charge(request: In) -> Out: ...\n"
    manifest = "name: shop\nnodes:\n- {name: charge, signals: {approved: Approval}}\n"
    (found,) = await problems_of(tmp_path, {"nodes.py": nodes, "penstock.yaml": manifest})
    assert found == (
        f"nodes.py:{FIRST_LINE}: node charge: the signal approved has the wrong type "
        "(expected a dataclass, found Approval)"
    )
