"""Runs buf on the protos without its registry: the imports it would fetch are put beside ours first."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from penstock.codegen.google_protos import GOOGLE_FOLDER, copy_google_protos

EXCLUDE_GOOGLE = ("--exclude-path", f"proto/{GOOGLE_FOLDER}")


class BufMissingError(Exception):
    """buf is not installed."""


def run_buf(root: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The finished command. Its cache is thrown away, so that nothing but the checkout decides the result.

    Raises BufMissingError.
    """
    beside_python = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    buf = shutil.which("buf", path=beside_python)
    if buf is None:
        raise BufMissingError("buf is not installed: pip install 'penstock[lint]'")
    copy_google_protos(root / "proto")
    with TemporaryDirectory() as cache:
        environment = {**os.environ, "PATH": beside_python, "BUF_CACHE_DIR": cache}
        command = [buf, *arguments]
        return subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True, check=False)
