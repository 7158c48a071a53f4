"""`penstock keys audit`: prints the public key that exports are signed with."""

from __future__ import annotations

import base64
from argparse import Namespace

from penstock.cli.errors import CliError
from penstock.engine.storage.audit_keys import AuditKey, AuditKeyError


def run(args: Namespace) -> int:
    try:
        signature = AuditKey(args.data_dir).signer().sign(b"")
    except AuditKeyError as error:
        raise CliError(str(error)) from error
    print(base64.b64encode(signature.public_key).decode())
    return 0
