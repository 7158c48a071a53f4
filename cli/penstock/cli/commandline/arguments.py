"""The command line as users write it."""

from __future__ import annotations

import argparse
from argparse import SUPPRESS
from collections.abc import Sequence
from pathlib import Path

from penstock.cli.commandline import argument_types as types
from penstock.cli.commandline.acting_arguments import add_acting
from penstock.cli.commandline.audit_arguments import add_audit
from penstock.cli.commandline.bulk_arguments import add_bulk
from penstock.cli.commandline.config_arguments import add_configs, add_secrets
from penstock.cli.commandline.export_arguments import add_exports
from penstock.cli.commandline.find_arguments import add_lists, add_queries
from penstock.cli.commandline.import_arguments import add_import, add_imports
from penstock.cli.commandline.key_arguments import add_accounts, add_keys, add_whoami
from penstock.cli.commandline.limit_arguments import add_limits
from penstock.cli.commandline.parsers import Parser, Verbs, add_database, add_output, setting, verb
from penstock.cli.commandline.pause_arguments import add_pauses
from penstock.cli.commandline.policy_arguments import add_policies
from penstock.cli.commandline.retention_arguments import add_retention
from penstock.cli.commandline.run_arguments import add_exec, add_invoke
from penstock.cli.commandline.usage_arguments import add_budgets, add_usage
from penstock.cli.commandline.view_arguments import add_completion, add_views, add_watch
from penstock.cli.commandline.webhook_arguments import add_webhooks
from penstock.cli.serving.tls_settings import add_engine_tls, add_tls

_DESCRIPTION = "Turns a graph of typed Python nodes into a live gRPC service whose every run is durable."
_EPILOG = (
    "PENSTOCK_URL and PENSTOCK_API_KEY name the server; without them the running `penstock dev` of the data "
    "directory (PENSTOCK_DATA_DIR, else .penstock) is used. "
    "Exit codes: 0 ok, 1 the run failed or the server refused, 2 usage, 3 cannot connect."
)


def parse(argv: Sequence[str] | None) -> argparse.Namespace:
    """Reads the command line. `module` of the answer names the module whose `run(args)` does the work.

    Raises UsageError; ends the process with 0 for --help and --version.
    """
    return make_parser().parse_args(argv)


def make_parser() -> Parser:
    """The whole command line."""
    parser = Parser(prog="penstock", description=_DESCRIPTION, epilog=_EPILOG, allow_abbrev=False)
    parser.add_argument(
        "--version", action=_Version, nargs=0, dest=SUPPRESS, default=SUPPRESS, help="print the version"
    )
    verbs = parser.add_subparsers(title="verbs", metavar="VERB", required=True)
    _add_servers(verbs)
    _add_compile(verbs)
    add_exec(verbs)
    add_invoke(verbs)
    _add_executions(verbs)
    add_queries(verbs)
    add_bulk(verbs)
    add_imports(verbs)
    add_pauses(verbs)
    add_policies(verbs)
    _add_sdk(verbs)
    _add_artifacts(verbs)
    _add_aliases(verbs)
    add_configs(verbs)
    add_secrets(verbs)
    add_usage(verbs)
    add_budgets(verbs)
    add_retention(verbs)
    add_limits(verbs)
    add_webhooks(verbs)
    add_audit(verbs)
    add_keys(verbs)
    add_accounts(verbs)
    add_whoami(verbs)
    add_completion(verbs)
    return parser


class _Version(argparse.Action):
    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        from importlib.metadata import version

        print(f"penstock {version('penstock')}")
        parser.exit()


def _add_servers(verbs: Verbs) -> None:
    dev = verb(verbs, "dev", "serving.dev", "Run everything on this machine and recompile packages as they change.")
    dev.add_argument("paths", metavar="PATH", nargs="*", type=Path, help="package folder, or folder of package folders")
    serve = verb(verbs, "serve", "serving.serve", "Run engine and gateway, without watching any package.")
    gateway = verb(verbs, "gateway", "serving.gateway", "Run a gateway alone, for an engine in another process.")
    gateway.add_argument(
        "--engine",
        metavar="HOST:PORT",
        type=types.address,
        default=setting("PENSTOCK_ENGINE_ADDRESS", "127.0.0.1:50051"),
        help="gRPC address of the engine (PENSTOCK_ENGINE_ADDRESS; %(default)s)",
    )
    for parser in (dev, serve, gateway):
        _add_address(parser, "--http", "PENSTOCK_HTTP_ADDRESS", "127.0.0.1:8080")
    for parser in (dev, serve):
        _add_address(parser, "--grpc", "PENSTOCK_GRPC_ADDRESS", "127.0.0.1:50051")
    serve.add_argument(
        "--processes",
        metavar="N",
        type=types.processes,
        default=setting("PENSTOCK_PROCESSES", "1"),
        help="engine processes that share both ports (PENSTOCK_PROCESSES; %(default)s)",
    )
    for parser in (dev, serve, gateway):
        add_tls(parser)
    add_engine_tls(gateway)
    # What a supervisor tells the processes that it starts.
    serve.add_argument("--child", help=SUPPRESS)
    serve.add_argument("--embedded", action="store_true", help=SUPPRESS)
    migrate = verb(verbs, "migrate", "serving.migrate", "Bring the database to what this version needs.")
    for parser in (dev, serve, migrate):
        add_database(parser)


def _add_compile(verbs: Verbs) -> None:
    parser = verb(verbs, "compile", "compile", "Publish packages and compile their flows.")
    parser.add_argument("paths", metavar="PATH", nargs="+", type=Path, help="package folder, or folder of such folders")
    how = parser.add_mutually_exclusive_group()
    how.add_argument("--check", action="store_true", help="only find every problem, here, without a server")
    how.add_argument(
        "--validate-only", action="store_true", help="only find every problem and what breaks callers; keep nothing"
    )
    parser.add_argument("--allow-breaking", action="store_true", help="move `live` although its callers break")
    add_output(parser)


def _add_sdk(verbs: Verbs) -> None:
    parser = verb(verbs, "sdk", "sdk", "Write the client of a flow, as an archive that pip or npm installs.")
    parser.add_argument("flow", metavar="FLOW", help="name of the flow, name@alias or the graph_id of an artifact")
    parser.add_argument("--language", required=True, choices=("python", "typescript"), help="what it is written in")
    parser.add_argument("--out", metavar="DIR", required=True, type=Path, help="folder for the archive")
    parser.add_argument(
        "--flavour",
        choices=("betterproto2", "betterproto"),
        help="library of a Python client's messages (betterproto2)",
    )


def _add_executions(verbs: Verbs) -> None:
    about = "Look at executions and act on them."
    group = verbs.add_parser("executions", help=about, description=about, allow_abbrev=False)
    actions = group.add_subparsers(title="verbs", metavar="VERB", required=True, dest="action")

    add_lists(actions)
    failures = verb(
        actions, "failures", "runs.failures", "Count executions that failed, by day, flow and sort of trouble."
    )
    failures.add_argument("--flow", default="", help="only those of this flow")
    failures.add_argument("--days", type=types.count, default=7, help="days up to this one (%(default)s)")
    one = {
        "get": verb(actions, "get", "runs.executions", "Show one execution and its nodes."),
        "events": verb(actions, "events", "runs.executions", "Show the log of an execution."),
        "explain": verb(actions, "explain", "runs.explain", "Say why an execution is not further, and who has to act."),
        "timeline": verb(actions, "timeline", "runs.timeline", "Draw how long what took in an execution."),
    }
    for parser in one.values():
        parser.add_argument("execution_id", metavar="ID", type=types.execution_id, help="32 lower-case hex digits")
    one["events"].add_argument("--after", metavar="SEQUENCE", type=int, default=0, help="leave out what came before")
    one["events"].add_argument("--node", default="", help="only events of this node")
    one["timeline"].add_argument("--all", action="store_true", help="every attempt and every item of maps too")
    for parser in (failures, *one.values()):
        add_output(parser)
    add_watch(actions)
    add_views(actions)
    add_acting(actions)
    add_exports(actions)
    add_import(actions)


def _add_artifacts(verbs: Verbs) -> None:
    about = "Look at artifacts, and say which should no longer be used."
    group = verbs.add_parser("artifacts", help=about, description=about, allow_abbrev=False)
    actions = group.add_subparsers(title="verbs", metavar="VERB", required=True, dest="action")
    diff = verb(actions, "diff", "account.artifacts", "Tell what breaks when B takes the place of A.")
    for name, about in (("before", "the artifact that callers know"), ("after", "the one in its place")):
        metavar = "A" if name == "before" else "B"
        diff.add_argument(name, metavar=metavar, help=f"{about}: a graph_id, a flow or flow@alias")
    add_output(diff)
    _add_artifact_states(actions)


def _add_artifact_states(actions: Verbs) -> None:
    listing = verb(actions, "list", "account.artifact_states", "List artifacts, newest first.")
    listing.add_argument("flow", metavar="FLOW", nargs="?", default="", help="only those of this flow")
    listing.add_argument("--limit", type=types.count, default=50, help="most artifacts to give (%(default)s)")
    changes = {
        "deprecate": "Tell callers to leave an artifact.",
        "retire": "Refuse new invocations of an artifact; what runs goes on.",
        "restore": "Take back that an artifact is deprecated or retired.",
    }
    parsers = {name: verb(actions, name, "account.artifact_states", about) for name, about in changes.items()}
    for name, parser in parsers.items():
        parser.add_argument(
            "graph_id", metavar="ID", type=types.graph_id, help="graph_id of the artifact, 26 characters"
        )
        if name != "restore":
            parser.add_argument("--reason", default="", help="why, for whoever calls it")
    for parser in (listing, *parsers.values()):
        add_output(parser)


def _add_aliases(verbs: Verbs) -> None:
    about = "Look at aliases and move them."
    group = verbs.add_parser("aliases", help=about, description=about, allow_abbrev=False)
    actions = group.add_subparsers(title="verbs", metavar="VERB", required=True, dest="action")
    listing = verb(actions, "list", "account.aliases", "List the aliases of a flow.")
    move = verb(actions, "set", "account.aliases", "Point an alias at a version, or at several by weight.")
    delete = verb(actions, "delete", "account.aliases", "Remove an alias.")
    history = verb(actions, "history", "account.aliases", "List the moves of a flow's aliases, newest first.")
    for parser in (listing, move, delete, history):
        parser.add_argument("flow", metavar="FLOW", type=types.name, help="name of the flow")
    for parser in (move, delete):
        parser.add_argument("alias", metavar="ALIAS", type=types.name, help="name of the alias")
    history.add_argument("alias", metavar="ALIAS", type=types.name, nargs="?", help="only those of this alias")
    move.add_argument(
        "targets",
        metavar="TARGET",
        nargs="+",
        type=types.alias_target,
        help="v3, or v3=90 v4=10: versions and their percents; a graph_id may stand for a version",
    )
    move.add_argument("--validate-only", action="store_true", help="only tell what would break; move nothing")
    move.add_argument("--allow-breaking", action="store_true", help="move it although its callers break")
    for parser in (move, delete):
        parser.add_argument("--etag", default="", help="only when nobody has moved it since")
    history.add_argument("--limit", type=types.count, default=50, help="most moves to give (%(default)s)")
    for parser in (listing, move, delete, history):
        add_output(parser)


def _add_address(parser: Parser, flag: str, variable: str, default: str) -> None:
    parser.add_argument(
        flag,
        metavar="HOST:PORT",
        type=types.address,
        default=setting(variable, default),
        help=f"address to listen on, port 0 picks a free one ({variable}; %(default)s)",
    )
