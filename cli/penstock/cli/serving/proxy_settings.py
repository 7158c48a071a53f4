"""Proxies that a gateway believes when they say whom they speak for (PENSTOCK_TRUSTED_PROXIES)."""

from __future__ import annotations

import os
from ipaddress import ip_network

from penstock.cli.errors import UsageError
from penstock.gateway.origins import Networks

VARIABLE = "PENSTOCK_TRUSTED_PROXIES"


def trusted_proxies() -> Networks:
    """Raises UsageError."""
    texts = [text.strip() for text in os.environ.get(VARIABLE, "").split(",")]
    try:
        return tuple(ip_network(text) for text in texts if text)
    except ValueError as error:
        raise UsageError(f"{VARIABLE}: expected networks such as 10.0.0.0/8,::1: {error}") from None
