"""Tells readers on this machine from others."""

from __future__ import annotations

from ipaddress import ip_address

from aiohttp import web

_FORWARDED = ("X-Forwarded-For", "Forwarded")


def is_local(http: web.Request) -> bool:
    """Whether the reader is on this machine and knows it.

    A page of another site can have its own name resolved to this machine and then read what is here: the name
    in the address bar, which is the Host header, gives it away. A proxy on this machine speaks for others.
    """
    if any(name in http.headers for name in _FORWARDED):
        return False
    try:
        return _is_loopback(http.remote) and _is_loopback(http.url.host)
    except ValueError:  # The Host header is no address at all.
        return False


def _is_loopback(host: str | None) -> bool:
    try:
        return host == "localhost" or ip_address(host or "").is_loopback
    except ValueError:
        return False
