"""What both ports are secured with: a certificate, its key and, for mutual TLS, who signs those of clients.

The files may be replaced while the server runs. Each handshake looks whether they were, and what is wrong with new ones
is logged: the old ones hold until the files are good again.
"""

from __future__ import annotations

import logging
import os
import ssl
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

log = logging.getLogger(__name__)


class TlsError(Exception):
    """The files cannot be used. The message says which one and why."""


@dataclass(frozen=True, slots=True)
class TlsFiles:
    """All in PEM. `client_ca` None: clients need no certificate."""

    certificate: Path
    key: Path
    client_ca: Path | None = None

    def __iter__(self) -> Iterator[Path]:
        yield from (self.certificate, self.key)
        if self.client_ca is not None:
            yield self.client_ca


@dataclass(frozen=True, slots=True)
class TlsMaterial:
    """The files as they were read together, and found to belong together."""

    certificate: bytes
    key: bytes
    client_ca: bytes | None
    context: ssl.SSLContext
    """For HTTP/1.1."""


class Tls:
    """Used from any thread: gRPC asks for the files from its own."""

    def __init__(self, files: TlsFiles) -> None:
        """Raises TlsError."""
        self._files = files
        self._lock = Lock()
        self._seen = _stamps(files)
        self._material = _read(files)

    def current(self) -> TlsMaterial:
        """What a handshake that begins now uses."""
        with self._lock:
            try:
                stamps = _stamps(self._files)
                if stamps != self._seen:
                    self._seen = stamps
                    self._material = _read(self._files)
                    log.info("the TLS files were read again", extra={"action": "tls_reloaded"})
            except TlsError as error:
                # A file that is away for a moment has no stamp: it is looked at again when it is back.
                log.error("the TLS files that were read before stay in use: %s", error, extra={"action": "tls_refused"})
            return self._material

    def server_context(self) -> ssl.SSLContext:
        """A context for a listening socket, which follows the files from handshake to handshake."""
        context = _context(self._files)

        def take_current(connection: ssl.SSLObject, _name: str | None, _context: ssl.SSLContext) -> None:
            connection.context = self.current().context

        context.sni_callback = take_current  # called without a server name, too
        return context


def _stamps(files: TlsFiles) -> Sequence[tuple[int, int, int]]:
    return [_stamp(path) for path in files]


def _stamp(path: Path) -> tuple[int, int, int]:
    try:
        stat = os.stat(path)
    except OSError as error:
        raise TlsError(f"{path}: {error.strerror or error}") from error
    return stat.st_mtime_ns, stat.st_size, stat.st_ino


def _read(files: TlsFiles) -> TlsMaterial:
    try:
        certificate, key = files.certificate.read_bytes(), files.key.read_bytes()
        client_ca = None if files.client_ca is None else files.client_ca.read_bytes()
    except OSError as error:
        raise TlsError(f"{error.filename}: {error.strerror or error}") from error
    return TlsMaterial(certificate, key, client_ca, _context(files))


def _context(files: TlsFiles) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(["http/1.1"])
    try:
        # A key that wants a password would ask for it at the terminal.
        context.load_cert_chain(files.certificate, files.key, password=_no_password)
    except (OSError, ValueError) as error:
        raise TlsError(
            f"{files.certificate} and {files.key}: expected a PEM certificate and its key: {error}"
        ) from error
    if files.client_ca is not None:
        context.verify_mode = ssl.CERT_REQUIRED
        try:
            context.load_verify_locations(files.client_ca)
        except (OSError, ValueError) as error:
            raise TlsError(f"{files.client_ca}: expected PEM certificates: {error}") from error
    return context


def _no_password() -> str:
    raise ValueError("the key has a password")
