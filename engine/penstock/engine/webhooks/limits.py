"""Bounds of a webhook, each with its reason."""

from __future__ import annotations

URL_LENGTH_MAX = 2_048
"""Characters. Servers and proxies on the way refuse much longer ones."""

HOST_LENGTH_MAX = 253
"""Characters of a name in the DNS."""

HEADERS_MAX = 32
HEADER_NAME_LENGTH_MAX = 128
HEADERS_LENGTH_MAX = 16 * 1024
"""Characters of all names and values: what servers commonly take, and room for ours beside them."""

RETRY_AFTER_S_MAX = 24 * 3600.0
"""As long as the longest pause that a receiver gets without asking."""

OLD_SECRET_LIFE_S = 24 * 3600
"""How long an old secret signs beside the new one: a day to tell the new one to every receiver."""

LOOK_UPS_MAX = 16
"""Names that are looked up at once: each takes a thread, for as long as its name server likes."""
