"""How many connections each port of a server takes: what PENSTOCK_CONNECTIONS says, and what there is room for."""

from __future__ import annotations

import logging
import os
import resource

from penstock.cli.errors import UsageError
from penstock.gateway.limits import CONNECTIONS_MAX

log = logging.getLogger(__name__)

VARIABLE = "PENSTOCK_CONNECTIONS"
_DESCRIPTORS_MAX = 1 << 16
"""More is not asked of the system: some would give a billion."""
_DESCRIPTORS_KEPT = 256
"""For the database, files, handshakes that are refused, and what packages open."""
_PORTS = 2
_FEW = 1_000
"""Fewer are told of, also where nobody asked for a number."""


def connections_max() -> int:
    """Of each port. Has the system give the process as many descriptors as it will. Raises UsageError."""
    text = os.environ.get(VARIABLE, "")
    if text and not (text.isascii() and text.isdigit() and int(text)):
        raise UsageError(f'{VARIABLE}: expected a number above 0, got "{text}"')
    wanted = int(text) if text else CONNECTIONS_MAX
    descriptors = _descriptors()
    room = max(1, (descriptors - _DESCRIPTORS_KEPT) // _PORTS)
    if room < (wanted if text else _FEW):
        fields = {"action": "connections_limited", "connections": room, "wanted": wanted, "descriptors": descriptors}
        log.warning(
            "each port takes %d connections, not %d: the process may have %d descriptors (ulimit -n)",
            room,
            wanted,
            descriptors,
            extra=fields,
        )
    return min(wanted, room)


def _descriptors() -> int:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = _DESCRIPTORS_MAX if hard == resource.RLIM_INFINITY else min(hard, _DESCRIPTORS_MAX)
    if soft == resource.RLIM_INFINITY or soft >= most:
        return most
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
    except (OSError, ValueError):
        return soft
    return most
