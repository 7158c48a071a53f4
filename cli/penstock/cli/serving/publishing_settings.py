"""Whether keys may bring code to a server: what PENSTOCK_PUBLISHING says."""

from __future__ import annotations

import os

from penstock.cli.errors import UsageError

VARIABLE = "PENSTOCK_PUBLISHING"
_MEANING = {"": True, "on": True, "off": False}


def allows_publishing() -> bool:
    """Raises UsageError."""
    text = os.environ.get(VARIABLE, "")
    if text not in _MEANING:
        raise UsageError(f'{VARIABLE}: expected on or off, got "{text}"')
    return _MEANING[text]
