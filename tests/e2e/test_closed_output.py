"""A server goes on and stops in good order when whoever read its output went away."""

from __future__ import annotations

import subprocess
from pathlib import Path

from tests.e2e.support import eventually
from tests.harness import EXAMPLES, ROOT, Server


def test_a_server_outlives_the_readers_of_its_output(folder: Path) -> None:
    command = Server(folder / "data", EXAMPLES).command()
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT) as process:
        assert process.stdout is not None and process.stderr is not None
        process.stdout.close()
        process.stderr.close()
        eventually((folder / "data" / "dev.json").exists)
        process.terminate()
        assert process.wait(30) == 0
    assert not (folder / "data" / "dev.json").exists()
