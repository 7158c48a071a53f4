"""Words for people out of events and node executions of the JSON API."""

from __future__ import annotations

from collections.abc import Sequence

from penstock.cli.client import JsonObject
from penstock.cli.human import failure, moment

_WAITS = {
    "RETRY": "for its next attempt",
    "GATE": "for the rest of its branches",
    "PAUSE": "for a person",
    "SLEEP": "",
    "FLOW": "for execution {child_execution_id}",
    "SIGNAL": "for the signal {signal}",
    "APPROVAL": "for a person's approval",
}


def waiting(what: JsonObject) -> str:
    """What an event or a node waits for, and until when: "waits for a person until 2026-01-31 12:00:00"."""
    words = ["waits", _WAITS.get(what.get("wait", ""), "").format_map(_Absent(what))]
    if due := what.get("due_time"):
        words.append(f"until {moment(due)}")
    return " ".join(filter(None, words))


def event_detail(event: JsonObject) -> str:
    """What an event says beside its time, type and node; "" for nothing."""
    parts = [f"item {event['item']}"] if "item" in event else []
    parts += _said(event)
    if event.get("fallback"):
        parts.append("fallback")
    if event.get("provisional"):
        parts.append("provisional")
    return "; ".join(filter(None, parts))


def _said(event: JsonObject) -> Sequence[str]:
    kind = event["type"]
    error = failure(event["error"] | {"node": ""}) if event.get("error") else ""
    match kind:
        case "FRAME_EMITTED":
            return [f"frame {event['frame_index']}"]
        case "FRAMES_ROLLED_BACK":
            return [f"frames from {event['frame_index']} on"]
        case "NODE_STARTED":
            return [f"attempt {event['attempt']}" if event["attempt"] > 1 else "", _items(event)]
        case "NODE_WAITING":
            return [waiting(event)]
        case "NODE_ATTEMPT_FAILED":
            return [error, f"next attempt {moment(event['due_time'])}" if event.get("due_time") else ""]
        case "NODE_SUCCEEDED":
            return [f"to {event['branch']}" if event.get("branch") else "", "cached" if event.get("cache_hit") else ""]
        case "PAUSE_DECIDED":
            return [decided(event)]
        case "POLICY_DECIDED":
            return [ruled(event.get("policy", {}))]
        case "RETRY_REQUESTED":
            return [f"attempt {event['attempt']} at once{_by(event)}"]
        case "SIGNAL_RECEIVED":
            return [event.get("signal", "") + _by(event)]
        case "NODE_REPORTED":
            return [reported(event.get("report", {}))]
        case "EXECUTION_COMPENSATING":
            return [error or event.get("reason", ""), f"ends as {event.get('ends_as', 'FAILED')}"]
        case _:
            return [error or event.get("reason", "")]


def decided(event: JsonObject) -> str:
    """How a pause was decided, by whom, and what they wrote."""
    comment = f": {event['comment']}" if event.get("comment") else ""
    return f"{event.get('decision', 'decided')}{_by(event) or ' by its timeout'}{comment}"


_RULED = {
    "ALLOW": "allowed it",
    "BLOCK": "blocked it",
    "REQUIRE_APPROVAL": "requires an approval",
    "REDACT": "emptied {fields}",
}


def ruled(policy: JsonObject) -> str:
    """What a policy decided: "policy large-orders v3 blocked it: too much"."""
    fields = ", ".join(policy.get("fields", ()))
    did = _RULED.get(policy.get("action", ""), "decided").format(fields=fields)
    name = f"policy {policy.get('policy_id', '')} v{policy.get('version', 0)}"
    parts = [f"{name} {did}"]
    if policy.get("reason"):
        parts.append(policy["reason"])
    if policy.get("error"):
        parts.append(f"its rule cannot be evaluated: {policy['error']}")
    return ": ".join(parts) + (" (dry run)" if policy.get("dry_run") else "")


def reported(report: JsonObject) -> str:
    """What a node told."""
    if log := report.get("log"):
        return f"{log['level']} {log['message']}"
    if progress := report.get("progress"):
        return advanced(progress)
    return used(report["usage"]) if "usage" in report else ""


def advanced(progress: JsonObject) -> str:
    return f"{progress['fraction']:.0%} {progress['message']}".rstrip()


def used(usage: JsonObject) -> str:
    """What a node used of one paid service."""
    parts = [f"{usage['provider']} {usage['model']}".strip()]
    if usage["input_tokens"] or usage["output_tokens"]:
        cached = f" ({usage['cached_tokens']} cached)" if usage.get("cached_tokens") else ""
        parts.append(f"{usage['input_tokens']}{cached} + {usage['output_tokens']} tokens")
    if usage["cost_usd"]:
        parts.append(f"{usage['cost_usd']:.6g} USD")
    return ", ".join(parts)


def node_detail(node: JsonObject) -> str:
    """What a node execution says beside its status, attempts and duration; "" for nothing."""
    parts = []
    if node["status"] == "WAITING":
        parts.append(waiting(node))
    elif node.get("child_execution_id"):
        parts.append(f"execution {node['child_execution_id']}")
    if "item_count" in node:
        parts.append(_items(node))
        parts += [f"{node[key]} {word}" for key, word in _ITEMS.items() if node.get(key)]
    if node.get("frame_count"):
        parts.append(f"{node['frame_count']} frame{'' if node['frame_count'] == 1 else 's'}")
    parts += [word for key, word in (("cache_hit", "cached"), ("fallback", "fallback")) if node.get(key)]
    if node.get("progress") and node["status"] in ("RUNNING", "WAITING"):
        parts.append(advanced(node["progress"]))
    parts += [used(usage) for usage in node.get("usage", ())]
    if node.get("error"):
        parts.append(failure(node["error"] | {"node": ""}))
    return "; ".join(parts)


_ITEMS = {"items_succeeded": "done", "items_failed": "failed"}


def _items(what: JsonObject) -> str:
    count = what.get("item_count")
    return "" if count is None else f"{count} item{'' if count == 1 else 's'}"


def _by(event: JsonObject) -> str:
    return f" by {event['by']}" if event.get("by") else ""


class _Absent(dict[str, str]):
    """Gives "" for what a server left out."""

    def __missing__(self, key: str) -> str:
        return ""
