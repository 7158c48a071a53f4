"""The command line of what runs flows: `invoke` on a server, `exec` without one."""

from __future__ import annotations

import argparse
from pathlib import Path

from penstock.cli.commandline import argument_types as types
from penstock.cli.commandline.parsers import Verbs, add_output, verb


def add_invoke(verbs: Verbs) -> None:
    parser = verb(verbs, "invoke", "runs.invoke", "Run a flow.")
    parser.add_argument("flow", metavar="FLOW", help="name of the flow, name@alias or the graph_id of an artifact")
    parser.add_argument("--input", metavar="JSON|@FILE|-", help="the input message: text, a file or standard input")
    how = parser.add_mutually_exclusive_group()
    how.add_argument(
        "--wait", action=argparse.BooleanOptionalAction, default=True, help="wait for the end (the default)"
    )
    how.add_argument("--stream", action="store_true", help="print each frame as a line of JSON when it comes")
    parser.add_argument(
        "--timeout", metavar="SECONDS", type=types.seconds, help="longest wait; the run goes on after it (30)"
    )
    parser.add_argument("--request-id", metavar="ID", help="makes the call safe to repeat: same id, same execution")
    parser.add_argument(
        "--label",
        metavar="KEY=VALUE",
        dest="labels",
        action="append",
        type=types.label,
        default=[],
        help="may be repeated",
    )
    parser.add_argument("--config", metavar="ID", type=types.config_id, help="config profile to run with")
    parser.add_argument("--overwrite-cache", action="store_true", help="compute cached outputs anew, and keep them")
    parser.add_argument("--webhook", metavar="URL", help="where the result is sent when the run has ended")
    parser.add_argument(
        "--webhook-header",
        metavar="'NAME: VALUE'",
        dest="webhook_headers",
        action="append",
        type=types.header,
        default=[],
        help="sent along with the result; may be repeated",
    )
    add_output(parser)


def add_exec(verbs: Verbs) -> None:
    parser = verb(verbs, "exec", "local.exec", "Run a flow once, in this process, without a server.")
    parser.add_argument("file", metavar="FILE", type=Path, help="package folder, or a file of a package")
    parser.add_argument("flow", metavar="FLOW", help="name of the flow")
    parser.add_argument(
        "input", metavar="INPUT", nargs="?", help="the input message: JSON, @ and a file, or - for standard input"
    )
    parser.add_argument("--approve", action="store_true", help="approve every pause that the run comes to")
    parser.add_argument(
        "--data-dir", metavar="DIR", type=Path, help="folder to keep the run in (a temporary one that is removed)"
    )
