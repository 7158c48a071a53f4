"""Signs messages as Standard Webhooks 1.0 has it, so that receivers can use any of its libraries."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Iterable, Mapping

SECRET_BYTES = 32
"""The standard wants 24 to 64."""
_PREFIX = "whsec_"


def secret_text(secret: bytes) -> str:
    """The secret as people and libraries handle it."""
    return _PREFIX + base64.b64encode(secret).decode()


def webhook_id(execution_id: str) -> str:
    """The same with every try, so that a receiver knows a message that it has had already."""
    return f"msg_{execution_id}"


def signed_headers(secrets: Iterable[bytes], message_id: str, time_s: int, body: bytes) -> Mapping[str, str]:
    """The headers that make a message a webhook. `secrets` are all that are valid, the newest first."""
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(time_s),
        "webhook-signature": " ".join(signature(secret, message_id, time_s, body) for secret in secrets),
    }


def signature(secret: bytes, message_id: str, time_s: int, body: bytes) -> str:
    content = f"{message_id}.{time_s}.".encode() + body
    return "v1," + base64.b64encode(hmac.digest(secret, content, hashlib.sha256)).decode()
