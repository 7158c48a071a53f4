"""The command line of limits."""

from __future__ import annotations

from penstock.cli.commandline import argument_types as types
from penstock.cli.commandline.parsers import Parser, Verbs, add_output, verb

_RATE = "Calls that a key may make."
_RUNNING = "Executions that may run at once."


def add_limits(verbs: Verbs) -> None:
    about = "Say how much the account and its keys may ask for."
    group = verbs.add_parser("limits", help=about, description=about, allow_abbrev=False)
    actions = group.add_subparsers(title="verbs", metavar="VERB", required=True, dest="action")
    show = verb(actions, "show", "account.limits", "Show the limits that are set.")
    setting = verb(actions, "set", "account.limits", "Set a limit, in place of the one before.")
    unset = verb(actions, "unset", "account.limits", "Take a limit back that was set.")
    settable, unsettable = _kinds(setting), _kinds(unset)
    rate, no_rate = (kinds.add_parser("rate", help=_RATE, description=_RATE) for kinds in (settable, unsettable))
    rate.add_argument("rate", metavar="RATE", type=types.rate, help="calls a second on the long run, such as 10 or 0.5")
    rate.add_argument("--burst", metavar="N", type=types.count, help="calls at once (as many as come in a second)")
    for parser in (rate, no_rate):
        parser.add_argument(
            "--key", metavar="ID", type=types.key_id, help="of this key (each that has no limit of its own)"
        )
    running, no_running = (
        kinds.add_parser("running", help=_RUNNING, description=_RUNNING) for kinds in (settable, unsettable)
    )
    running.add_argument("running", metavar="N", type=types.count, help="executions that may run at once")
    running.add_argument("--queued", metavar="N", type=types.whole, help="executions that may wait (1000)")
    running.add_argument(
        "--when-full",
        choices=("queue", "reject", "replace"),
        default="queue",
        help="what happens to one more: it waits, it is refused, or the oldest is cancelled for it (%(default)s)",
    )
    for parser in (running, no_running):
        parser.add_argument(
            "--flow", metavar="FLOW", type=types.name, help="of this flow (all of the account together)"
        )
    for parser in (show, rate, no_rate, running, no_running):
        add_output(parser)


def _kinds(action: Parser) -> Verbs:
    return action.add_subparsers(title="limits", metavar="LIMIT", required=True, dest="limit")
