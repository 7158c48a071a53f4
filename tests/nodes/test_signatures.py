"""What a declared function has to look like to be a node; every problem of a package is told at once."""

from __future__ import annotations

from pathlib import Path

from penstock.engine.domain.artifact import NodeKind
from tests.nodes.folders import IMPORTS, load, load_nodes, problems_of, problems_of_nodes

MESSAGES = "@dataclass\nclass In:\n    a: int\n\n@dataclass\nclass Out:\n    b: int\n\n"
FIRST_LINE = (IMPORTS + MESSAGES).count("\n") + 1


async def test_each_kind_of_function_is_recognised(tmp_path: Path) -> None:
    nodes = """
from collections.abc import AsyncGenerator, AsyncIterable, Generator, Iterable

@node
async def one(request: In) -> Out: ...
@node
def two(request: In) -> Out: ...
@pipeline
async def three(request: In) -> AsyncIterator[Out]: yield Out(1)
@pipeline
async def four(request: In) -> AsyncGenerator[Out, None]: yield Out(1)
@pipeline
async def five(request: In) -> AsyncIterable[Out]: yield Out(1)
@pipeline
def six(request: In) -> Iterator[Out]: yield Out(1)
@pipeline
def seven(request: In) -> Generator[Out, None, None]: yield Out(1)
@pipeline
def eight(request: In) -> Iterable[Out]: yield Out(1)
"""
    package = await load_nodes(tmp_path, MESSAGES + nodes)
    unary, stream = NodeKind.UNARY, NodeKind.PIPELINE
    assert {name: (node.kind, node.is_async) for name, node in package.nodes.items()} == {
        "one": (unary, True),
        "two": (unary, False),
        "three": (stream, True),
        "four": (stream, True),
        "five": (stream, True),
        "six": (stream, False),
        "seven": (stream, False),
        "eight": (stream, False),
    }
    assert {(node.input_type, node.output_type) for node in package.nodes.values()} == {("shop.In", "shop.Out")}


async def test_postponed_annotations_are_understood(tmp_path: Path) -> None:
    nodes = f"from __future__ import annotations\n{IMPORTS}@node\nasync def one(request: In) -> Out: ...\n{MESSAGES}"
    package = await load(tmp_path, {"nodes.py": nodes})
    assert (package.nodes["one"].input_type, package.nodes["one"].output_type) == ("shop.In", "shop.Out")


async def test_arguments_of_the_decorator_describe_the_node(tmp_path: Path) -> None:
    nodes = '''
@node(name="first", timeout="1.5s", description="What it does.")
def a(request: In) -> Out:
    """Not this."""
@node(timeout=2)
def second(request: In) -> Out:
    """First paragraph,
    still the first.

    Second paragraph."""
@node()
def third(request: In) -> Out: ...
'''
    package = await load_nodes(tmp_path, MESSAGES + nodes)
    assert {name: (node.timeout_s, node.description) for name, node in package.nodes.items()} == {
        "first": (1.5, "What it does."),
        "second": (2.0, "First paragraph, still the first."),
        "third": (None, ""),
    }


async def test_decorators_above_and_below_node_both_count(tmp_path: Path) -> None:
    nodes = """
import functools

def twice(function):
    @functools.wraps(function)
    def wrapper(request):
        return Out(function(request).b * 2)
    return wrapper

@twice
@node
def above(request: In) -> Out:
    return Out(request.a)

@node
@twice
def below(request: In) -> Out:
    return Out(request.a)
"""
    package = await load_nodes(tmp_path, MESSAGES + nodes)
    names = package.nodes["above"].function.__globals__
    request = names["In"](21)
    assert [node.function(request).b for node in package.nodes.values()] == [42, 42]


async def test_nodes_of_other_files_of_the_package_count(tmp_path: Path) -> None:
    files = {
        "more.py": IMPORTS + MESSAGES + "@node\ndef one(request: In) -> Out: ...\n",
        "nodes.py": "from . import more\n",
    }
    assert list((await load(tmp_path, files)).nodes) == ["one"]


async def test_every_problem_of_every_function_is_told_at_once(tmp_path: Path) -> None:
    nodes = """@node
def no_annotations(request): ...
@node
def no_return(request: In): ...
@node
def nothing() -> Out: ...
@node
def more(request: In, other: int = 1) -> Out: ...
@node
def keyword(*, request: In) -> Out: ...
@node
def stars(*requests: In) -> Out: ...
@node
def plain_types(request: int) -> "list[Out]": ...
@node
def gives_none(request: In) -> None: ...
@node
async def streams(request: In) -> AsyncIterator[Out]: yield Out(1)
@pipeline
def one_message(request: In) -> Out: ...
@pipeline
async def wrong_stream(request: In) -> Iterator[Out]: yield Out(1)
@pipeline
def no_item(request: In) -> Iterator: yield Out(1)
@pipeline
def item_of_no_message(request: In) -> Iterator[int]: yield 1
@node
def unknown(request: "Missing") -> Out: ...
@node(timeout="soon", name="Not A Name")
def arguments(request: In) -> Out: ...
"""
    one = "it does not take what a node takes (expected one plain parameter, its message, found"
    wrong = "has the wrong annotation (expected"
    expected = [
        (1, "no_annotations: the parameter request has no annotation (expected a dataclass, found nothing)"),
        (1, "no_annotations: what it returns has no annotation (expected a dataclass, found nothing)"),
        (3, "no_return: what it returns has no annotation (expected a dataclass, found nothing)"),
        (5, f"nothing: {one} none)"),
        (7, f"more: {one} request, other)"),
        (9, f"keyword: {one} request)"),
        (11, f"stars: {one} *requests)"),
        (13, f"plain_types: the parameter request {wrong} a dataclass, found int)"),
        (13, f"plain_types: what it returns {wrong} a dataclass, found list[Out])"),
        (15, f"gives_none: what it returns {wrong} a dataclass, found None)"),
        (17, "streams: it is a generator, which gives many messages: declare it with @pipeline"),
        (19, "one_message: it has no yield: a pipeline yields its frames; "
             "declare it with @node if it gives one message"),
        (21, f"wrong_stream: what it returns {wrong} AsyncIterator[T], T being a dataclass, found Iterator[Out])"),
        (23, f"no_item: what it returns {wrong} Iterator[T], T being a dataclass, found Iterator)"),
        (25, f"item_of_no_message: what it yields {wrong} a dataclass, found int)"),
        (27, "unknown: its annotations cannot be read: NameError: name 'Missing' is not defined"),
        (29, "Not A Name: the name does not work; give one with @node(name=…) "
             "(expected a-z, 0-9 and _, a letter first, found Not A Name)"),
        (29, "Not A Name: timeout: expected seconds or text such as \"10s\", \"200ms\", \"5m\" or \"24h\", got 'soon'"),
    ]  # fmt: skip
    found = await problems_of(tmp_path, {"nodes.py": f"from __future__ import annotations\n{IMPORTS}{MESSAGES}{nodes}"})
    assert found == [f"nodes.py:{FIRST_LINE + line}: node {problem}" for line, problem in expected]


async def test_problems_of_functions_and_of_messages_are_told_together(tmp_path: Path) -> None:
    bad = "@dataclass\nclass Bad:\n    c: complex\n"
    functions = "@node\ndef a(request: In): ...\n@node\ndef b(x: Bad) -> In: ...\n"
    found = await problems_of_nodes(tmp_path, MESSAGES + bad + functions)
    assert [problem.partition(": ")[0] for problem in found] == [f"nodes.py:{FIRST_LINE + 3}", "Bad.c"]


async def test_two_nodes_of_one_name_are_refused(tmp_path: Path) -> None:
    function = "@node\ndef one(request: In) -> Out: ...\n"
    renamed = "@node(name='one')\ndef x(r: In) -> Out: ...\n"
    found = await problems_of_nodes(tmp_path, MESSAGES + function * 2 + renamed)
    again = "node one: another node has this name"
    assert found == [f"nodes.py:{FIRST_LINE + 2}: {again}", f"nodes.py:{FIRST_LINE + 4}: {again}"]


async def test_code_without_a_node_is_refused(tmp_path: Path) -> None:
    found = await problems_of_nodes(tmp_path, f"{MESSAGES}def greet(request: In) -> Out: ...\n")
    assert found == ["nodes.py: it declares no node (expected a function with @node or @pipeline, found none)"]


async def test_decorator_on_something_else_than_a_function_is_refused_with_its_line(tmp_path: Path) -> None:
    found = await problems_of_nodes(tmp_path, f"{MESSAGES}@node('greet')\ndef greet(request: In) -> Out: ...\n")
    message = "TypeError: @node goes on a function, not on 'greet'; its arguments are given by name"
    assert found == [f"nodes.py:{FIRST_LINE}: {message}"]


async def test_method_is_no_node(tmp_path: Path) -> None:
    nodes = f"{MESSAGES}class Shop:\n    @node\n    def sell(self, request: In) -> Out: ...\n"
    assert await problems_of_nodes(tmp_path, nodes) == [
        f"nodes.py:{FIRST_LINE + 1}: node sell: it does not take what a node takes "
        "(expected one plain parameter, its message, found self, request)"
    ]
