"""Runs a command as long as its own standard input is open: `python guard.py COMMAND...`.

A bench that is killed can end nothing any more; the kernel closes the pipe for it. The guard leads the
process group and takes all of it along.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading


def main(command: list[str]) -> int:
    # For the command alone, whose end is waited for. To ignore it would be inherited.
    signal.signal(signal.SIGTERM, lambda number, frame: None)
    child = subprocess.Popen(command, stdin=subprocess.DEVNULL)
    threading.Thread(target=_end_with_input, daemon=True).start()
    return child.wait()


def _end_with_input() -> None:
    os.read(sys.stdin.fileno(), 1)
    os.killpg(0, signal.SIGKILL)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
