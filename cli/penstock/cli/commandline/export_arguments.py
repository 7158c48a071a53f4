"""The command line of exports: writing, checking and replaying them."""

from __future__ import annotations

from pathlib import Path

from penstock.cli.commandline import argument_types as types
from penstock.cli.commandline.parsers import Verbs, setting, verb

FORMATS = ("json", "html", "markdown", "audit")


def add_exports(actions: Verbs) -> None:
    """The verbs of `executions`."""
    export = verb(actions, "export", "exports.export", "Write a whole execution into one document.")
    export.add_argument("execution_id", metavar="ID", type=types.execution_id, help="32 lower-case hex digits")
    export.add_argument("--out", metavar="FILE", type=Path, help="file to write (standard output)")
    export.add_argument("--no-io", action="store_true", help="leave out inputs, outputs and payloads")
    export.add_argument(
        "--format", choices=FORMATS, default="json", help="audit is JSON that the installation signs (%(default)s)"
    )
    check = verb(actions, "verify", "exports.export_verify", "Check that nobody changed an exported document.")
    check.add_argument("file", metavar="FILE", type=Path, help="a document of --format json or audit")
    check.add_argument("--key", metavar="BASE64", help="public key that it must be signed with")
    replay = verb(actions, "replay", "exports.replay", "Walk through what is on record of an execution; nothing runs.")
    replay.add_argument("source", metavar="ID|FILE", help="an execution, or an exported document")
    replay.add_argument("--show-io", action="store_true", help="show what flowed, too")
    replay.add_argument("--at", metavar="SEQUENCE", type=types.count, help="show only where it stood after this event")


def add_audit_key(actions: Verbs) -> None:
    """A verb of `keys`."""
    audit = verb(
        actions, "audit", "exports.export_key", "Print the public key that exports are signed with; make it at need."
    )
    audit.add_argument(
        "--data-dir",
        type=Path,
        default=setting("PENSTOCK_DATA_DIR", ".penstock"),
        help="folder for what is kept on this machine (PENSTOCK_DATA_DIR; %(default)s)",
    )
