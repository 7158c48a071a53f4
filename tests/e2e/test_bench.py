"""The bench runs, checks every answer, and fills its table."""

from __future__ import annotations

import subprocess
import sys

from bench.__main__ import QUESTIONS
from tests.harness import ROOT


def test_bench_answers_every_question() -> None:
    command = [sys.executable, "-m", "bench", "--repetitions", "1", "--seconds", "0.05"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=200, cwd=ROOT)
    assert done.returncode == 0, done.stderr
    rows = [line.split(" | ")[:3] for line in done.stdout.splitlines() if line.startswith("| ")]
    shown = [(face, work.removeprefix("| "), int(callers)) for work, face, callers in rows[1:-1]]
    assert shown == QUESTIONS
