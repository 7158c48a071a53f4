"""What a report for people says of an exported execution, whatever it is written in."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from penstock.cli.client import JsonObject
from penstock.cli.human import failure, moment, span
from penstock.cli.words import event_detail, node_detail

EVENTS_MAX = 1_000
"""Events that a report lists: nobody reads more, and the JSON document has all."""
IO_LENGTH_MAX = 20_000
"""Characters of one message that a report shows."""


@dataclass(frozen=True, slots=True)
class Table:
    title: str
    headers: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]
    note: str = ""


@dataclass(frozen=True, slots=True)
class Message:
    """Something that flowed, as JSON text."""

    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Report:
    title: str
    facts: dict[str, str]
    tables: list[Table]
    messages: list[Message]
    traceback: str


def report_of(document: JsonObject) -> Report:
    execution = document["execution"]
    error = execution.get("error") or {}
    return Report(
        title=f"{execution['flow']} v{execution['version']}: {execution['status']}",
        facts={name: value for name, value in _facts(document) if value},
        tables=[
            table
            for table in (_nodes(document), _attempts(document), _pauses(document), _events(document))
            if table.rows
        ],
        messages=list(_messages(document)),
        traceback=error.get("traceback", ""),
    )


def _facts(document: JsonObject) -> Iterator[tuple[str, str]]:
    execution, artifact = document["execution"], document["artifact"]
    yield "execution", execution["execution_id"]
    yield "flow", f"{execution['flow']} v{execution['version']} ({execution['graph_id']})"
    yield "about", (artifact.get("definition") or {}).get("description", "")
    yield "status", execution["status"]
    yield "accepted", moment(execution.get("create_time"))
    yield "ended", moment(execution.get("complete_time"))
    yield "duration", span(execution.get("duration"))
    yield "labels", ", ".join(f"{key}={value}" for key, value in sorted(execution.get("labels", {}).items()))
    yield "config", execution.get("config_id", "")
    yield "parent", execution.get("parent_execution_id", "")
    yield "cancelled for", execution.get("cancel_reason", "")
    yield "error", failure(execution["error"]) if execution.get("error") else ""
    yield "exported", moment(document["export_time"])
    yield "hash", document["chain"]["head"]


def _nodes(document: JsonObject) -> Table:
    rows = [
        (n["node"], n["status"], n["use"], str(n["attempt_count"]), span(n.get("duration")), node_detail(n))
        for n in document["nodes"]
    ]
    return Table("Nodes", ("Node", "Status", "Uses", "Attempts", "Duration", "Detail"), rows)


def _attempts(document: JsonObject) -> Table:
    # Those that simply succeeded are told by the nodes.
    told = [each for each in document["attempts"] if each["status"] != "SUCCEEDED" or each.get("attempt", 1) > 1]
    rows = [
        (
            each["node"],
            str(each["item"]) if "item" in each else "",
            str(each["attempt"]),
            each["status"],
            span(each.get("duration")),
            failure(each["error"] | {"node": ""}) if each.get("error") else "",
        )
        for each in told[:EVENTS_MAX]
    ]
    headers = ("Node", "Item", "Attempt", "Status", "Duration", "Error")
    return Table("Attempts that failed or came after one", headers, rows, _more(len(told)))


def _pauses(document: JsonObject) -> Table:
    rows = [
        (p["pause"], p["state"], p["decided_by"], moment(p.get("decide_time")), p["comment"], p["prompt"])
        for p in document["pauses"]
    ]
    return Table("Decisions", ("Pause", "State", "By", "When", "Comment", "Asked"), rows)


def _events(document: JsonObject) -> Table:
    events = [exported["event"] for exported in document["events"][:EVENTS_MAX]]
    rows = [(str(e["sequence"]), moment(e["time"]), e["type"], e.get("node", ""), event_detail(e)) for e in events]
    note = _more(len(document["events"]))
    return Table("Events", ("Sequence", "Time", "Type", "Node", "Detail"), rows, note)


def _more(count: int) -> str:
    return f"{count - EVENTS_MAX:,} more are in the JSON document." if count > EVENTS_MAX else ""


def _messages(document: JsonObject) -> Iterator[Message]:
    if "input" in document:
        yield _message("Input", document["input"])
    for exported in document["events"][:EVENTS_MAX]:
        event = exported["event"]
        item = f", item {event['item']}" if "item" in event else ""
        frame = f", frame {event['frame_index']}" if "frame_index" in event else ""
        name = event.get("node") or f"signal {event.get('signal', '')}"
        for member in ("input", "output"):
            if member in exported:
                yield _message(f"{event['sequence']}: {member} of {name}{item}{frame}", exported[member])


def _message(title: str, value: JsonObject) -> Message:
    text = json.dumps(value, indent=2, ensure_ascii=False)
    if len(text) > IO_LENGTH_MAX:
        text = f"{text[:IO_LENGTH_MAX]}\n… {len(text) - IO_LENGTH_MAX:,} more characters are in the JSON document"
    return Message(title, text)
