"""The command line of what stops executions and makes others from them."""

from __future__ import annotations

from penstock.cli import argument_types as types
from penstock.cli.parsers import Parser, Verbs, add_output, verb


def add_acting(actions: Verbs) -> None:
    """The verbs of `executions`."""
    cancel = verb(actions, "cancel", "acting", "Stop an execution, or many.")
    recover = verb(actions, "recover", "acting", "Go on where an execution stopped, or where many did.")
    relaunch = verb(actions, "relaunch", "acting", "Run an execution again from its input, or many.")
    fork = verb(actions, "fork", "acting", "Go on from a checkpoint of an execution, which may be changed.")
    for parser in (cancel, recover, relaunch):
        parser.add_argument(
            "execution_id", metavar="ID", nargs="?", type=types.execution_id, help="32 lower-case hex digits"
        )
    fork.add_argument("execution_id", metavar="ID", type=types.execution_id, help="32 lower-case hex digits")
    cancel.add_argument("--reason", default="", help="why, for whoever reads the log")
    relaunch.add_argument("--flow", metavar="NAME@ALIAS", default="", help="what to run (the artifact that it ran)")
    fork.add_argument("--node", required=True, help="node whose output to go on from")
    fork.add_argument("--patch", metavar="JSON|@FILE|-", help="what is to be different in that output")
    fork.add_argument("--mask", metavar="A,B", default="", help="fields to take from the patch (those that it has)")
    for parser in (recover, relaunch, fork):
        parser.add_argument("--no-wait", action="store_true", help="print the id of the new execution, not its output")
        parser.add_argument("--request-id", metavar="ID", default="", help="makes the call safe to repeat")
    for parser in (cancel, recover, relaunch):
        _add_many(parser)
    for parser in (cancel, recover, relaunch, fork):
        add_output(parser)


def _add_many(parser: Parser) -> None:
    """What takes the place of an ID."""
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--filter", default="", help="those that the filter finds, as in `executions list`")
    which.add_argument("--all", action="store_true", help="those of all flows")
    parser.add_argument("--until", metavar="TIME", type=types.moment, help="only those accepted up to then")
    parser.add_argument("--limit", type=types.count, help="most executions to act on (no limit)")
    parser.add_argument("--dry-run", action="store_true", help="only list them")
