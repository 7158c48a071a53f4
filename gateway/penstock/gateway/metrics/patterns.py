"""Shows the pattern of a route as the protos write it."""

from __future__ import annotations

import re

_VARIABLE = re.compile(r"\{(\w+):[^{}]*\}")


def readable(pattern: str) -> str:
    """The pattern without the expressions that its variables have to match."""
    return _VARIABLE.sub(r"{\1}", pattern)
