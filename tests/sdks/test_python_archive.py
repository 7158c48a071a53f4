"""The archive of a Python client: the same wherever it is made, and typed."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from penstock.codegen.sdk.problems import NotInstalled, SdkError
from penstock.codegen.sdk.python import archive
from penstock.codegen.sdk.python.flavours import FLAVOURS, compiler_version
from penstock.codegen.sdk.python.names import distribution_name, field_name
from penstock.wire.gen.artifact_pb2 import Artifact
from tests.openapi.artifacts import waiting
from tests.sdks import python_names
from tests.sdks.pips import unpack

betterproto2 = pytest.importorskip("betterproto2")
betterproto = pytest.importorskip("betterproto")


@pytest.mark.parametrize("flavour", sorted(FLAVOURS))
def test_archive_is_the_same_in_another_process_elsewhere(flavour: str, tmp_path: Path) -> None:
    artifact = python_names.without_a_package()
    # A formatter that listened to the folder around it would write something else here.
    (tmp_path / "pyproject.toml").write_text("[tool.ruff]\nline-length = 40\n")
    (tmp_path / "ruff.py").write_text("raise RuntimeError\n")
    made = subprocess.run(
        [sys.executable, "-P", "-m", "penstock.codegen.sdk", "python", "--flavour", flavour],
        input=artifact.SerializeToString(),
        capture_output=True,
        check=True,
        cwd=tmp_path,
        umask=0o077,
        env=os.environ | {"PYTHONHASHSEED": "77", "TZ": "Asia/Tokyo", "LC_ALL": "C", "TMPDIR": str(tmp_path)},
    ).stdout
    assert made == archive(artifact, flavour) == archive(artifact, flavour)


@pytest.mark.parametrize("flow", ["", "ask", "fill", "hear"])
def test_what_is_written_is_typed(flow: str, tmp_path: Path) -> None:
    pytest.importorskip("mypy", reason="of the extra lint")
    folder = unpack(waiting()[flow] if flow else python_names.without_a_package(), tmp_path)
    # The library's own part is not strict; what calls it is, and sees its types.
    modules = sorted(path.relative_to(folder).as_posix() for path in folder.glob("*/*.py"))
    options = ("--strict", "--follow-imports=silent", "--config-file=", "--cache-dir", str(tmp_path / "cache"))
    command = [sys.executable, "-m", "mypy", *options, *modules]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    assert (folder / modules[0]).with_name("py.typed").exists()


def test_unknown_flavour_is_refused() -> None:
    with pytest.raises(SdkError, match=r'flavour: expected betterproto2 or betterproto, got "pydantic"'):
        archive(python_names.recursive(), "pydantic")


def test_missing_compiler_is_told_with_what_installs_it() -> None:
    with pytest.raises(NotInstalled, match=r"pip install 'penstock\[sdk\]'"):
        compiler_version(replace(FLAVOURS["betterproto2"], compiler="no-such-compiler"))


def test_groups_are_refused() -> None:
    with pytest.raises(SdkError, match=r"old.Old.grouped: groups have no place in a client in Python"):
        archive(python_names.group())


def test_flows_have_distributions_of_their_own() -> None:
    flows = ("a", "a_", "a__", "a_b", "a__b", "a_b_", "class")
    names = {distribution_name(flow) for flow in flows}
    assert len(names) == len(flows)
    assert {"penstock-a", "penstock-a-b", "penstock-class"} < names


@pytest.mark.parametrize("library", [betterproto2, betterproto], ids=lambda library: library.__name__)
def test_no_field_takes_the_place_of_a_method(library: Any) -> None:
    methods = [name for name in dir(library.Message) if not name.startswith("_")]
    names = {field_name(method, 1, ()) for method in methods}
    assert names.isdisjoint(methods)


def test_graph_id_and_service_of_the_artifact_are_called(tmp_path: Path) -> None:
    artifact: Artifact = python_names.recursive()
    folder = unpack(artifact, tmp_path)
    client = (folder / "penstock_tree" / "client.py").read_text()
    assert f'_service = "{artifact.service}"' in client
    assert f'_graph_id = "{artifact.graph_id}"' in client
    assert folder.name == "penstock_tree-0.3.0"
