"""An empty virtual environment, and Python clients put into it as their users do."""

from __future__ import annotations

import json
import subprocess
import tarfile
import venv
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from penstock.codegen.sdk.python import archive
from penstock.wire.gen.artifact_pb2 import Artifact
from tests.harness import ROOT

HERE = Path(__file__).parent
CALLER = HERE / "python_caller.py"
_INSTALL_S_MAX = 240
_RUN_S_MAX = 120


class Environment:
    """Nothing but Python and what is installed here."""

    def __init__(self, folder: Path) -> None:
        venv.create(folder / "venv", with_pip=True)
        self.folder = folder
        self._python = folder / "venv" / "bin" / "python"

    def install(self, *wanted: Path | str) -> None:
        """With pip, in the versions that the project is tested with."""
        self._install(*map(str, wanted))

    def install_archives(self, first: Path, *others: Path) -> None:
        """The first as its users do, with a builder of its own. The others share one, which is not left here."""
        self.install(first)
        builder = self.folder / "builder"
        self._install("--target", str(builder), "hatchling")
        self._install("--no-build-isolation", *map(str, others), paths=(builder,))

    def _install(self, *words: str, paths: tuple[Path, ...] = ()) -> None:
        options = ("--quiet", "--disable-pip-version-check", "--no-input", "-c", str(ROOT / "constraints.txt"))
        self.run("-m", "pip", "install", *options, *words, paths=paths, timeout_s=_INSTALL_S_MAX)

    def run(self, *arguments: str, given: str = "", paths: tuple[Path, ...] = (), timeout_s: float = _RUN_S_MAX) -> str:
        """What Python prints. `paths` are folders with modules besides those that are installed."""
        with self.start(*arguments, paths=paths) as process:
            try:
                output, complaint = process.communicate(given, timeout_s)
            finally:
                process.kill()
        assert process.returncode == 0, f"{arguments}: {output}\n{complaint}"
        return output

    def start(
        self, *arguments: str, paths: tuple[Path, ...] = (), variables: Mapping[str, str] | None = None
    ) -> subprocess.Popen[str]:
        """Python with these arguments, its streams piped."""
        return subprocess.Popen(
            [str(self._python), "-P", *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=self.folder,
            env={"PATH": "", "PYTHONPATH": ":".join(map(str, paths)), **(variables or {})},
        )

    def call(self, asked: dict[str, Any], paths: tuple[Path, ...] = ()) -> Any:
        """What `python_caller` answers."""
        return json.loads(self.run(str(CALLER), given=json.dumps(asked), paths=paths))


def write_archive(artifact: Artifact, folder: Path, flavour: str = "betterproto2") -> Path:
    """The archive of a client, as a file that pip takes."""
    path = folder / f"penstock_{artifact.flow}-0.{artifact.version}.0.tar.gz"
    path.write_bytes(archive(artifact, flavour))
    return path


def unpack(artifact: Artifact, folder: Path, flavour: str = "betterproto2") -> Path:
    """The folder that holds the modules of a client."""
    with tarfile.open(write_archive(artifact, folder, flavour)) as packed:
        packed.extractall(folder, filter="data")
        return folder / packed.getnames()[0].partition("/")[0]
