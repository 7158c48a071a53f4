"""Imports of a server's size."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def for_good() -> Iterator[None]:
    """For imports that stay as long as the process: they are never looked through for garbage.

    Doing so takes a tenth of the import, and later 50 ms at a time in which no call is answered.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()
