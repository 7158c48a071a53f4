"""Keeps a port for processes that listen on it together."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager

from penstock.cli.errors import CliError
from penstock.cli.serving.addresses import join_address, split_address


@contextmanager
def reserved(address: str, what: str) -> Iterator[str]:
    """The address with its port; port 0 picks a free one, the same for all. Raises CliError.

    The socket that keeps it is bound and never listens, so no connection comes to it. Who wants the port without
    sharing it is refused from here on, also while none of the processes runs.
    """
    host, port = split_address(address)
    try:
        with _bound(host, port) as keeper:
            yield join_address(host, keeper.getsockname()[1])
    except OSError as error:
        raise CliError(f"cannot listen on {address} for {what}: {error.strerror or error}") from error


def _bound(host: str, port: int) -> socket.socket:
    family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    with socket.socket(family, kind, protocol) as alone:
        # Not shared, so that processes of another server that listen here are noticed.
        alone.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        alone.bind(address)
    keeper = socket.socket(family, kind, protocol)
    try:
        keeper.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        keeper.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        keeper.bind(address)
    except OSError:
        keeper.close()
        raise
    return keeper
