"""A process group that is stopped, or killed, as a whole, and ends with whoever started it."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

_GUARD = Path(__file__).resolve().parent / "guard.py"

_STOP_S = 2.0
"""How long a group may take to end by itself before it is killed; nobody needs its data any more."""

_START_S = 60.0
_LOOK_EVERY_S = 0.02
_TAIL_SIZE = 2_000


class Group:
    def __init__(self, command: Sequence[str], folder: Path, log: str, env: Mapping[str, str]) -> None:
        """Starts it in `folder`, which is made when it is not there, and where `log` takes what it prints.

        `env` is added to the environment.
        """
        folder.mkdir(parents=True, exist_ok=True)
        self._log = folder / log
        with self._log.open("ab") as output:
            self._process = subprocess.Popen(
                [sys.executable, "-I", "-S", str(_GUARD), *command],
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd=folder,
                env={**os.environ, **env},
                start_new_session=True,
            )

    def wait_until(self, is_ready: Callable[[], bool]) -> None:
        """Raises RuntimeError with the end of the log when it ends first or takes a minute."""
        give_up = time.monotonic() + _START_S
        while not is_ready():
            if self._process.poll() is not None or time.monotonic() > give_up:
                tail = self._log.read_text(errors="replace")[-_TAIL_SIZE:]
                raise RuntimeError(f"{self._process.args!r} did not get ready:\n{tail}")
            time.sleep(_LOOK_EVERY_S)

    def kill(self) -> None:
        self._signal(signal.SIGKILL)
        # Waits, and closes the pipe.
        self._process.communicate()

    def stop(self) -> None:
        self._signal(signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(_STOP_S)
        # Whatever the first process left behind.
        self.kill()

    def _signal(self, number: signal.Signals) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, number)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
