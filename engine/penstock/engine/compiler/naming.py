"""What flows and nodes may be called."""

from __future__ import annotations

import re

_NAME = re.compile(r"[a-z][a-z0-9_]{0,62}")


def is_name(text: str) -> bool:
    """Whether a flow or a node may have this name."""
    return _NAME.fullmatch(text) is not None
