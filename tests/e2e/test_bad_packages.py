"""Packages that do not load: `penstock dev` says why, and the others work."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tests.harness import Server

HEAD = "from dataclasses import dataclass\nfrom penstock.sdk import node\n"
WORKS = HEAD + "@dataclass\nclass Text:\n    text: str\n\n@node\ndef same(text: Text) -> Text:\n    return text\n"
BROKEN = {
    "fails_to_import": "import nowhere_to_be_found\n",
    "raises_at_import": WORKS + "raise LookupError('no luck')\n",
    "exits_at_import": WORKS + "import sys\nsys.exit(1)\n",
    "has_a_syntax_error": WORKS + "def broken(:\n",
    "misses_types": HEAD + "@node\ndef untyped(text):\n    return text\n",
    "has_a_bad_field": HEAD
    + "@dataclass\nclass Bad:\n    value: complex\n\n@node\ndef bad(given: Bad) -> Bad:\n    return given\n",
    "declares_nothing": "x = 1\n",
}


def write_package(folder: Path, name: str, nodes: str, node: str = "same") -> None:
    package = folder / name
    (package / "flows").mkdir(parents=True)
    (package / "penstock.yaml").write_text(f"name: {name}\n")
    (package / "nodes.py").write_text(nodes)
    (package / "flows" / f"{name}.yaml").write_text(f"flow: {name}\nnodes:\n  only: {{use: {name}/{node}}}\n")


def test_packages_that_do_not_load_are_reported_and_the_others_work(
    serve: Callable[..., Server], tmp_path: Path
) -> None:
    write_package(tmp_path, "works", WORKS)
    for name, nodes in BROKEN.items():
        write_package(tmp_path, name, nodes)
    write_package(tmp_path, "uses_nothing", WORKS, "nobody")
    (tmp_path / "works" / "flows" / "malformed.yaml").write_text("flow: malformed\nnodes: [\n")
    server = serve(tmp_path)
    assert list(server.info["flows"]) == ["works"]
    assert server.invoke("works", {"text": "x"})["result"]["output"] == {"text": "x"}
    reports = [line for line in server.log.splitlines() if line.startswith("penstock:")]
    folders = {name: next((line for line in reports if name in line), "") for name in (*BROKEN, "uses_nothing")}
    assert {name: told for name, told in folders.items() if not told} == {}
    assert "Traceback" not in server.log
    expected = {
        "fails_to_import": "nodes.py:1: there is no module nowhere_to_be_found",
        "raises_at_import": "nodes.py:10: LookupError: no luck",
        "exits_at_import": "nodes.py:11: it called sys.exit(1) while it was imported",
        "has_a_syntax_error": "nodes.py:10: SyntaxError: invalid syntax",
        "misses_types": "nodes.py:3: node untyped: the parameter text has no annotation",
        "has_a_bad_field": "Bad.value",
        "declares_nothing": "nodes.py: it declares no node",
        "uses_nothing": "nobody",
    }
    assert {name: text for name, text in expected.items() if text not in folders[name]} == {}
    assert any("malformed.yaml" in line and "line 3" in line for line in reports)
