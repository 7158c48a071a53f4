"""`penstock retention`: says how long executions are kept, and tells of their removal."""

from __future__ import annotations

import asyncio
import sys
from argparse import Namespace

from penstock.cli.client import Client, JsonObject
from penstock.cli.human import moment
from penstock.cli.output import print_json, print_table
from penstock.cli.pages import pages
from penstock.cli.target import find_target

_POLICIES = "/retention/v1/policies"
_SWEEP = "/retention/v1/sweep"
_ANY = "-"
_LOOK_S_FIRST, _LOOK_S_MAX = 0.05, 1.0
_SOURCES = {"FLOW": "the flow", "ACCOUNT": "the account", "SERVER": "the server"}


def run(args: Namespace) -> int:
    return asyncio.run(_run(args, Client(find_target())))


async def _run(args: Namespace, client: Client) -> int:
    action = {"show": _show, "set": _set, "unset": _unset, "status": _status, "run": _sweep}[args.action]
    async with client:
        return await action(args, client)


async def _show(args: Namespace, client: Client) -> int:
    if args.flow:
        policies = [await client.call("GET", f"{_POLICIES}/{args.flow}")]
    else:
        policies = await pages(client, _POLICIES, "policies", {}, sys.maxsize)
    if args.output == "json":
        print_json(policies[0] if args.flow else {"policies": policies})
        return 0
    rows = [
        (
            "all others" if policy["flow"] == _ANY else policy["flow"],
            _kept(policy),
            _source(policy),
            moment(policy.get("update_time")),
        )
        for policy in policies
    ]
    print_table(("FLOW", "KEPT", "SET BY", "SINCE"), rows, flexible="FLOW")
    return 0


async def _set(args: Namespace, client: Client) -> int:
    body: JsonObject = {"is_forever": True} if args.period is None else {"period": f"{args.period}s"}
    _tell(args, await client.call("PUT", f"{_POLICIES}/{args.flow or _ANY}", body=body))
    return 0


async def _unset(args: Namespace, client: Client) -> int:
    await client.call("DELETE", f"{_POLICIES}/{args.flow or _ANY}")
    _tell(args, await client.call("GET", f"{_POLICIES}/{args.flow or _ANY}"))
    return 0


async def _status(args: Namespace, client: Client) -> int:
    sweep = await client.call("GET", _SWEEP)
    if args.output == "json":
        print_json(sweep)
        return 0
    print(f"state     {sweep['state']}")
    print(f"last      {moment(sweep.get('end_time')) or 'never'}")
    archived = f", {sweep['archived_count']:,} of them archived" if sweep["archived_count"] else ""
    print(f"removed   {sweep['removed_count']:,} executions{archived}")
    if sweep["problem"]:
        print(f"problem   {sweep['problem']}")
    return 0


async def _sweep(args: Namespace, client: Client) -> int:
    before = (await client.call("GET", _SWEEP))["removed_count"]
    sweep = await client.call("POST", f"{_SWEEP}:run", body={})
    look_s = _LOOK_S_FIRST
    while sweep["state"] == "RUNNING":
        await asyncio.sleep(look_s)
        look_s = min(look_s * 2, _LOOK_S_MAX)
        sweep = await client.call("GET", _SWEEP)
    if args.output == "json":
        print_json(sweep)
    else:
        count = sweep["removed_count"] - before
        print(f"{count:,} execution{'' if count == 1 else 's'} removed")
    if sweep["problem"]:
        print(f"penstock: {sweep['problem']}", file=sys.stderr)
        return 1
    return 0


def _tell(args: Namespace, policy: JsonObject) -> None:
    if args.output == "json":
        print_json(policy)
        return
    whose = "of all other flows" if policy["flow"] == _ANY else f"of flow {policy['flow']}"
    print(f"executions {whose} are kept {_kept(policy)}, as {_source(policy)} says")


def _source(policy: JsonObject) -> str:
    source: str = policy["source"]
    return _SOURCES.get(source, source)


def _kept(policy: JsonObject) -> str:
    """ "30 days", "12 hours", "for ever"."""
    if policy["is_forever"]:
        return "for ever"
    seconds = int(policy["period"].removesuffix("s").partition(".")[0])
    for unit_s, unit in ((86_400, "day"), (3_600, "hour"), (60, "minute"), (1, "second")):
        if seconds % unit_s == 0:
            count = seconds // unit_s
            return f"{count:,} {unit}{'' if count == 1 else 's'}"
    raise AssertionError(policy)
