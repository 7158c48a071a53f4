"""Code that does not import, in all the ways in which code does not."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from penstock.engine.domain.errors import PackageProblems
from penstock.engine.nodes.loader import load_package
from tests.nodes.folders import load, problems_of, write_package

GOOD = """from dataclasses import dataclass
from penstock.sdk import node
@dataclass
class Box:
    a: int
@node
def echo(box: Box) -> Box:
    return box
"""

# What is in nodes.py, and what is said of it.
BROKEN = [
    ("import numpy_that_is_not_there\n", "nodes.py:1: there is no module numpy_that_is_not_there; "
     "it has to be installed where the engine runs"),
    ("x = 1\nimport helpers\n", "nodes.py:2: there is no module helpers; it is a file of the package itself: "
     "write `from . import helpers`"),
    ("from helpers.more import x\n", "nodes.py:1: there is no module helpers; it is a file of the package itself: "
     "write `from . import helpers`"),
    ("\n\nfrom penstock.sdk import nodule\n", "nodes.py:3: ImportError: cannot import name 'nodule'"),
    ("def f(:\n", "nodes.py:1: SyntaxError: invalid syntax"),
    ("if True:\nx = 1\n", "nodes.py:2: IndentationError: expected an indented block after 'if' statement on line 1"),
    ("import sys\nsys.exit(3)\n", "nodes.py:2: it called sys.exit(3) while it was imported"),
    ("def f():\n    return 1 / 0\nf()\n", "nodes.py:2: ZeroDivisionError: division by zero"),
    ("from . import helpers\nhelpers.fail()\n", "helpers.py:2: RuntimeError: no"),
    ("import json\njson.loads('{')\n", "nodes.py:2: JSONDecodeError: "),
    ("raise KeyboardInterrupt\n", "nodes.py:1: KeyboardInterrupt: "),
    ("raise GeneratorExit\n", "nodes.py:1: GeneratorExit: "),
    ("def f():\n    f()\nf()\n", "nodes.py:2: RecursionError: maximum recursion depth exceeded"),
    ("raise ValueError('x' * 5000)\n", f"nodes.py:1: ValueError: {'x' * 987}…"),
]  # fmt: skip


@pytest.mark.parametrize(("nodes", "expected"), BROKEN)
async def test_import_that_fails_is_told_with_file_and_line(tmp_path: Path, nodes: str, expected: str) -> None:
    helpers = "def fail():\n    raise RuntimeError('no')\n"
    (found,) = await problems_of(tmp_path, {"nodes.py": nodes, "helpers.py": helpers})
    assert found.startswith(expected)


async def test_package_without_code_is_refused(tmp_path: Path) -> None:
    assert await problems_of(tmp_path, {}) == ["nodes.py: there is no such file; it holds the package's nodes"]


async def test_import_that_never_ends_is_given_up(tmp_path: Path) -> None:
    root = write_package(tmp_path, {"nodes.py": "import threading\nthreading.Event().wait()\n"})
    with pytest.raises(PackageProblems) as caught:
        await load_package(root, "0" * 64, None, import_s_max=0.05)
    assert [str(problem) for problem in caught.value.problems] == ["nodes.py: took longer than 0.05 s to import"]


async def test_failed_import_leaves_no_module_behind(tmp_path: Path) -> None:
    before = set(sys.modules)
    await problems_of(tmp_path, {"nodes.py": "from . import helpers\n1 / 0\n", "helpers.py": ""})
    await problems_of(tmp_path, {"nodes.py": "from . import helpers\n"})
    assert {name for name in set(sys.modules) - before if name.startswith("penstock_package_")} == set()


async def test_package_with_an_init_file_runs_it(tmp_path: Path) -> None:
    files = {"__init__.py": "A = 5\n", "nodes.py": GOOD + "from . import A\nassert A == 5\n"}
    assert list((await load(tmp_path, files)).nodes) == ["echo"]


async def test_same_package_may_be_loaded_again_beside_itself(tmp_path: Path) -> None:
    first = await load(tmp_path, {"nodes.py": GOOD})
    again = await load(tmp_path, {"nodes.py": GOOD})
    data = b"\x08\x05"
    for node in (first.nodes["echo"], again.nodes["echo"]):
        assert node.encode(node.function(node.decode(data))) == data
    assert first.nodes["echo"].function is not again.nodes["echo"].function


async def test_two_packages_may_have_files_and_classes_of_one_name(tmp_path: Path) -> None:
    other = GOOD.replace("a: int", "a: str")
    one = await load(tmp_path / "one", {"nodes.py": GOOD})
    two = await load(tmp_path / "two", {"nodes.py": other, "penstock.yaml": "name: store\n"})
    assert one.nodes["echo"].decode(b"\x08\x05").a == 5
    assert two.nodes["echo"].decode(b"\x0a\x01x").a == "x"
    assert (one.nodes["echo"].input_type, two.nodes["echo"].input_type) == ("shop.Box", "store.Box")


async def test_loaded_package_is_what_is_recorded_of_it(tmp_path: Path) -> None:
    manifest = 'name: shop\nversion: "1.10"\ndescription: Sells.\nnodes:\n  - {name: echo, timeout: 250ms}\n'
    package = await load(tmp_path, {"nodes.py": GOOD, "penstock.yaml": manifest})
    recorded = package.to_proto()
    (node,) = recorded.nodes
    assert (recorded.name, recorded.version, recorded.description) == ("shop", "1.10", "Sells.")
    assert (recorded.digest, recorded.descriptors) == (package.digest, package.descriptors)
    assert (node.name, node.type, node.input, node.output) == ("echo", node.UNARY, "shop.Box", "shop.Box")
    assert node.timeout.ToMilliseconds() == 250
    assert not recorded.HasField("create_time")
