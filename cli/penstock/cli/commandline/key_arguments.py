"""The command line of keys and accounts."""

from __future__ import annotations

from penstock.cli.commandline import argument_types as types
from penstock.cli.commandline.export_arguments import add_audit_key
from penstock.cli.commandline.parsers import Verbs, add_database, add_output, verb


def add_keys(verbs: Verbs) -> None:
    about = "Make API keys, look at them and end them; show the audit key."
    group = verbs.add_parser("keys", help=about, description=about, allow_abbrev=False)
    actions = group.add_subparsers(title="verbs", metavar="VERB", required=True, dest="action")
    create = verb(
        actions,
        "create",
        "database.key_create",
        "Make a key and print it, this once: in the database of this machine's server.",
    )
    create.add_argument("name", metavar="NAME", help="what the key is for")
    create.add_argument(
        "--account", metavar="ACCOUNT", type=types.account, help="whose flows and executions it sees (default)"
    )
    listing = verb(actions, "list", "account.keys", "List the keys of the account, newest first.")
    listing.add_argument("--revoked", action="store_true", help="those that were revoked as well")
    update = verb(
        actions, "update", "account.keys", "Change what a key is called, what it may do or how long it is good."
    )
    rotate = verb(actions, "rotate", "account.keys", "Give a key another secret and print it, this once.")
    revoke = verb(actions, "revoke", "account.keys", "End a key at once and for ever.")
    for parser in (update, rotate, revoke):
        parser.add_argument("key_id", metavar="ID", type=types.key_id, help="id of the key, or the key itself")
    update.add_argument("--name", help="what the key is for")
    for parser in (create, update):
        parser.add_argument(
            "--scope",
            metavar="SCOPE",
            dest="scopes",
            action="append",
            type=types.scope,
            help="what it may do, such as invoke:hello@live or executions:read; may be repeated"
            + (" (admin)" if parser is create else ""),
        )
        parser.add_argument(
            "--expire", metavar="TIME", type=types.expiry, help='when it ends: a time, or a length such as 90d; "never"'
        )
    rotate.add_argument(
        "--overlap", metavar="LENGTH", type=types.length_s, help="how long the secret before stays good (24h)"
    )
    create.add_argument(
        "--remote", action="store_true", help="have the server make it, in the account of PENSTOCK_API_KEY"
    )
    add_database(create)
    for parser in (listing, update, revoke):
        add_output(parser)
    add_audit_key(actions)


def add_accounts(verbs: Verbs) -> None:
    about = "Make accounts and list them, in the database of this machine's server."
    group = verbs.add_parser("accounts", help=about, description=about, allow_abbrev=False)
    actions = group.add_subparsers(title="verbs", metavar="VERB", required=True, dest="action")
    create = verb(actions, "create", "database.accounts", "Make an account, and print its first key, this once.")
    create.add_argument("name", metavar="NAME", type=types.account, help="name of the account")
    listing = verb(actions, "list", "database.accounts", "List the accounts.")
    for parser in (create, listing):
        add_database(parser)
    add_output(listing)


def add_whoami(verbs: Verbs) -> None:
    add_output(verb(verbs, "whoami", "account.whoami", "Tell whose the key in use is, and what it may do."))
