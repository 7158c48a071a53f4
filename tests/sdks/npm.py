"""Installs TypeScript clients as their users do, and runs Node over them."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from penstock.codegen.sdk.typescript import archive
from penstock.wire.gen.artifact_pb2 import Artifact
from tests.harness import Server

HERE = Path(__file__).parent
TYPESCRIPT = "5.9.3"
needs_node = pytest.mark.skipif(not (shutil.which("node") and shutil.which("npm")), reason="no node or npm on PATH")
_RUN_S_MAX = 120


class Project:
    """A folder of a user of TypeScript clients."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "package.json").write_text('{"name": "user", "private": true, "type": "module"}')

    def install(self, *artifacts: Artifact) -> None:
        """The clients of these artifacts, with npm and without the network."""
        packed = []
        for artifact in artifacts:
            packed.append(f"./{artifact.flow}.tgz")
            (self.folder / packed[-1]).write_bytes(archive(artifact))
        self._run("npm", "install", "--offline", "--no-audit", "--no-fund", "--ignore-scripts", *packed)

    def node(self, script: str, given: object) -> Any:
        """What a script of this folder makes of its standard input, both JSON."""
        self.copy_scripts()
        return json.loads(self.output(script, json.dumps(given)))

    def output(self, script: str, given: str = "") -> str:
        """What a script of this folder prints."""
        return self._run("node", script, given=given)

    def copy_scripts(self) -> None:
        """Beside the installed packages, where Node looks for what they import."""
        for path in HERE.glob("*.mjs"):
            shutil.copy(path, self.folder)

    def check(self, compiler: Path, source: str) -> str:
        """What tsc finds in a source, "" when nothing."""
        (self.folder / "user.ts").write_text(source)
        options = ("--noEmit", "--strict", "--exactOptionalPropertyTypes", "--noUncheckedIndexedAccess")
        modules = ("--module", "nodenext", "--target", "es2022")
        done = self._done("node", str(compiler), *options, *modules, "user.ts")
        return done.stdout + done.stderr

    def _run(self, *command: str, given: str = "") -> str:
        done = self._done(*command, given=given)
        assert done.returncode == 0, done.stderr + done.stdout
        return done.stdout

    def _done(self, *command: str, given: str = "") -> subprocess.CompletedProcess[str]:
        environment = os.environ | {"npm_config_cache": str(self.folder / ".npm")}
        return subprocess.run(
            command,
            cwd=self.folder,
            env=environment,
            input=given,
            capture_output=True,
            text=True,
            timeout=_RUN_S_MAX,
        )


def compiler(cache: Path) -> Path:
    """The program tsc, installed into `cache` where it is not there yet."""
    program = cache / "node_modules" / "typescript" / "bin" / "tsc"
    if not program.exists():
        command = ("npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", f"typescript@{TYPESCRIPT}")
        (cache / "package.json").write_text('{"name": "cache", "private": true}')
        subprocess.run(command, cwd=cache, check=True, capture_output=True, timeout=_RUN_S_MAX)
    return program


def artifact_of(server: Server, flow: str) -> Artifact:
    """The artifact that a flow stands for, in the FULL view."""
    accept = {"Accept": "application/x-protobuf"}
    answer = server.request("GET", f"/flows/v1/artifacts/{flow}?view=FULL", headers=accept)
    assert answer.status == 200, answer.body
    return Artifact.FromString(answer.body)
