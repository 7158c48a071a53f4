"""Where a call came from: known to the face that took it, and asked for where something is recorded."""

from __future__ import annotations

from contextvars import ContextVar
from typing import NamedTuple


class Origin(NamedTuple):
    """`face` is "HTTP" or "GRPC", `address` the client's, `request_id` what a header names the call; "" for none."""

    face: str
    address: str
    request_id: str = ""


REQUEST_ID_LENGTH_MAX = 128
"""Characters of a header that are kept."""

origin: ContextVar[Origin | None] = ContextVar("origin", default=None)
"""Of the call that is being answered; None for calls that the server makes itself."""
