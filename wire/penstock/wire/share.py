"""Which share of the invocations of a split alias a request belongs to. One rule for every face."""

from __future__ import annotations

from hashlib import blake2b

SHARES = 100
"""Weights are percents."""


def share_of(request_id: str) -> int:
    """0 to 99, the same for a request id in every process and version; every share gets as many ids."""
    return int.from_bytes(blake2b(request_id.encode(), digest_size=8).digest(), "big") % SHARES
