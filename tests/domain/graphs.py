"""Graphs for tests, from text such as `a -> b -> d, a ?> c ?> d`.

`->` is an edge that is always taken; of the edges `?>` of one node at most one is. What a node does beside calling a
function, and what holds for the flow, is said in lines:

    gate g all | any | 2
    pause p after=10 on_timeout=approve       without `after` it waits for ever; on_timeout is fail unless it is said
    sleep s 10
    map m min=2 | min=0.5                      without `min` all items must succeed
    flow f
    retry a attempts=3 system=2 first=10 multiplier=2 cap=100 jitter=0.5 on=BOOM,TIMEOUT
    fallback a attempts=2                      its policy as that of `retry`
    undo a attempts=2
    read a                                     a gate reads its output
    deadline 100
    finish_branches
    compensate_on_cancel
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from graphlib import TopologicalSorter
from itertools import pairwise
from typing import Any

from penstock.engine.domain.artifact import Graph, Mode, Rules, Work
from penstock.engine.domain.retry import RetryPolicy
from penstock.engine.domain.states import Decision

RULES = frozenset({"gate", "pause", "sleep", "map", "flow", "retry", "fallback", "undo", "read"})
OPTIONS = frozenset({"deadline", "finish_branches", "compensate_on_cancel"})
_ON_TIMEOUT = {"approve": Decision.APPROVED, "reject": Decision.REJECTED, "fail": Decision.EXPIRED}


def graph(text: str, pipeline: str = "", lines: Iterable[str] = ()) -> Graph:
    """The graph of these chains: one entry, one terminal, successors in the order of the text."""
    successors: dict[str, list[str]] = {}
    choices: dict[str, set[str]] = {}
    for chain in text.split(","):
        names = re.split(r" *[-?]> *", chain.strip())
        signs = re.findall(r"([-?])>", chain)
        for name in names:
            successors.setdefault(name, [])
        for (source, target), sign in zip(pairwise(names), signs, strict=True):
            successors[source].append(target)
            if sign == "?":
                choices.setdefault(source, set()).add(target)
    sources = {name: [s for s in successors if name in successors[s]] for name in successors}
    order = tuple(TopologicalSorter(sources).static_order())
    (entry,) = (name for name in order if not sources[name])
    (terminal,) = (name for name in order if not successors[name])
    rules = {name: Rules(choices=frozenset(map(order.index, choices.get(name, ())))) for name in order}
    options: dict[str, Any] = {}
    for line in lines:
        verb, *words = line.split()
        if verb in OPTIONS:
            options |= {"deadline_us": int(words[0])} if verb == "deadline" else {verb: True}
        else:
            name = words[0]
            rules[name] = replace(rules[name], **_rule(verb, words[1:], len(sources[name])))
    return Graph(
        names=order,
        successors=tuple(tuple(order.index(target) for target in successors[name]) for name in order),
        entry=order.index(entry),
        terminal=order.index(terminal),
        mode=Mode.PIPELINE if pipeline else Mode.UNARY,
        pipeline=order.index(pipeline) if pipeline else -1,
        rules=tuple(rules[name] for name in order),
        **options,
    )


def policy(words: Iterable[str]) -> RetryPolicy:
    given = dict(word.split("=") for word in words)
    attempts = int(given.get("attempts", 1))
    return RetryPolicy(
        max_attempts=attempts,
        max_system_attempts=int(given.get("system", attempts)),
        initial_us=int(given.get("first", 10)),
        multiplier=float(given.get("multiplier", 2)),
        max_us=int(given.get("cap", 1000)),
        jitter=float(given.get("jitter", 0)),
        retry_on=frozenset(given["on"].split(",")) if "on" in given else frozenset(),
    )


def _rule(verb: str, words: list[str], source_count: int) -> dict[str, Any]:
    given = dict(word.split("=") for word in words if "=" in word)
    match verb:
        case "gate":
            counts = {"all": source_count, "any": 1}
            return {"work": Work.GATE, "required": counts.get(words[0]) or int(words[0])}
        case "pause":
            on_timeout = _ON_TIMEOUT[given.get("on_timeout", "fail")]
            return {"work": Work.PAUSE, "wait_us": int(given.get("after", 0)), "on_timeout": on_timeout}
        case "sleep":
            return {"work": Work.SLEEP, "wait_us": int(words[0])}
        case "map" if "." in given.get("min", ""):
            return {"work": Work.MAP, "min_success_ratio": float(given["min"])}
        case "map":
            return {"work": Work.MAP, "min_successes": int(given.get("min", -1))}
        case "flow":
            return {"work": Work.FLOW}
        case "retry":
            return {"retries": policy(words)}
        case "fallback":
            return {"fallback": policy(words)}
        case "undo":
            return {"undo": policy(words)}
        case "read":
            return {"is_read": True}
    raise ValueError(f"expected a line as above, got {verb} {' '.join(words)}")
