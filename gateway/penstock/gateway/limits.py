"""Every bound of the gateway, with its reason."""

from __future__ import annotations

BODY_BYTES_MAX = 32 * 1024 * 1024
"""One request body, after decompression. It is held in memory whole while its JSON is read."""

BODY_TIMEOUT_S = 120.0
"""Longest time for a request body to arrive: the largest one at 1 Mbit/s. A half-sent one ends then."""

KEEP_ALIVE_S = 15.0
"""Silence on an event stream after which a comment is sent: proxies commonly drop connections after 30 s or 60 s."""

SEND_TIMEOUT_S = 120.0
"""How long a reader of an event stream may take nothing before its connection is dropped."""

STOP_TIMEOUT_S = 10.0
"""How long a stop waits for requests that are being answered: what `penstock dev` gives them."""

ARTIFACTS_MAX = 512
"""Artifacts whose JSON codecs are kept; each is some 15 to 200 KB of descriptors and compiled functions."""

HEADER_VALUES_MAX = 256
"""Different Accept and Content-Type values whose meaning is remembered; clients use a handful."""
