"""How the command ends."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from penstock.cli.runs import listing
from tests.cli.conftest import Penstock


def raising(error: BaseException) -> object:
    def run(args: object) -> int:
        raise error

    return run


def test_error_that_nobody_foresaw_is_one_line(penstock: Penstock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listing, "run", raising(RuntimeError("boom")))
    outcome = penstock("executions", "list")
    assert (outcome.code, outcome.out) == (1, "")
    assert outcome.err == "penstock: RuntimeError: boom (PENSTOCK_DEBUG=1 shows where)\n"


def test_error_shows_where_it_came_from_when_asked(penstock: Penstock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listing, "run", raising(RuntimeError("boom")))
    monkeypatch.setenv("PENSTOCK_DEBUG", "1")
    with pytest.raises(RuntimeError, match="boom"):
        penstock("executions", "list")


def test_interrupt_is_quiet(penstock: Penstock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listing, "run", raising(KeyboardInterrupt()))
    outcome = penstock("executions", "list")
    assert (outcome.code, outcome.out, outcome.err) == (130, "", "")


def penstock_process(code: str, **options: object) -> subprocess.CompletedProcess[str]:
    """Runs Python code in a process that imports what this one does."""
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-c", code]
    return subprocess.run(command, env=environment, text=True, stderr=subprocess.PIPE, check=False, **options)


def test_reader_that_left_the_pipe_is_no_error() -> None:
    read, write = os.pipe()
    os.close(read)
    code = "import sys; from penstock.cli.main import main; print('x'); sys.exit(main(['executions', 'list']))"
    with os.fdopen(write, "w") as pipe:
        ended = penstock_process(code.replace("print('x')", _PRINTING_VERB), stdout=pipe)
    assert (ended.returncode, ended.stderr) == (1, "")


_PRINTING_VERB = "import penstock.cli.runs.listing as verb; verb.run = lambda args: print('x' * 100000) or 0"


def test_help_does_not_pay_for_what_verbs_import() -> None:
    code = """
import sys
from penstock.cli.main import main
try:
    main(["--help"])
except SystemExit:
    pass
print(sorted({"aiohttp", "asyncio", "google.protobuf", "jsonschema", "grpc"} & sys.modules.keys()), file=sys.stderr)
"""
    ended = penstock_process(code, stdout=subprocess.DEVNULL)
    assert (ended.returncode, ended.stderr) == (0, "[]\n")


def test_version_is_that_of_the_package(penstock: Penstock, capsys: pytest.CaptureFixture[str]) -> None:
    pyproject = (Path(__file__).parents[2] / "pyproject.toml").read_text()
    with pytest.raises(SystemExit) as ended:
        penstock("--version")
    version = capsys.readouterr().out.removeprefix("penstock ").strip()
    assert (ended.value.code, f'version = "{version}"' in pyproject) == (0, True)
