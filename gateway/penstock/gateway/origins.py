"""Where an HTTP call came from."""

from __future__ import annotations

from ipaddress import IPv4Network, IPv6Network, ip_address

from aiohttp import web

from penstock.wire.origin import REQUEST_ID_LENGTH_MAX, Origin

Networks = tuple[IPv4Network | IPv6Network, ...]

_FORWARDED_FOR = "X-Forwarded-For"
_REQUEST_ID = "X-Request-Id"
_FORWARDED_MAX = 32
"""Proxies in a row that are looked at."""


def origin_of(http: web.Request, trusted: Networks) -> Origin:
    """`trusted` are the proxies that are believed when they say whom they speak for."""
    address = http.remote or ""
    if trusted and _is_in(address, trusted):
        address = _forwarded(http, trusted) or address
    request_id = http.headers.get(_REQUEST_ID, "")
    if request_id:  # a header may hold bytes that are no text
        request_id = request_id[:REQUEST_ID_LENGTH_MAX].encode("ascii", "replace").decode()
    return Origin("HTTP", address, request_id)


def _forwarded(http: web.Request, trusted: Networks) -> str:
    """The first address, from this server on, that is no trusted proxy: anybody may have written what is before it."""
    addresses = ",".join(http.headers.getall(_FORWARDED_FOR, ())).split(",")[-_FORWARDED_MAX:]
    found = ""
    for address in reversed([each.strip() for each in addresses]):
        if not _is_address(address):
            break
        found = address
        if not _is_in(address, trusted):
            break
    return found


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def _is_in(text: str, networks: Networks) -> bool:
    try:
        address = ip_address(text)
    except ValueError:
        return False
    return any(address in network for network in networks)
