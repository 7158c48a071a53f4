"""`penstock limits`: says how much the account and its keys may ask for."""

from __future__ import annotations

import asyncio
import sys
from argparse import Namespace

from penstock.cli.client import Client, JsonObject
from penstock.cli.human import moment
from penstock.cli.output import print_json, print_table
from penstock.cli.pages import pages
from penstock.cli.target import find_target

_RATES = "/limits/v1/rates"
_EXECUTIONS = "/limits/v1/executions"
_ANY = "-"


def run(args: Namespace) -> int:
    return asyncio.run(_run(args, Client(find_target())))


async def _run(args: Namespace, client: Client) -> int:
    async with client:
        if args.action == "show":
            return await _show(args, client)
        actions = {
            ("set", "rate"): _set_rate,
            ("unset", "rate"): _unset_rate,
            ("set", "running"): _set_running,
            ("unset", "running"): _unset_running,
        }
        return await actions[args.action, args.limit](args, client)


async def _show(args: Namespace, client: Client) -> int:
    rates = await pages(client, _RATES, "rate_limits", {}, sys.maxsize)
    executions = await pages(client, _EXECUTIONS, "execution_limits", {}, sys.maxsize)
    if args.output == "json":
        print_json({"rate_limits": rates, "execution_limits": executions})
        return 0
    rates = [rate for rate in rates if rate["source"] != "NONE"]
    if rates:
        rows = [
            (_keys(rate), f"{rate['calls_per_second']:g}", f"{rate['burst']:,}", moment(rate["update_time"]))
            for rate in rates
        ]
        print_table(("KEY", "CALLS/S", "AT ONCE", "SINCE"), rows, flexible="KEY")
    if rates and executions:
        print()
    if executions:
        rows = [
            (_flow(each), f"{each['running_max']:,}", _when_full(each), moment(each["update_time"]))
            for each in executions
        ]
        print_table(("FLOW", "RUNNING", "ONE MORE", "SINCE"), rows, flexible="FLOW")
    if not rates and not executions:
        print("no limits are set: `penstock limits set rate 10` sets one for each key")
    return 0


async def _set_running(args: Namespace, client: Client) -> int:
    body: JsonObject = {"running_max": args.running, "when_full": args.when_full.upper()}
    if args.queued is not None:
        body["queued_max"] = args.queued
    limit = await client.call("PUT", f"{_EXECUTIONS}/{args.flow or _ANY}", body=body)
    if args.output == "json":
        print_json(limit)
    else:
        print(f"{_flow(limit)}: {limit['running_max']:,} at once, one more {_when_full(limit)}")
    return 0


async def _unset_running(args: Namespace, client: Client) -> int:
    answer = await client.call("DELETE", f"{_EXECUTIONS}/{args.flow or _ANY}")
    if args.output == "json":
        print_json(answer)
    else:
        print(f"{_flow({'flow': args.flow or _ANY})}: no limit of its own any more")
    return 0


async def _set_rate(args: Namespace, client: Client) -> int:
    body: JsonObject = {"calls_per_second": args.rate}
    if args.burst is not None:
        body["burst"] = args.burst
    _tell(args, await client.call("PUT", f"{_RATES}/{args.key or _ANY}", body=body))
    return 0


async def _unset_rate(args: Namespace, client: Client) -> int:
    await client.call("DELETE", f"{_RATES}/{args.key or _ANY}")
    _tell(args, await client.call("GET", f"{_RATES}/{args.key or _ANY}"))
    return 0


def _tell(args: Namespace, rate: JsonObject) -> None:
    if args.output == "json":
        print_json(rate)
    elif rate["source"] == "NONE":
        print(f"{_keys(rate)}: as many calls as it likes")
    else:
        of_all = " (as every key)" if rate["source"] == "ACCOUNT" and rate["key_id"] != _ANY else ""
        print(f"{_keys(rate)}: {rate['calls_per_second']:g} calls a second, {rate['burst']:,} at once{of_all}")


def _keys(rate: JsonObject) -> str:
    return "each other key" if rate["key_id"] == _ANY else f"key {rate['key_id']}"


def _flow(limit: JsonObject) -> str:
    return "the account" if limit["flow"] == _ANY else f"flow {limit['flow']}"


def _when_full(limit: JsonObject) -> str:
    waits = f"waits, up to {limit['queued_max']:,}"
    return {"QUEUE": waits, "REJECT": "is refused", "REPLACE": "replaces the oldest"}[limit["when_full"]]
