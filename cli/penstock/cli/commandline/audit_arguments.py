"""The command line of the audit log."""

from __future__ import annotations

import argparse
from pathlib import Path

from penstock.cli.commandline import argument_types as types
from penstock.cli.commandline.parsers import Verbs, add_output, verb


def add_audit(verbs: Verbs) -> None:
    about = "Tell who called what that was to change something."
    group = verbs.add_parser("audit", help=about, description=about, allow_abbrev=False)
    actions = group.add_subparsers(title="verbs", metavar="VERB", required=True, dest="action")
    listing = verb(actions, "list", "account.audit", "List records, newest first.")
    listing.add_argument(
        "--filter", default="", help='AIP-160, for example: outcome != OK AND method = "PauseService.*"'
    )
    listing.add_argument("--limit", metavar="N", type=types.count, default=50, help="most records (%(default)s)")
    add_output(listing)
    export = verb(actions, "export", "account.audit", "Write all records, oldest first, as one JSON document.")
    export.add_argument("--after", metavar="NUMBER", type=int, default=0, help="leave out what came before")
    export.add_argument("--out", metavar="FILE", type=Path, help="file to write instead of standard output")
    verify = verb(actions, "verify", "database.audit_verify", "Check that no record was changed, added or taken out.")
    verify.add_argument(
        "file", metavar="FILE", nargs="?", help="an export of the log; without it the server's log is read"
    )
    verify.add_argument(
        "--known",
        metavar="NUMBER:HASH",
        type=_known,
        help="a record as an earlier check printed it: then the newest ones cannot be missing either",
    )


def _known(text: str) -> tuple[int, str]:
    number, _, digest = text.partition(":")
    if not number.isdecimal() or len(digest) != 64:
        raise argparse.ArgumentTypeError(f'expected NUMBER:HASH, got "{text}"')
    return int(number), digest
