"""What an engine in another process is spoken to with in TLS."""

from __future__ import annotations

from pathlib import Path
from typing import TypeAlias

import grpc

Credentials: TypeAlias = grpc.ChannelCredentials


def read_credentials(ca: Path, certificate: Path | None, key: Path | None) -> Credentials:
    """Of PEM files: who signs the engine's certificate, and what to show it where it asks for one. Raises OSError."""
    return grpc.ssl_channel_credentials(
        ca.read_bytes(),
        None if key is None else key.read_bytes(),
        None if certificate is None else certificate.read_bytes(),
    )
