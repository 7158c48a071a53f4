"""Whether a webhook is one that can be delivered: checked when it is given, so that nobody waits for it in vain."""

from __future__ import annotations

import re
from collections.abc import Mapping
from ipaddress import AddressValueError, IPv4Address, IPv6Address
from urllib.parse import SplitResult, urlsplit

from penstock.engine.domain.errors import InvalidArgument
from penstock.engine.webhooks import limits
from penstock.engine.webhooks.egress import EgressPolicy
from penstock.wire.gen.webhook_pb2 import Webhook

# RFC 3986. What is not in it is written in different ways by those who read a URL, and so leads to different hosts.
_URL_CHARACTERS = re.compile(r"[A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=%-]*")
_LABEL = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?")
_NUMBER = re.compile(r"[0-9]+|0[xX][0-9A-Fa-f]*")
_HEADER_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
_HEADER_VALUE = re.compile(r"[\x20-\x7e\t]*")

# The message's own, and those of the connection.
_OURS = frozenset(
    {
        "accept-encoding",
        "connection",
        "content-encoding",
        "content-length",
        "content-type",
        "expect",
        "host",
        "keep-alive",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    }
)
_OUR_PREFIXES = ("proxy-", "webhook-")


def check_webhook(webhook: Webhook, policy: EgressPolicy) -> None:
    """Raises InvalidArgument naming `webhook.url` or `webhook.headers.<name>`.

    What a name resolves to is not looked at: that is known when the webhook is delivered.
    """
    _check_url(webhook.url, policy)
    _check_headers(webhook.headers)


def _check_url(url: str, policy: EgressPolicy) -> None:
    if not url or len(url) > limits.URL_LENGTH_MAX:
        raise _wrong_url(f"an http or https URL of at most {limits.URL_LENGTH_MAX:,} characters", _amount(url))
    if not _URL_CHARACTERS.fullmatch(url):
        raise _wrong_url("a URL in ASCII, other characters percent-encoded and the host in punycode", repr(url[:80]))
    parts = _split(url)
    if parts.scheme not in ("http", "https"):
        raise _wrong_url("an http or https URL", repr(url[:80]))
    if "@" in parts.netloc:
        # Not shown: it is a password.
        raise _wrong_url("a URL without a user and a password: send them as a header", "one with them")
    host = parts.hostname or ""
    address = _address(host, is_bracketed=parts.netloc.startswith("["))
    if address is None and not _is_name(host):
        raise _wrong_url("a host name or an IP address behind the scheme", repr(host[:80]))
    if address is not None and not policy.permits(address):
        raise InvalidArgument(
            f"webhook.url: expected an address of the public internet, got {host}",
            field="webhook.url",
            reason="WEBHOOK_ADDRESS_NOT_ALLOWED",
        )


def _split(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise _wrong_url("an http or https URL", repr(url[:80])) from None
    if port == 0:
        raise _wrong_url("a port from 1 to 65535", "0")
    return parts


def _address(host: str, *, is_bracketed: bool) -> IPv4Address | IPv6Address | None:
    """The address that the host is; None when it has to be looked up."""
    try:
        # A scope such as %eth0 is no business of who is not on this machine.
        return IPv6Address(host) if is_bracketed and "%" not in host else IPv4Address(host)
    except AddressValueError:
        return None


def _is_name(host: str) -> bool:
    labels = host.removesuffix(".").split(".")
    # 127.1, 2130706433 and 0x7f.0.0.1 are old ways to write an address.
    is_old_address = bool(_NUMBER.fullmatch(labels[-1]))
    return len(host) <= limits.HOST_LENGTH_MAX and not is_old_address and all(map(_LABEL.fullmatch, labels))


def _check_headers(headers: Mapping[str, str]) -> None:
    if len(headers) > limits.HEADERS_MAX:
        raise _wrong("webhook.headers", f"at most {limits.HEADERS_MAX}", str(len(headers)))
    seen: set[str] = set()
    for name, value in headers.items():
        _check_header(name, value)
        if name.lower() in seen:
            raise _wrong(f"webhook.headers.{name}", "each header once", "it again in another spelling")
        seen.add(name.lower())
    length = sum(len(name) + len(value) for name, value in headers.items())
    if length > limits.HEADERS_LENGTH_MAX:
        raise _wrong("webhook.headers", f"at most {limits.HEADERS_LENGTH_MAX:,} characters in all", f"{length:,}")


def _check_header(name: str, value: str) -> None:
    shown = name[: limits.HEADER_NAME_LENGTH_MAX]
    if not _HEADER_NAME.fullmatch(name) or len(name) > limits.HEADER_NAME_LENGTH_MAX:
        raise _wrong(
            "webhook.headers",
            f"names of HTTP headers of at most {limits.HEADER_NAME_LENGTH_MAX} characters",
            repr(shown),
        )
    if name.lower() in _OURS or name.lower().startswith(_OUR_PREFIXES):
        raise _wrong(f"webhook.headers.{shown}", "a header of your own", "one that Penstock sets itself")
    if not _HEADER_VALUE.fullmatch(value):
        # Not shown: it may be a token.
        raise _wrong(f"webhook.headers.{shown}", "a value in printable ASCII", "other characters")


def _wrong_url(wanted: str, got: str) -> InvalidArgument:
    return _wrong("webhook.url", wanted, got)


def _wrong(field: str, wanted: str, got: str) -> InvalidArgument:
    return InvalidArgument(f"{field}: expected {wanted}, got {got}", field=field)


def _amount(url: str) -> str:
    return f"{len(url):,}" if url else "none"
