"""Page tokens: where a list goes on, tied to the arguments that the list was asked with.

A token holds a key that the store goes on after. The digests in it find mistakes, not attacks: a token
gives no right, so every page is read for its caller alone.
"""

from __future__ import annotations

import base64
import hashlib

from penstock.engine.domain.errors import InvalidArgument

TOKEN_LENGTH_MAX = 4_096
"""Characters. A token travels in a URL."""

_FORM = b"\x01"
_DIGEST_BYTES = 8


class PageTokenError(InvalidArgument):
    """The token is not one of this list's."""

    reason = "INVALID_PAGE_TOKEN"

    def __init__(self, message: str) -> None:
        super().__init__(f"page_token: {message}", field="page_token")


def encode(key: str, binding: str) -> str:
    """The token for the page after `key`. `binding` is whatever must not change between pages: filter, order, owner."""
    body = _digest(binding.encode()) + key.encode()
    return base64.urlsafe_b64encode(_FORM + _digest(body) + body).rstrip(b"=").decode()


def decode(token: str, binding: str) -> str:
    """The key that the token was made from; whoever knows what keys look like checks it.

    Raises PageTokenError for another binding and for what is no token.
    """
    bound, key = _content(token)
    if bound != _digest(binding.encode()):
        raise PageTokenError(
            "expected a token of a list with the same arguments, got one of another list: "
            "filter and order must not change between pages"
        )
    return key


def _content(token: str) -> tuple[bytes, str]:
    try:
        if len(token) > TOKEN_LENGTH_MAX:
            raise ValueError
        raw = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
        digest, body = raw[1 : 1 + _DIGEST_BYTES], raw[1 + _DIGEST_BYTES :]
        if not raw.startswith(_FORM) or digest != _digest(body):
            raise ValueError
        return body[:_DIGEST_BYTES], body[_DIGEST_BYTES:].decode()
    except ValueError as error:
        raise PageTokenError("expected the next_page_token of the answer before, got another text") from error


def _digest(data: bytes) -> bytes:
    return hashlib.blake2b(data, digest_size=_DIGEST_BYTES, person=b"penstock.page").digest()
