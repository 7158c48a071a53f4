"""Addresses as the command line writes them."""

from __future__ import annotations


def split_address(address: str) -> tuple[str, int]:
    """HOST:PORT, already checked by the command line."""
    host, _, port = address.rpartition(":")
    return host.strip("[]"), int(port)


def join_address(host: str, port: int) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
