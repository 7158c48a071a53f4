"""The command line of the generator."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest

from penstock.codegen import __main__ as command
from penstock.codegen.project import PROTOS


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with our protos and nothing generated, that the command works on."""
    shutil.copytree(PROTOS / "penstock", tmp_path / "proto/penstock")
    monkeypatch.setattr(command, "ROOT", tmp_path)
    monkeypatch.setattr(command, "PROTOS", tmp_path / "proto")
    return tmp_path


def run(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    monkeypatch.setattr(sys, "argv", ["penstock.codegen", *arguments])
    return command.main()


def test_check_fails_until_everything_is_written_and_writes_nothing(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, "--check") == 1
    assert capsys.readouterr().err.splitlines()[-2:] == [
        "openapi/penstock/openapi/gen/openapi.json: missing, proto/penstock/v1/*.proto give it",
        "run: python -m penstock.codegen",
    ]
    assert [path.name for path in project.iterdir()] == ["proto"]

    assert run(monkeypatch) == 0
    assert "wrote gateway/penstock/gateway/gen/routes.py" in capsys.readouterr().out.splitlines()

    assert run(monkeypatch, "--check") == 0
    assert capsys.readouterr() == ("", "")


def test_a_proto_that_does_not_compile_is_reported_with_its_line(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / "proto/penstock/v1/frame.proto").write_text('syntax = "proto3";\n\nmessage {}\n')

    assert run(monkeypatch, "--check") == 1
    assert "penstock/v1/frame.proto:3:9: Expected message name." in capsys.readouterr().err
