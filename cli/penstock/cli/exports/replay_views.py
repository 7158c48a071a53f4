"""Words and tables of a replay."""

from __future__ import annotations

import json

from penstock.cli.client import JsonObject
from penstock.cli.exports.replay_recording import Recording, Standing
from penstock.cli.human import moment, span
from penstock.cli.output import print_table
from penstock.cli.table import one_line
from penstock.cli.words import event_detail, node_detail

NODE_HEADERS = ("NODE", "STATUS", "USES", "ATTEMPTS", "DURATION", "DETAIL")


def heading(recording: Recording) -> str:
    execution = recording.document["execution"]
    return one_line(
        f"{execution['execution_id']} {execution['flow']} v{execution['version']}, {recording.last} events;"
        " nothing runs"
    )


def step_lines(recording: Recording, sequence: int) -> list[str]:
    """One event, and below it what it changed."""
    event = recording.events[sequence - 1]["event"]
    words = (str(sequence), moment(event["time"]), event["type"], event.get("node", ""), event_detail(event))
    changes = recording.changes(sequence)
    return [one_line("  ".join(filter(None, words))), *(f"    {change}" for change in changes)]


def io_lines(recording: Recording, sequence: int) -> list[str]:
    """What flowed with an event; with the first one the input of the execution."""
    exported = recording.events[sequence - 1]
    shown: JsonObject = {name: exported[name] for name in ("input", "output", "problem") if name in exported}
    if sequence == 1 and "input" in recording.document:
        shown = {"input": recording.document["input"]} | shown
    lines = []
    for name, value in shown.items():
        text = f"{name}: {json.dumps(value, indent=2, ensure_ascii=False)}"
        lines += [f"    {one_line(line)}" for line in text.split("\n")]
    return lines


def print_standing(standing: Standing) -> None:
    print(f"after event {standing.sequence}: {standing.status}")
    print_table(NODE_HEADERS, node_rows(standing), flexible="DETAIL")


def node_rows(standing: Standing) -> list[tuple[str, ...]]:
    return [
        (n["node"], n["status"], n["use"], str(n["attempt_count"]), span(n.get("duration")), node_detail(n))
        for n in standing.nodes
    ]
