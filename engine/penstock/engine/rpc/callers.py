"""How a caller is named in an execution's log."""

from __future__ import annotations

from penstock.wire.service import Caller


def by_line(caller: Caller) -> str:
    """Name and id of the caller's key: the name is for people, the id finds the key whatever it is called."""
    return f"{caller.key_name} ({caller.key_id})" if caller.key_name else caller.key_id
