"""A long log takes no more memory to export than a short one."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.support import streamed
from tests.export.runs import exported
from tests.harness import Server

FRAMES = 40_000
GROWTH_BYTES_MAX = 5 * 1024 * 1024
"""Half of the document."""


def peak_bytes(server: Server) -> int:
    """Most memory since it was asked for the last time."""
    assert server.process is not None
    folder = Path("/proc", str(server.process.pid))
    lines = (folder / "status").read_text().splitlines()
    (folder / "clear_refs").write_text("5")
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM:"))


@pytest.mark.skipif(not Path("/proc/self/clear_refs").exists(), reason="only Linux tells of the peak")
def test_export_of_many_events_takes_no_more_memory_than_one_of_few(depot: Server) -> None:
    *_, final = streamed(depot, "count", {"count": FRAMES})
    execution_id = final.json["execution_id"]
    path = f"/invocations/v1/executions/{execution_id}:export"
    # What is made once, and the memory that is free for reuse after it.
    exported(depot, execution_id)
    peak_bytes(depot)
    before = peak_bytes(depot)
    document = depot.request("GET", path).body
    assert document.count(b'"FRAME_EMITTED"') == FRAMES
    assert len(document) > 2 * GROWTH_BYTES_MAX * 0.9
    assert peak_bytes(depot) - before < GROWTH_BYTES_MAX
