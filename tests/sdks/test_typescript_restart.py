"""The TypeScript client outlives the server."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

from tests.harness import Server
from tests.sdks.npm import HERE, Project, artifact_of, needs_node


@needs_node
def test_stream_goes_on_after_kill_9_without_gap_or_repeat(folder: Path, tmp_path: Path) -> None:
    server = Server(folder / "data", HERE / "packages").start()
    project = Project(tmp_path)
    project.install(artifact_of(server, "tick"))
    project.copy_scripts()
    pipe = subprocess.PIPE
    with subprocess.Popen(["node", "restart.mjs"], cwd=tmp_path, stdin=pipe, stdout=pipe, text=True) as reader:
        assert reader.stdin is not None and reader.stdout is not None
        try:
            _tell(reader, server)
            assert reader.stdout.readline() == "kill it\n"
            server.kill()
            server.start()
            _tell(reader, server)
            outputs = json.loads(reader.stdout.read())
        finally:
            reader.kill()
            server.end()
    assert outputs == list(range(500))


def _tell(reader: subprocess.Popen[str], server: Server) -> None:
    assert reader.stdin is not None
    reader.stdin.write(json.dumps({"url": server.info["http_url"], "apiKey": server.key}) + "\n")
    reader.stdin.flush()
