"""The command line of what one execution has, of following many, and of completing it."""

from __future__ import annotations

from pathlib import Path

from penstock.cli.commandline import argument_types as types
from penstock.cli.commandline.parsers import Verbs, add_output, verb

_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")


def add_watch(actions: Verbs) -> None:
    """A verb of `executions`."""
    watch = verb(actions, "watch", "runs.watch", "Follow an execution to its end, or what happens in all of them.")
    watch.add_argument(
        "execution_id", metavar="ID", nargs="?", type=types.execution_id, help="32 lower-case hex digits"
    )
    watch.add_argument("--all", action="store_true", help="follow all executions, from now on")
    watch.add_argument("--flow", metavar="FLOW", type=types.name, help="follow all executions of this flow")
    watch.add_argument("--filter", default="", help='follow those that it finds, for example: labels.team = "blue"')
    watch.add_argument(
        "--type", metavar="TYPE", dest="types", action="append", default=[], help="only such events; may be repeated"
    )
    watch.add_argument(
        "--after",
        metavar="SEQUENCE|CURSOR",
        default="",
        help='leave out what came before; of all executions a cursor, or "oldest" for what is kept',
    )
    add_output(watch)


def add_views(actions: Verbs) -> None:
    """Verbs of `executions`."""
    parsers = {
        "logs": verb(actions, "logs", "runs.run_views", "Show what the nodes of an execution logged."),
        "frames": verb(actions, "frames", "runs.run_views", "Show the frames of an execution."),
        "children": verb(actions, "children", "runs.run_views", "List the executions of an execution's sub-flows."),
        "checkpoints": verb(actions, "checkpoints", "runs.run_views", "Show the outputs of the nodes that completed."),
        "attempts": verb(actions, "attempts", "runs.run_views", "List the attempts of a node."),
        "gates": verb(actions, "gates", "runs.run_views", "List the gates of an execution and what they wait for."),
        "output": verb(actions, "output", "runs.run_views", "Print the output of an execution."),
        "payload": verb(actions, "payload", "runs.run_views", "Print an input, an output or a frame, however large."),
    }
    for parser in parsers.values():
        parser.add_argument("execution_id", metavar="ID", type=types.execution_id, help="32 lower-case hex digits")
    for name in ("logs", "checkpoints"):
        parsers[name].add_argument("--node", default="", help="only of this node")
    parsers["logs"].add_argument("--level", choices=_LEVELS, default="", help="only of this level and above it")
    attempts, payload = parsers["attempts"], parsers["payload"]
    attempts.add_argument("node", metavar="NODE", help="name of the node in the flow")
    attempts.add_argument("--item", metavar="INDEX", type=int, help="only those of this item of a map")
    payload.add_argument("payload", metavar="NAME", help="input, output or the sequence of an event")
    payload.add_argument("--protobuf", action="store_true", help="in protobuf, not as JSON")
    payload.add_argument("--out", metavar="FILE", type=Path, help="file to write (standard output)")
    for name in ("logs", "frames", "children", "checkpoints", "attempts"):
        parsers[name].add_argument("--limit", type=types.count, help="most to give (no limit)")
    for name, parser in parsers.items():
        if name != "payload":
            add_output(parser)


def add_completion(verbs: Verbs) -> None:
    parser = verb(verbs, "completion", "commandline.completion", "Print what a shell needs to complete commands.")
    parser.add_argument("shell", metavar="SHELL", choices=("bash", "fish", "zsh"), help="bash, fish or zsh")
