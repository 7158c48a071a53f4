"""`penstock keys create`: makes an API key, in the database itself or through the server."""

from __future__ import annotations

import asyncio
from argparse import Namespace
from datetime import UTC, datetime

from penstock.cli.client import Client
from penstock.cli.database.key_store import KeyStore, with_store
from penstock.cli.errors import CliError, UsageError
from penstock.cli.target import find_target
from penstock.engine.domain.errors import PenstockError
from penstock.engine.rpc.key_checks import check_expiry, check_name, check_scopes
from penstock.wire.scopes import ADMIN

_ACCOUNT = "default"


def run(args: Namespace) -> int:
    """Prints the key alone: it is seen this once."""
    if args.remote and args.account:
        raise UsageError("--account: the server makes keys in the account of PENSTOCK_API_KEY alone")
    print(asyncio.run(_remotely(args)) if args.remote else with_store(args, lambda store: _create(args, store)))
    return 0


async def _create(args: Namespace, store: KeyStore) -> str:
    scopes = args.scopes or [ADMIN]
    expire_us = _micros(args.expire)
    try:
        check_name(args.name, "NAME")
        check_scopes(scopes, "--scope")
        check_expiry(expire_us, store.clock.now_us(), "--expire")
    except PenstockError as error:
        raise UsageError(str(error)) from error
    return await store.keys.create(args.account or _ACCOUNT, args.name, scopes, expire_us=expire_us)


async def _remotely(args: Namespace) -> str:
    body = {"name": args.name, "scopes": args.scopes or [ADMIN]}
    if args.expire:
        body["expire_time"] = args.expire
    async with Client(find_target()) as client:
        key = (await client.call("POST", "/keys/v1/keys", body=body)).get("key")
    if not key:
        raise CliError("the server made a key and did not tell it")
    return str(key)


def _micros(time: str | None) -> int | None:
    """Unix time in microseconds of an RFC 3339 time; None for none."""
    if not time:
        return None
    since = datetime.fromisoformat(time) - datetime.fromtimestamp(0, UTC)
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds
