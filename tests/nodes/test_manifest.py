"""penstock.yaml: what it may say, and what is said of it when it says something else."""

from __future__ import annotations

from pathlib import Path

import pytest
from google.protobuf.duration_pb2 import Duration

from penstock.engine.domain.artifact import NodeKind
from penstock.engine.domain.errors import PackageProblems
from penstock.engine.nodes.manifest import ListedNode, Manifest, read_manifest
from penstock.wire.gen.retries_pb2 import Retries
from tests.nodes.folders import load, problems_of, write_package

CODE = """from dataclasses import dataclass
from collections.abc import Iterator
from penstock.sdk import node, pipeline
@dataclass
class In:
    a: int
@dataclass
class Out:
    a: int
@node(timeout="10s")
def first(request: In) -> Out:
    '''From the code.'''
@pipeline
def second(request: In) -> Iterator[Out]:
    yield Out(1)
def bare(request: In) -> Out: ...
"""


def read(folder: Path, text: str) -> Manifest:
    return read_manifest(write_package(folder, {"penstock.yaml": text}))


def problems(folder: Path, text: str) -> list[str]:
    with pytest.raises(PackageProblems) as caught:
        read(folder, text)
    return [str(problem) for problem in caught.value.problems]


def test_everything_that_it_may_say(tmp_path: Path) -> None:
    text = """
name: shop
version: "1.10"
description: Sells things.
nodes:
  - name: first
    type: unary
    input: In
    output: shop.Out
    timeout: 1.5s
    description: First of all.
  - {name: second, type: pipeline, timeout: 2}
"""
    first = ListedNode("penstock.yaml: line 6", "first", NodeKind.UNARY, "In", "shop.Out", 1.5, "First of all.")
    second = ListedNode("penstock.yaml: line 12", "second", NodeKind.PIPELINE, "", "", 2.0, "")
    assert read(tmp_path, text) == Manifest("shop", "1.10", "Sells things.", (first, second))


def test_name_alone_is_enough(tmp_path: Path) -> None:
    assert read(tmp_path, "name: shop\n") == Manifest("shop", "", "", None)


def test_whole_number_is_a_version(tmp_path: Path) -> None:
    assert read(tmp_path, "name: shop\nversion: 3\n").version == "3"


def test_every_problem_is_told_with_its_line(tmp_path: Path) -> None:
    text = """name: Shop
version: 1.10
nmae: x
description: [a]
nodes:
  - name: first
    type: stream
    timeout: soon
    retries: often
    inputs: In
  - type: unary
  - second
"""
    assert problems(tmp_path, text) == [
        "penstock.yaml: line 1: name is not right (expected a name of a-z, 0-9 and _, a letter first, at most 63 "
        'characters; not flows, google, penstock, found "Shop")',
        "penstock.yaml: line 2: version is not right (expected text in quotes, found 1.1)",
        "penstock.yaml: line 3: unknown key nmae in the package; did you mean name?",
        'penstock.yaml: line 4: description is not right (expected text, found ["a"])',
        'penstock.yaml: line 7: nodes[0].type is not right (expected unary or pipeline, found "stream")',
        "penstock.yaml: line 9: nodes[0].retries is not right (expected a number, or keys such as {max_attempts: 3}, "
        'found "often")',
        "penstock.yaml: line 10: unknown key inputs in nodes[0]; did you mean input?",
        "penstock.yaml: line 11: nodes[1] has no name",
        'penstock.yaml: line 12: nodes[2] is not right (expected a node such as {name: greet}, found "second")',
    ]


def test_retries_secrets_and_signals_are_told(tmp_path: Path) -> None:
    text = """name: shop
nodes:
  - name: first
    retries: {max_attempts: 3, initial_backoff: 0.2s, retry_on: [PROVIDER]}
    secrets: [stripe_key]
    signals: {approved: Approval}
  - {name: second, retries: 5}
"""
    wait = Duration(nanos=200_000_000)
    first = ListedNode("penstock.yaml: line 3", "first", None, "", "", None, "",
                       Retries(max_attempts=3, initial_backoff=wait, retry_on=["PROVIDER"]),
                       ("stripe_key",), {"approved": "Approval"})  # fmt: skip
    second = ListedNode("penstock.yaml: line 7", "second", None, "", "", None, "", Retries(max_attempts=5))
    assert read(tmp_path, text).nodes == (first, second)


def test_every_problem_of_retries_secrets_and_signals_is_told_with_its_line(tmp_path: Path) -> None:
    text = """name: shop
nodes:
  - name: first
    retries:
      max_attempts: 0
      max_attempt: 3
      initial_backoff: soon
      jitter: 2
    secrets: [stripe_key, Stripe]
  - name: second
    retries: true
  - name: third
    secrets: stripe_key
  - name: fourth
    signals: {approved: 3}
"""
    assert problems(tmp_path, text) == [
        "penstock.yaml: line 11: nodes[1].retries is not right (expected a number, or keys such as "
        "{max_attempts: 3}, found true)",
        'penstock.yaml: line 13: nodes[2].secrets is not right (expected a list of names, found "stripe_key")',
        "penstock.yaml: line 15: nodes[3].signals.approved is not right (expected the name of a message, found 3)",
    ]
    assert problems(tmp_path, text.partition("  - name: second")[0]) == [
        "penstock.yaml: line 5: max_attempts: expected 1 to 100, got 0",
        "penstock.yaml: line 6: max_attempt: unknown key; did you mean max_attempts?",
        'penstock.yaml: line 7: initial_backoff: expected seconds or text such as "10s", "200ms", "5m" or "24h", '
        "got 'soon'",
        "penstock.yaml: line 8: jitter: expected a number from 0 to 1, got 2",
        "penstock.yaml: line 9: expected a name of a-z, 0-9 and _, a letter first, at most 63 characters, got 'Stripe'",
    ]


def test_timeouts_and_names_are_checked_once_the_form_is_right(tmp_path: Path) -> None:
    text = "name: shop\nnodes:\n- {name: a, timeout: soon}\n- {name: b, timeout: 25h}\n- {name: a, timeout: 0}\n"
    assert problems(tmp_path, text) == [
        'penstock.yaml: line 3: expected seconds or text such as "10s", "200ms", "5m" or "24h", got \'soon\'',
        "penstock.yaml: line 4: expected 1 ms to 24 h, got '25h'",
        "penstock.yaml: line 5: expected 1 ms to 24 h, got 0",
        "penstock.yaml: line 5: the node a is listed twice",
    ]


@pytest.mark.parametrize(
    ("text", "start"),
    [
        ("", "penstock.yaml: line 1: "),
        ("name: shop\n  version: 1\n", "penstock.yaml: line 2: not YAML: "),
        ("name: [\n", "penstock.yaml: line 2: not YAML: "),
        ("name: shop\nname: store\n", "penstock.yaml: line 2: the key name is here again"),
        ("- name\n", "penstock.yaml: line 1: the package is not right (expected a package with its name"),
        ("name: penstock\n", "penstock.yaml: line 1: name is not right"),
        ("description: x\n", "penstock.yaml: line 1: the package has no name"),
    ],
)
def test_text_that_is_no_manifest_is_refused_with_its_line(tmp_path: Path, text: str, start: str) -> None:
    (found,) = problems(tmp_path, text)
    assert found.startswith(start)


def test_missing_manifest_is_told(tmp_path: Path) -> None:
    with pytest.raises(PackageProblems, match=r"penstock\.yaml: there is no such file; a package needs one"):
        read_manifest(tmp_path)


async def test_listed_nodes_are_the_nodes_of_the_package(tmp_path: Path) -> None:
    manifest = "name: shop\nnodes:\n- {name: second, timeout: 3s, description: Listed.}\n"
    package = await load(tmp_path, {"nodes.py": CODE, "penstock.yaml": manifest})
    assert {name: (node.timeout_s, node.description) for name, node in package.nodes.items()} == {
        "second": (3.0, "Listed.")
    }


async def test_manifest_that_agrees_with_the_code_changes_nothing(tmp_path: Path) -> None:
    listed = "{name: first, type: unary, input: shop.In, output: Out, timeout: 10s}"
    package = await load(tmp_path, {"nodes.py": CODE, "penstock.yaml": f"name: shop\nnodes: [{listed}]\n"})
    first = package.nodes["first"]
    assert (first.timeout_s, first.description) == (10.0, "From the code.")


async def test_manifest_adds_retries_and_secrets_to_the_code(tmp_path: Path) -> None:
    manifest = "name: shop\nnodes:\n- {name: first, retries: 3, secrets: [stripe_key]}\n"
    first = (await load(tmp_path, {"nodes.py": CODE, "penstock.yaml": manifest})).nodes["first"]
    assert (first.retries, first.secrets) == (Retries(max_attempts=3), ("stripe_key",))


async def test_retries_and_secrets_that_are_others_in_the_code_are_told(tmp_path: Path) -> None:
    code = CODE.replace('@node(timeout="10s")', '@node(retries=4, secrets=["mail_key"])')
    manifest = "name: shop\nnodes:\n- {name: first, retries: 3, secrets: [stripe_key]}\n"
    assert await problems_of(tmp_path, {"nodes.py": code, "penstock.yaml": manifest}) == [
        "penstock.yaml: line 3: node first: its retries is another one at nodes.py:10 "
        "(expected max_attempts: 3, found max_attempts: 4)",
        "penstock.yaml: line 3: node first: its secrets is another one at nodes.py:10 "
        "(expected stripe_key, found mail_key)",
    ]


async def test_every_disagreement_with_the_code_is_told(tmp_path: Path) -> None:
    manifest = """name: shop
nodes:
- {name: first, type: pipeline, input: Out, output: store.Out, timeout: 11s}
- {name: secnd}
- {name: bare}
- {name: else_where}
"""
    there = "is another one at nodes.py:10 (expected"
    assert await problems_of(tmp_path, {"nodes.py": CODE, "penstock.yaml": manifest}) == [
        f"penstock.yaml: line 3: node first: its type {there} pipeline, found unary)",
        f"penstock.yaml: line 3: node first: its input {there} Out, found shop.In)",
        f"penstock.yaml: line 3: node first: its output {there} store.Out, found shop.Out)",
        f"penstock.yaml: line 3: node first: its timeout {there} 11 s, found 10 s)",
        "penstock.yaml: line 4: there is no node secnd in the code; did you mean second?",
        "penstock.yaml: line 5: the function bare is no node: declare it with @node or @pipeline",
        "penstock.yaml: line 6: there is no node else_where in the code; there is first, second",
    ]
