"""The command line as users write it."""

from __future__ import annotations

import argparse
import os
import re
from argparse import SUPPRESS
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn, TypeAlias

from penstock.cli.errors import UsageError

_DESCRIPTION = "Turns a graph of typed Python nodes into a live gRPC service whose every run is durable."
_EPILOG = (
    "PENSTOCK_URL and PENSTOCK_API_KEY name the server; without them the running `penstock dev` of the data "
    "directory (PENSTOCK_DATA_DIR, else .penstock) is used. "
    "Exit codes: 0 ok, 1 the run failed or the server refused, 2 usage, 3 cannot connect."
)


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{message} (see {self.prog} --help)")


if TYPE_CHECKING:
    _Verbs: TypeAlias = argparse._SubParsersAction[_Parser]


def parse(argv: Sequence[str] | None) -> argparse.Namespace:
    """Reads the command line. `module` of the answer names the module whose `run(args)` does the work.

    Raises UsageError; ends the process with 0 for --help and --version.
    """
    parser = _Parser(prog="penstock", description=_DESCRIPTION, epilog=_EPILOG, allow_abbrev=False)
    parser.add_argument(
        "--version", action=_Version, nargs=0, dest=SUPPRESS, default=SUPPRESS, help="print the version"
    )
    verbs = parser.add_subparsers(title="verbs", metavar="VERB", required=True)
    _add_servers(verbs)
    _add_compile(verbs)
    _add_invoke(verbs)
    _add_executions(verbs)
    _add_keys(verbs)
    return parser.parse_args(argv)


class _Version(argparse.Action):
    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        from importlib.metadata import version

        print(f"penstock {version('penstock')}")
        parser.exit()


def _verb(verbs: _Verbs, name: str, module: str, about: str) -> _Parser:
    parser = verbs.add_parser(name, help=about, description=about, allow_abbrev=False)
    parser.set_defaults(module=f"penstock.cli.{module}")
    return parser


def _add_servers(verbs: _Verbs) -> None:
    dev = _verb(verbs, "dev", "dev", "Run everything on this machine and recompile packages as they change.")
    dev.add_argument("paths", metavar="PATH", nargs="*", type=Path, help="package folder, or folder of package folders")
    serve = _verb(verbs, "serve", "serve", "Run engine and gateway, without watching any package.")
    for parser in (dev, serve):
        _add_address(parser, "--http", "PENSTOCK_HTTP_ADDRESS", "127.0.0.1:8080")
        _add_address(parser, "--grpc", "PENSTOCK_GRPC_ADDRESS", "127.0.0.1:50051")
    migrate = _verb(verbs, "migrate", "migrate", "Bring the database to what this version needs.")
    for parser in (dev, serve, migrate):
        _add_database(parser)


def _add_keys(verbs: _Verbs) -> None:
    about = "Make API keys, in the database of this machine's server."
    group = verbs.add_parser("keys", help=about, description=about, allow_abbrev=False)
    actions = group.add_subparsers(title="verbs", metavar="VERB", required=True, dest="action")
    create = _verb(actions, "create", "keys", "Make a key and print it, this once.")
    create.add_argument("name", metavar="NAME", help="what the key is for")
    create.add_argument("--account", default="default", help="whose flows and executions it sees (%(default)s)")
    _add_database(create)


def _add_database(parser: _Parser) -> None:
    parser.add_argument(
        "--data-dir",
        type=Path,
        default=_setting("PENSTOCK_DATA_DIR", ".penstock"),
        help="folder for what is kept on this machine (PENSTOCK_DATA_DIR; %(default)s)",
    )
    parser.add_argument(
        "--database-url",
        metavar="URL",
        default=_setting("PENSTOCK_DATABASE_URL", None),
        help="Postgres to use instead of the embedded one (PENSTOCK_DATABASE_URL)",
    )


def _add_compile(verbs: _Verbs) -> None:
    parser = _verb(verbs, "compile", "compile", "Publish packages and compile their flows.")
    parser.add_argument("paths", metavar="PATH", nargs="+", type=Path, help="package folder, or folder of such folders")
    parser.add_argument("--check", action="store_true", help="only find every problem, here, without a server")
    _add_output(parser)


def _add_invoke(verbs: _Verbs) -> None:
    parser = _verb(verbs, "invoke", "invoke", "Run a flow.")
    parser.add_argument("flow", metavar="FLOW", help="name of the flow, name@alias or the graph_id of an artifact")
    parser.add_argument("--input", metavar="JSON|@FILE|-", help="the input message: text, a file or standard input")
    how = parser.add_mutually_exclusive_group()
    how.add_argument(
        "--wait", action=argparse.BooleanOptionalAction, default=True, help="wait for the end (the default)"
    )
    how.add_argument("--stream", action="store_true", help="print each frame as a line of JSON when it comes")
    parser.add_argument(
        "--timeout", metavar="SECONDS", type=_seconds, help="longest wait; the run goes on after it (30)"
    )
    parser.add_argument("--request-id", metavar="ID", help="makes the call safe to repeat: same id, same execution")
    parser.add_argument(
        "--label", metavar="KEY=VALUE", dest="labels", action="append", type=_label, default=[], help="may be repeated"
    )
    _add_output(parser)


def _add_executions(verbs: _Verbs) -> None:
    about = "Look at executions and act on them."
    group = verbs.add_parser("executions", help=about, description=about, allow_abbrev=False)
    actions = group.add_subparsers(title="verbs", metavar="VERB", required=True, dest="action")

    listing = _verb(actions, "list", "executions", "List executions, newest first.")
    listing.add_argument("--filter", default="", help="AIP-160, for example: status = FAILED AND flow = hello")
    listing.add_argument("--order-by", default="", help='"create_time desc" (the default) or "create_time asc"')
    listing.add_argument("--limit", type=_count, default=50, help="most executions to give (%(default)s)")
    one = {
        "get": _verb(actions, "get", "executions", "Show one execution and its nodes."),
        "watch": _verb(actions, "watch", "executions", "Follow an execution to its end."),
        "events": _verb(actions, "events", "executions", "Show the log of an execution."),
        "cancel": _verb(actions, "cancel", "executions", "Stop an execution."),
    }
    for parser in one.values():
        parser.add_argument("execution_id", metavar="ID", type=_execution_id, help="32 lower-case hex digits")
    for name in ("watch", "events"):
        one[name].add_argument("--after", metavar="SEQUENCE", type=int, default=0, help="leave out what came before")
    one["events"].add_argument("--node", default="", help="only events of this node")
    one["cancel"].add_argument("--reason", default="", help="why, for whoever reads the log")
    for parser in (listing, *one.values()):
        _add_output(parser)


def _add_output(parser: _Parser) -> None:
    parser.add_argument("--output", choices=("table", "json"), default="table", help="for people or for programs")


def _add_address(parser: _Parser, flag: str, variable: str, default: str) -> None:
    parser.add_argument(
        flag,
        metavar="HOST:PORT",
        type=_address,
        default=_setting(variable, default),
        help=f"address to listen on, port 0 picks a free one ({variable}; %(default)s)",
    )


def _setting(variable: str, default: str | None) -> str | None:
    """The environment's word for a flag. An empty variable counts as none: that is how shells unset one in passing."""
    return os.environ.get(variable) or default


def _address(text: str) -> str:
    host, _, port = text.rpartition(":")
    if not host or not port.isascii() or not port.isdigit() or int(port) > 65535:
        raise argparse.ArgumentTypeError(f'expected HOST:PORT, got "{text}"')
    return text


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds < float("inf"):
        raise argparse.ArgumentTypeError(f'expected a number of seconds above 0, got "{text}"')
    return seconds


def _count(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) == 0:
        raise argparse.ArgumentTypeError(f'expected a whole number above 0, got "{text}"')
    return int(text)


def _label(text: str) -> tuple[str, str]:
    key, equals, value = text.partition("=")
    if not key or not equals:
        raise argparse.ArgumentTypeError(f'expected KEY=VALUE, got "{text}"')
    return key, value


def _execution_id(text: str) -> str:
    if not re.fullmatch(r"[0-9a-f]{32}", text):
        raise argparse.ArgumentTypeError(f'expected 32 lower-case hex digits, got "{text}"')
    return text
