"""Somebody who types what a document shows: one terminal for commands, others for a server and its gateway."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from threading import Timer
from uuid import uuid4

from tests.harness import EXAMPLES

COMMAND_S_MAX = 60
"""A command that takes longer hangs: it is ended, and the test with it."""

SHOWN_HTTP, SHOWN_GRPC, SHOWN_GATEWAY = "127.0.0.1:8080", "127.0.0.1:50051", "127.0.0.1:8081"
"""The addresses that documents show: the default ones, and that of a gateway apart."""

_ADDRESSES = re.compile(r"HTTP (?:on )?http://(?P<http>[0-9.:]+).* gRPC (?:on )?(?P<grpc>[0-9.:]+)")
_GATEWAY = re.compile(r"HTTP on http://(?P<http>[0-9.:]+), engine")


def is_server(command: str) -> bool:
    """Whether the command goes on until it is told to stop."""
    return command.startswith(("./dev run", "penstock dev", "penstock serve", "penstock gateway"))


class Reader:
    """Works in `folder`, as others do in a checkout. `http` and `grpc` are the addresses of a server that runs."""

    def __init__(self, folder: Path, http: str = "", grpc: str = "") -> None:
        self.folder = folder
        self._http, self._grpc, self._gateway_http = http, grpc, ""
        (folder / "examples").symlink_to(EXAMPLES)
        self._programs = folder.with_name(f"{folder.name}-programs")
        self._environment = _environment(_make_programs(self._programs))
        self._bash = self._open(["bash", "--norc", "--noprofile"], stdin=subprocess.PIPE)
        self._server: subprocess.Popen[str] | None = None
        self._gateway: subprocess.Popen[str] | None = None

    def run(self, command: str) -> str:
        """What the command prints in the first terminal."""
        mark = uuid4().hex
        script = self._programs / "command.sh"
        script.write_text(self._real(command))
        assert self._bash.stdin is not None and self._bash.stdout is not None
        # In the same shell, so that variables stay; $? too.
        self._bash.stdin.write(f". {script} </dev/null; code=$?; printf '\\n{mark}\\n'; (exit $code)\n")
        self._bash.stdin.flush()
        with _Limit(self._bash):
            output = ""
            while (line := self._bash.stdout.readline()) != f"{mark}\n":
                assert line, f"bash ended in {command!r} after {output!r}"
                output += line
        return output

    def serve(self, command: str, is_complete: Callable[[str], bool]) -> str:
        """What a server prints in the second terminal until `is_complete`. The one before is stopped first.

        A gateway apart has a terminal of its own, beside the server that it is for.
        """
        words = shlex.split(command)
        if words[:2] == ["penstock", "gateway"]:
            return self._serve_gateway(command, is_complete)
        self.interrupt()
        words = ["dev", "examples/", *words[2:]] if words[0] == "./dev" else words[1:]
        self._server = self._open([sys.executable, "-m", "penstock.cli", *words])
        output = _read(self._server, is_complete)
        if addresses := _ADDRESSES.search(output):
            self._http, self._grpc = addresses["http"], addresses["grpc"]
        return output

    def _serve_gateway(self, command: str, is_complete: Callable[[str], bool]) -> str:
        words = shlex.split(self._real(command.replace(SHOWN_GATEWAY, "127.0.0.1:0")))
        self._gateway = self._open([sys.executable, "-m", "penstock.cli", *words[1:]])
        output = _read(self._gateway, is_complete)
        if address := _GATEWAY.search(output):
            self._gateway_http = address["http"]
        return output

    def interrupt(self) -> str:
        """Ctrl-C in the second terminal, and what the server still prints."""
        gateway, self._gateway = self._gateway, None
        _interrupt(gateway)
        server, self._server = self._server, None
        return _interrupt(server)

    def close(self) -> None:
        """Leaves both terminals."""
        self.interrupt()
        with _Limit(self._bash):
            self._bash.communicate("exit\n")
        shutil.rmtree(self._programs)

    def _real(self, command: str) -> str:
        """The command with the addresses of this run."""
        real = {SHOWN_HTTP: self._http, SHOWN_GRPC: self._grpc, SHOWN_GATEWAY: self._gateway_http}
        for shown, address in real.items():
            command = command.replace(shown, address or shown)
        return command

    def _open(self, command: list[str], stdin: int = subprocess.DEVNULL) -> subprocess.Popen[str]:
        return subprocess.Popen(
            command,
            stdin=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            cwd=self.folder,
            env=self._environment,
            # A group of its own, so that what it started can be ended with it.
            start_new_session=True,
        )


def _read(server: subprocess.Popen[str], is_complete: Callable[[str], bool]) -> str:
    assert server.stdout is not None
    output = ""
    with _Limit(server):
        while not is_complete(output) and (line := server.stdout.readline()):
            output += line
    return output


def _interrupt(server: subprocess.Popen[str] | None) -> str:
    """Ctrl-C, and what the server still prints."""
    if server is None:
        return ""
    with _Limit(server):
        if server.poll() is None:
            server.send_signal(signal.SIGINT)
        return server.communicate()[0]


class _Limit:
    """Ends a process, with all that it started, when it takes longer than COMMAND_S_MAX."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._timer = Timer(COMMAND_S_MAX, os.killpg, (process.pid, signal.SIGKILL))

    def __enter__(self) -> None:
        self._timer.start()

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()


@cache
def grpcurl() -> str | None:
    """The real one: on PATH, or where `go install` puts it. None where it is not."""
    if found := shutil.which("grpcurl"):
        return found
    if shutil.which("go") is None:
        return None
    gopath = subprocess.run(["go", "env", "GOPATH"], capture_output=True, text=True, check=True).stdout.strip()
    return shutil.which("grpcurl", path=f"{gopath}/bin")


def _make_programs(folder: Path) -> Path:
    """A folder for PATH with this project's `penstock` and `python`, and grpcurl where there is one."""
    folder.mkdir()
    for name, arguments in (("penstock", " -m penstock.cli"), ("python", "")):
        program = folder / name
        program.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)}{arguments} "$@"\n')
        program.chmod(0o755)
    if found := grpcurl():
        (folder / "grpcurl").symlink_to(found)
    # curl shows its progress when it prints into a pipe; at a terminal nobody sees it.
    (folder / ".curlrc").write_text("silent\nshow-error\n")
    return folder


def _environment(programs: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PENSTOCK_")}
    # It may hold relative paths, and the reader works elsewhere.
    roots = [str(Path(root).resolve()) for root in kept.pop("PYTHONPATH", "").split(os.pathsep) if root]
    return kept | {
        "PATH": os.pathsep.join((str(programs), kept.get("PATH", os.defpath))),
        "PYTHONPATH": os.pathsep.join(roots),
        "CURL_HOME": str(programs),
        "PENSTOCK_HTTP_ADDRESS": "127.0.0.1:0",
        "PENSTOCK_GRPC_ADDRESS": "127.0.0.1:0",
    }
