"""The gate and the real `buf breaking` say the same of each change in gate_cases.txt: whom it breaks, by what rules."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path

import pytest
from google.protobuf.descriptor_pb2 import FileDescriptorSet

from penstock.wire.gate import LEVELS, Level, compare
from penstock.wire.gen.artifact_pb2 import Artifact
from penstock.wire.typed import service_descriptors
from tests.wire.gate_cases import Case, artifacts, pairs, read_cases

CASES = read_cases()
KINDS = [
    *("int32", "int64", "uint32", "uint64", "sint32", "sint64", "fixed32", "fixed64", "sfixed32", "sfixed64"),
    *("bool", "float", "double", "string", "bytes", "Colour", "Item"),
]
SHAPES = [
    *("string f = 1;", "optional string f = 1;", "repeated string f = 1;", "oneof o { string f = 1; }"),
    *("Item f = 1;", "optional Item f = 1;", "repeated Item f = 1;", "oneof o { Item f = 1; }"),
    *("map<string, string> f = 1;", "map<string, Item> f = 1;", "map<int32, Item> f = 1;"),
]
PAIRS = pairs("kind", [f"{kind} f = 1;" for kind in KINDS]) + pairs("shape", SHAPES)
CATEGORIES = {"WIRE": Level.WIRE, "WIRE_JSON": Level.JSON, "FILE": Level.SOURCE}
OUR_OWN = {"FLOW_MODE_COMPATIBLE"}
LEFT_OUT = {
    "EXTENSION_NO_DELETE",
    "FIELD_SAME_CPP_STRING_TYPE",
    "FIELD_SAME_JAVA_UTF8_VALIDATION",
    "RPC_SAME_IDEMPOTENCY_LEVEL",
}
"""Rules of buf about what no flow has, or what one language alone makes of a field."""

Rules = Mapping[str, frozenset[tuple[str, Level]]]
"""Case -> the rules that it breaks, each with the level at which it was asked for."""


@pytest.fixture(scope="module")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Artifact, Artifact]]:
    before, after = (artifacts(CASES + PAIRS, side, tmp_path_factory.mktemp(side)) for side in ("before", "after"))
    return {name: (before[name], after[name]) for name in before}


@pytest.fixture(scope="module")
def judged_by_buf(compiled: dict[str, tuple[Artifact, Artifact]], tmp_path_factory: pytest.TempPathFactory) -> Rules:
    """What buf says of all cases, in one run a category."""
    folder = tmp_path_factory.mktemp("buf")
    for index, side in enumerate(("before", "after")):
        (folder / f"{side}.binpb").write_bytes(_image(pair[index] for pair in compiled.values()))
    found = defaultdict(set)
    for category, level in CATEGORIES.items():
        config = json.dumps({"version": "v2", "breaking": {"use": [category]}})
        options = ("--against", "before.binpb", "--config", config, "--error-format", "json")
        done = _buf(folder, "breaking", "after.binpb", *options)
        assert done.returncode == 100, done.stderr
        for line in done.stdout.splitlines():
            problem = json.loads(line)
            found[_case_of(problem)].add((problem["type"], level))
    return {case.name: frozenset(found[case.name]) for case in CASES + PAIRS}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_gate_breaks_whom_buf_says(
    case: Case, compiled: dict[str, tuple[Artifact, Artifact]], judged_by_buf: Rules
) -> None:
    ours, theirs = _rules(compiled[case.name]), judged_by_buf[case.name]
    assert _levels(ours) == _levels(theirs) == case.levels
    assert ours == _known(theirs)


def test_every_kind_and_shape_of_field_in_place_of_every_other_is_judged_as_buf_does(
    compiled: dict[str, tuple[Artifact, Artifact]], judged_by_buf: Rules
) -> None:
    ours = {case.name: _rules(compiled[case.name]) for case in PAIRS}
    assert ours == {case.name: _known(judged_by_buf[case.name]) for case in PAIRS}


def test_levels_of_all_rules_are_the_categories_of_buf(tmp_path: Path) -> None:
    done = _buf(tmp_path, "config", "ls-breaking-rules", "--version", "v2", "--format", "json")
    rules = [json.loads(line) for line in done.stdout.splitlines()]
    expected = {
        rule["id"]: frozenset(CATEGORIES[name] for name in rule["categories"] if name in CATEGORIES) for rule in rules
    }
    known = {id: levels for id, levels in expected.items() if levels and id not in LEFT_OUT}
    assert {id: levels for id, levels in LEVELS.items() if id not in OUR_OWN} == known


def _rules(pair: tuple[Artifact, Artifact]) -> frozenset[tuple[str, Level]]:
    return frozenset((change.rule, level) for change in compare(*pair) for level in change.levels)


def _known(rules: frozenset[tuple[str, Level]]) -> frozenset[tuple[str, Level]]:
    return frozenset((rule, level) for rule, level in rules if rule not in LEFT_OUT)


def _levels(rules: frozenset[tuple[str, Level]]) -> frozenset[Level]:
    return frozenset(level for _, level in rules)


def _image(artifacts: object) -> bytes:
    """All artifacts with their services, as buf reads them."""
    files = {}
    for artifact in artifacts:  # type: ignore[attr-defined]
        files |= {file.name: file for file in FileDescriptorSet.FromString(service_descriptors(artifact)).file}
    return FileDescriptorSet(file=files.values()).SerializeToString()


def _case_of(problem: Mapping[str, str]) -> str:
    """The case that a problem is of: its name is the first folder of its files, or the second below "flows"."""
    # A file that is gone is named in the message alone.
    path = problem.get("path") or problem["message"].split('"')[1]
    parts = path.removeprefix("flows/").split("/")
    return parts[0]


def _buf(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    buf = shutil.which("buf", path=path)
    assert buf is not None, "buf is not installed: pip install 'penstock[lint]'"
    environment = {**os.environ, "BUF_CACHE_DIR": str(folder / "cache")}
    return subprocess.run(
        [buf, *arguments], cwd=folder, env=environment, capture_output=True, text=True, check=False, timeout=60
    )
