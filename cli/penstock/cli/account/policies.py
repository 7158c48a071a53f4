"""`penstock policies`: looks at policies, changes them and tests them."""

from __future__ import annotations

import asyncio
import re
import sys
from argparse import Namespace
from pathlib import Path
from typing import Any

from penstock.cli.client import Client, JsonObject
from penstock.cli.errors import UsageError
from penstock.cli.human import moment
from penstock.cli.input import read_input
from penstock.cli.output import print_json, print_table
from penstock.cli.pages import pages
from penstock.cli.table import one_line
from penstock.cli.target import find_target
from penstock.cli.words import ruled

_PATH = "/policies/v1/policies"
_ACTIONS = ("allow", "block", "require_approval", "redact")
_EMPTY = "No policies yet. Make one: penstock policies set NAME --before --when '…' --block 'why'"


def run(args: Namespace) -> int:
    return asyncio.run(_run(args, Client(find_target())))


async def _run(args: Namespace, client: Client) -> int:
    actions = {"list": _list, "get": _get, "versions": _versions, "set": _set, "delete": _delete, "test": _test}
    async with client:
        await actions[args.action](args, client)
    return 0


async def _list(args: Namespace, client: Client) -> None:
    policies = await pages(client, _PATH, "policies", {"flow": args.flow}, sys.maxsize)
    if args.output == "json":
        print_json({"policies": policies})
    elif not policies:
        print(f"No policies about flow {args.flow}." if args.flow else _EMPTY)
    else:
        rows = [
            (
                policy["policy_id"],
                str(policy["version"]),
                str(policy["priority"]),
                policy.get("flow") or "*",
                policy.get("node") or "*",
                policy["point"],
                _what(policy),
                policy.get("when") or "always",
            )
            for policy in policies
        ]
        headers = ("POLICY", "VERSION", "PRIORITY", "FLOW", "NODE", "POINT", "ACTION", "WHEN")
        print_table(headers, rows, flexible="WHEN")


async def _get(args: Namespace, client: Client) -> None:
    query = {"version": str(args.version)} if args.version else {}
    policy = await client.call("GET", f"{_PATH}/{args.policy_id}", query=query)
    if args.output == "json":
        print_json(policy)
        return
    approval = policy.get("require_approval", {})
    facts = {
        "policy": f"{policy['policy_id']} v{policy['version']}",
        "about": policy.get("description", ""),
        "flow": policy.get("flow") or "*",
        "node": policy.get("node") or "*",
        "point": policy["point"],
        "when": policy.get("when") or "always",
        "action": _what(policy),
        "reason": policy.get("block", {}).get("reason") or approval.get("message", ""),
        "fields": ", ".join(policy.get("redact", {}).get("fields", ())),
        "timeout": f"{approval['timeout']}, then {approval.get('on_timeout') or 'fail'}"
        if "timeout" in approval
        else "",
        "priority": str(policy["priority"]),
        "made": moment(policy["create_time"]),
        "changed": moment(policy["update_time"]),
    }
    _show(facts)


async def _versions(args: Namespace, client: Client) -> None:
    policies = await pages(client, f"{_PATH}/{args.policy_id}/versions", "policies", {}, args.limit)
    if args.output == "json":
        print_json({"policies": policies})
        return
    rows = [
        (
            str(policy["version"]),
            moment(policy["update_time"]),
            policy["point"],
            _what(policy),
            policy["when"] or "always",
        )
        for policy in policies
    ]
    print_table(("VERSION", "MADE", "POINT", "ACTION", "WHEN"), rows, flexible="WHEN")


async def _set(args: Namespace, client: Client) -> None:
    policy = _given(args)
    query = {"update_mask": ",".join(map(_camel, policy)), "allow_missing": "true"}
    answer = await client.call("PATCH", f"{_PATH}/{args.policy_id}", query=query, body=policy)
    if args.output == "json":
        print_json(answer)
        return
    whom = f"{answer.get('flow') or '*'}/{answer.get('node') or '*'}"
    print(one_line(f"policy {args.policy_id} v{answer['version']}: {answer['point']} {whom} {_what(answer)}"))


async def _delete(args: Namespace, client: Client) -> None:
    answer = await client.call("DELETE", f"{_PATH}/{args.policy_id}")
    if args.output == "json":
        print_json(answer)
    else:
        print(f"policy {args.policy_id} is gone")


async def _test(args: Namespace, client: Client) -> None:
    if (args.policy_id is None) is (args.policy is None):
        raise UsageError("expected the name of a policy, or --policy (see penstock policies test --help)")
    body: dict[str, Any] = {"flow": args.flow, "node": args.node, "execution_id": args.execution or ""}
    body["labels"] = dict(args.label)
    if args.attempt:
        body["attempt"] = args.attempt
    if args.policy is None:
        body["policy_id"] = args.policy_id
    else:
        body["policy"] = read_input(args.policy, "--policy")
    for name, text in (("input", args.input), ("output", args.gave)):
        if text is not None:
            body[name] = read_input(text, "--input" if name == "input" else "--gave")
    answer = await client.call("POST", f"{_PATH}:test", body=body)
    if args.output == "json":
        print_json(answer)
        return
    facts = {
        "about it": "yes" if answer["is_about"] else "no",
        "holds": "yes" if answer["holds"] else "no",
        "error": answer.get("error", ""),
        "would": ruled(answer["decision"]) if "decision" in answer else "do nothing",
    }
    _show(facts)
    if "redact" in body.get("policy", ()) or answer.get("decision", {}).get("action") == "REDACT":
        print_json(answer.get("message", {}))


def _show(facts: JsonObject) -> None:
    for name, value in facts.items():
        if value:
            print(f"{name + ':':<11}{one_line(value)}")


def _given(args: Namespace) -> JsonObject:
    """What the command line says about the policy; what it does not say stays as it is."""
    policy: dict[str, Any] = {}
    for name in ("description", "flow", "node", "point", "priority", "dry_run"):
        value = getattr(args, name)
        if value is not None:
            policy[name] = value
    if args.when is not None:
        policy["when"] = _text(args.when)
    if args.require_approval is None and (args.timeout or args.on_timeout):
        raise UsageError("--timeout and --on-timeout go with --require-approval")
    if args.allow:
        policy["allow"] = {}
    if args.block is not None:
        policy["block"] = {"reason": args.block}
    if args.redact is not None:
        policy["redact"] = {"fields": [path.strip() for path in args.redact.split(",")]}
    if args.require_approval is not None:
        policy["require_approval"] = approval = {"message": args.require_approval}
        if args.timeout:
            approval["timeout"] = _length(args.timeout)
        if args.on_timeout:
            approval["on_timeout"] = args.on_timeout
    return policy


def _text(given: str) -> str:
    if not given.startswith("@"):
        return given
    try:
        return Path(given[1:]).read_text(encoding="utf-8").strip()
    except (OSError, ValueError) as error:
        raise UsageError(f"cannot read {given[1:]}: {getattr(error, 'strerror', None) or 'not UTF-8'}") from error


def _length(text: str) -> str:
    """A length of time such as 24h in its JSON form."""
    from penstock.wire import durations

    if not re.match(durations.PATTERN, text):
        raise UsageError(f'--timeout: expected a length of time such as 24h or 1h30m, got "{text}"')
    return durations.parse(text).ToJsonString()


def _what(policy: JsonObject) -> str:
    """BLOCK, or "BLOCK (dry run)"."""
    action = next((name for name in _ACTIONS if name in policy), "").upper()
    return f"{action} (dry run)" if policy.get("dry_run") else action


def _camel(name: str) -> str:
    """dry_run -> dryRun: the JSON form of a field mask."""
    head, *rest = name.split("_")
    return head + "".join(map(str.capitalize, rest))
