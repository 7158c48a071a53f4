"""TLS as the command line says it."""

from __future__ import annotations

import os
import ssl
from argparse import Namespace
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING

from penstock.cli.commandline.parsers import Parser, setting
from penstock.cli.errors import CliError, UsageError
from penstock.cli.serving.addresses import split_address
from penstock.wire.tls import Tls, TlsError, TlsFiles

if TYPE_CHECKING:
    from penstock.gateway.remote.credentials import Credentials


def add_tls(parser: Parser) -> None:
    files = parser.add_argument_group("TLS", "Files in PEM. They are read again when they change.")
    for flag, variable, about in (
        ("--tls-cert", "PENSTOCK_TLS_CERT", "certificate of both ports, with those between it and its root"),
        ("--tls-key", "PENSTOCK_TLS_KEY", "its key"),
        ("--tls-client-ca", "PENSTOCK_TLS_CLIENT_CA", "who signs the certificates of clients: then they need one"),
    ):
        default = setting(variable, None)
        files.add_argument(flag, metavar="FILE", type=Path, default=default, help=f"{about} ({variable})")
    files.add_argument(
        "--plain-text",
        action="store_true",
        default=setting("PENSTOCK_PLAIN_TEXT", None) is not None,
        help="speak plain text although others than this machine can reach the port (PENSTOCK_PLAIN_TEXT)",
    )


def add_engine_tls(parser: Parser) -> None:
    files = parser.add_argument_group("TLS to the engine", "Files in PEM.")
    for flag, variable, about in (
        (
            "--engine-ca",
            "PENSTOCK_ENGINE_CA",
            "who signs the engine's certificate: then it is spoken to in TLS",
        ),
        ("--engine-cert", "PENSTOCK_ENGINE_CERT", "certificate to show the engine, when it asks for one"),
        ("--engine-key", "PENSTOCK_ENGINE_KEY", "its key"),
    ):
        default = setting(variable, None)
        files.add_argument(flag, metavar="FILE", type=Path, default=default, help=f"{about} ({variable})")


def client_context() -> ssl.SSLContext | None:
    """What commands call a server with: PENSTOCK_CA, PENSTOCK_CLIENT_CERT and PENSTOCK_CLIENT_KEY. None: the usual.

    Raises UsageError.
    """
    ca, certificate, key = (
        os.environ.get(name) for name in ("PENSTOCK_CA", "PENSTOCK_CLIENT_CERT", "PENSTOCK_CLIENT_KEY")
    )
    if not ca and not certificate:
        return None
    try:
        context = ssl.create_default_context(cafile=ca or None)
        if certificate:
            context.load_cert_chain(certificate, key or None)
    except OSError as error:
        names = "PENSTOCK_CA, PENSTOCK_CLIENT_CERT, PENSTOCK_CLIENT_KEY"
        raise UsageError(f"{names}: expected PEM files that belong together: {error}") from error
    return context


def engine_credentials(args: Namespace) -> Credentials | None:
    """What the engine of a gateway is spoken to with; None for plain text.

    Raises UsageError, and CliError for files that cannot be read and for plain text that others could read.
    """
    if args.engine_ca is None:
        if args.engine_cert is not None or args.engine_key is not None:
            raise UsageError("--engine-cert and --engine-key: expected --engine-ca as well")
        check_plain_text(args, args.engine, "--engine-ca")
        return None
    if (args.engine_cert is None) != (args.engine_key is None):
        raise UsageError("--engine-cert and --engine-key: expected both")
    from penstock.gateway.remote.credentials import read_credentials

    try:
        return read_credentials(args.engine_ca, args.engine_cert, args.engine_key)
    except OSError as error:
        raise CliError(f"{error.filename}: {error.strerror or error}") from error


def tls_of(args: Namespace, *addresses: str) -> Tls | None:
    """What the ports at `addresses`, each HOST:PORT, are secured with; None for plain text.

    Raises UsageError, and CliError for files that cannot be used and for plain text that others could read.
    """
    certificate, key, client_ca = args.tls_cert, args.tls_key, args.tls_client_ca
    if certificate is None and key is None and client_ca is None:
        for address in addresses:
            check_plain_text(args, address, "--tls-cert and --tls-key")
        return None
    if certificate is None or key is None:
        raise UsageError("--tls-cert and --tls-key: expected both")
    try:
        return Tls(TlsFiles(certificate, key, client_ca))
    except TlsError as error:
        raise CliError(str(error)) from error


def tls_environment(args: Namespace) -> dict[str, str]:
    """The same, for a process that is started with it."""
    files = {
        "PENSTOCK_TLS_CERT": args.tls_cert,
        "PENSTOCK_TLS_KEY": args.tls_key,
        "PENSTOCK_TLS_CLIENT_CA": args.tls_client_ca,
        "PENSTOCK_PLAIN_TEXT": "yes" if args.plain_text else None,
    }
    return {name: str(value) for name, value in files.items() if value is not None}


def check_plain_text(args: Namespace, address: str, instead: str) -> None:
    """Raises CliError when keys would go in plain text to or from another machine and nobody said that they may."""
    if not args.plain_text and not _is_loopback(split_address(address)[0]):
        raise CliError(
            f"{address} is more than this machine, and plain text shows API keys to everyone on the way: give"
            f" {instead}, or --plain-text where a proxy does TLS"
        )


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
