"""The wheel holds every file of the parts."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.tidy.tree import PARTS, ROOT, project_files

pytest.importorskip("hatchling", reason="the wheel is built with hatchling, of the extra lint")


def test_wheel_holds_every_file_of_the_parts_and_nothing_else(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(tmp_path)]
    built = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stderr
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        packed = {name for name in archive.namelist() if ".dist-info/" not in name}
    assert packed == {Path(*path.parts[1:]).as_posix() for path in project_files() if path.parts[0] in PARTS}
