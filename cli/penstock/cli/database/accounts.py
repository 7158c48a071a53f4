"""`penstock accounts`: makes accounts and lists them, for whoever runs the server."""

from __future__ import annotations

from argparse import Namespace
from datetime import UTC, datetime

from penstock.cli.database.key_store import KeyStore, with_store
from penstock.cli.human import moment
from penstock.cli.output import print_json, print_list
from penstock.engine.storage.postgres.keys import AccountRow

_FIRST_KEY = "first key"


def run(args: Namespace) -> int:
    if args.action == "create":
        # The key alone: it is seen this once.
        print(with_store(args, lambda store: _create(args.name, store)))
    else:
        _show(args, with_store(args, lambda store: store.rows.accounts()))
    return 0


async def _create(name: str, store: KeyStore) -> str:
    await store.rows.create_account(name, store.clock.now_us())
    return await store.keys.create(name, _FIRST_KEY)


def _show(args: Namespace, accounts: list[AccountRow]) -> None:
    found = [
        {"account": row.account, "create_time": _time(row.create_us), "key_count": row.key_count} for row in accounts
    ]
    if args.output == "json":
        print_json({"accounts": found})
        return
    rows = [(str(each["account"]), moment(str(each["create_time"])), str(each["key_count"])) for each in found]
    empty = "No accounts yet. Make one: penstock accounts create NAME"
    print_list(("ACCOUNT", "CREATED", "KEYS"), rows, empty)


def _time(time_us: int) -> str:
    return datetime.fromtimestamp(time_us // 1_000_000, UTC).isoformat().replace("+00:00", "Z")
