"""What a server tells whoever looks at its terminal."""

from __future__ import annotations

import sys
from contextlib import suppress
from typing import TextIO


def say(text: str, stream: TextIO | None = None) -> None:
    """Prints a line. That whoever read the output went away is no reason for a server to stop."""
    with suppress(OSError, ValueError):
        print(text, file=stream or sys.stdout, flush=True)
