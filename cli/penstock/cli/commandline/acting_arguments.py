"""The command line of what stops executions, hastens them and makes others from them."""

from __future__ import annotations

from penstock.cli.commandline import argument_types as types
from penstock.cli.commandline.bulk_arguments import add_many
from penstock.cli.commandline.parsers import Verbs, add_output, verb


def add_acting(actions: Verbs) -> None:
    """The verbs of `executions`."""
    cancel = verb(actions, "cancel", "runs.acting", "Stop an execution, or many.")
    retry = verb(actions, "retry", "runs.acting", "Try again at once what waits for its next attempt.")
    recover = verb(actions, "recover", "runs.acting", "Go on where an execution stopped, or where many did.")
    relaunch = verb(actions, "relaunch", "runs.acting", "Run an execution again from its input, or many.")
    fork = verb(
        actions, "fork", "runs.acting", "Go on from a checkpoint of an execution, which may be changed, or of many."
    )
    signal = verb(actions, "signal", "runs.acting", "Send a signal to an execution, or to many.")
    every = (cancel, retry, signal, recover, relaunch, fork)
    for parser in every:
        parser.add_argument(
            "execution_id", metavar="ID", nargs="?", type=types.execution_id, help="32 lower-case hex digits"
        )
    cancel.add_argument("--reason", default="", help="why, for whoever reads the log")
    retry.add_argument("--node", default="", help="only this node (every node that waits)")
    signal.add_argument("signal", metavar="NAME", type=types.name, help="name of the signal")
    signal.add_argument("--payload", metavar="JSON|@FILE|-", help="what it says")
    signal.add_argument(
        "--request-id", metavar="ID", default="", help="makes the call safe to repeat: same id, one signal"
    )
    relaunch.add_argument("--flow", metavar="NAME@ALIAS", default="", help="what to run (the artifact that it ran)")
    fork.add_argument("--node", required=True, help="node whose output to go on from")
    fork.add_argument("--patch", metavar="JSON|@FILE|-", help="what is to be different in that output")
    fork.add_argument("--mask", metavar="A,B", default="", help="fields to take from the patch (those that it has)")
    for parser in (cancel, retry, signal):
        parser.add_argument(
            "--no-wait", action="store_true", help="of many: print the id of the operation, not its end"
        )
    for parser in (recover, relaunch, fork):
        what = "print the id of the new execution, not its output; of many that of the operation"
        parser.add_argument("--no-wait", action="store_true", help=what)
        parser.add_argument("--request-id", metavar="ID", default="", help="makes the call safe to repeat")
    for parser in every:
        add_many(parser)
        add_output(parser)
