"""The commands of scenarios as occurrences; runner.py says what each means."""

from __future__ import annotations

from collections.abc import Mapping

from penstock.engine.domain import occurrence as o
from penstock.engine.domain.failure import Failure, FailureClass, FailureKind
from penstock.engine.domain.frontier import reachable
from penstock.engine.domain.policy import Action, Point, Ruling
from penstock.engine.domain.run import Run
from penstock.engine.domain.states import Decision

_DECISIONS = {
    "approve": Decision.APPROVED,
    "reject": Decision.REJECTED,
    "resume": Decision.RESUMED,
    "expire": Decision.EXPIRED,
}
_ACTIONS = {
    "allow": Action.ALLOW,
    "block": Action.BLOCK,
    "approve": Action.REQUIRE_APPROVAL,
    "redact": Action.REDACT,
}


def occurrence(run: Run, command: str, started_us: Mapping[int, int], now_us: int) -> o.Occurrence:
    """What the command says. `started_us` are the starts of the nodes in flight; else a node starts now."""
    verb, *words = command.split()
    if verb == "cancel":
        return o.CancelRequested(" ".join(words))
    given = dict(word.split("=", 1) for word in words if "=" in word)
    plain = [word for word in words if "=" not in word]
    names = run.graph.names
    if verb in ("accept", "place", "deadline", "signal"):
        return _of_execution(run, verb, plain, given)
    if verb == "hasten":
        return o.RetryRequested(names.index(plain[0]) if plain else -1, given.get("by", ""), given.get("id", ""))
    node = names.index(plain[0])
    attempt = node, started_us.get(node, now_us)
    chance = float(given.get("chance", 0))
    match verb, plain[1:]:
        case "started", []:
            return o.NodeStarted(*attempt, int(given.get("items", -1)))
        case "complete", _:
            return _completed(run, attempt, given)
        case "frames", payloads:
            return _frames(run, attempt, [word.encode() for word in payloads], given)
        case "pipeline-end", []:
            return o.PipelineCompleted(*attempt)
        case "fail", [code, *how]:
            return o.NodeFailed(*attempt, _failure(run, node, code, how), chance)
        case "timeout", how:
            return o.NodeTimedOut(*attempt, _failure(run, node, "NODE_TIMEOUT", [*how, "TIMEOUT"]), chance)
        case "items", []:
            items = ((int(item), 1, attempt[1], result.encode()) for item, result in given.items())
            return o.ItemsCompleted(node, tuple(items))
        case "item-fail", [item, code, *how]:
            return o.ItemFailed(node, int(item), attempt[1], _failure(run, node, code, how), chance)
        case "child", [child]:
            return o.ChildChosen(node, child)
        case "await", [signal]:
            return o.SignalAwaited(*attempt, signal, int(given.get("after", 0)))
        case "policy", [point, *rulings]:
            return _ruled(run, attempt, Point[point.upper()], rulings, given)
        case "report", texts:
            return o.Reported(node, tuple(text.encode() for text in texts))
        case "undone", []:
            return o.Undone(*attempt)
        case "not-undone", [code, *how]:
            return o.NotUndone(*attempt, _failure(run, node, code, how), chance)
        case _, [] if verb in _DECISIONS:
            return _decided(run, node, _DECISIONS[verb], given)
    raise ValueError(f"expected a command as in runner.py, got {command}")


def _of_execution(run: Run, verb: str, plain: list[str], given: dict[str, str]) -> o.Occurrence:
    match verb, plain:
        case "accept", []:
            return o.Accepted(True)
        case "accept", ["recovered"]:
            return _recovered(run, given)
        case "accept", ["queued"]:
            return o.Accepted(False)
        case "place", []:
            return o.PlaceFound()
        case "deadline", []:
            return o.DeadlinePassed()
        case "signal", [name, payload]:
            return o.SignalReceived(name, payload.encode(), given.get("by", ""), given.get("id", ""))
    raise ValueError(f"expected a command as in runner.py, got {verb} {' '.join(plain)}")


def _recovered(run: Run, given: dict[str, str]) -> o.Accepted:
    names = run.graph.names
    nodes, items = [], []
    for name, what in given.items():
        node = names.index(name)
        count, _, done = what.partition(":")
        if done:
            results = tuple((int(item), f"{name}{item}".encode()) for item in done.split(","))
            items.append(o.RecoveredItems(node, int(count), results))
        else:
            output, _, target = what.partition(">")
            nodes.append(o.Recovered(node, output.encode(), _branch(run, node, {"to": target} if target else {})))
    return o.Accepted(True, tuple(sorted(nodes)), tuple(items))


def _branch(run: Run, node: int, given: dict[str, str]) -> int:
    if "to" in given:
        return -1 if given["to"] == "none" else run.graph.names.index(given["to"])
    successors = run.graph.successors[node]
    return successors[0] if len(successors) == 1 else -1


def _completed(run: Run, attempt: tuple[int, int], given: dict[str, str]) -> o.NodeCompleted:
    node, started_us = attempt
    output = given.get("output", run.graph.names[node].upper()).encode()
    taken = tuple(int(place) for place in given["took"].split(",")) if "took" in given else ()
    return o.NodeCompleted(node, started_us, output, _branch(run, node, given), given.get("cache") == "hit", taken)


def _frames(run: Run, attempt: tuple[int, int], payloads: list[bytes], given: dict[str, str]) -> o.FramesEmitted:
    node, started_us = attempt
    if "through" in given:
        through = [run.graph.names.index(each) for each in given["through"].split(",")]
    else:
        through = [each for each in reachable(run.graph, node) if each != node]
    # A frame with a question mark may still be rolled back.
    provisional = tuple(payload.endswith(b"?") for payload in payloads) if any(b"?" in p for p in payloads) else ()
    return o.FramesEmitted(node, started_us, tuple(payloads), tuple(sorted(through)), provisional)


def _decided(run: Run, node: int, decision: Decision, given: dict[str, str]) -> o.PauseDecided:
    goes_on = decision in (Decision.APPROVED, Decision.RESUMED)
    value = given.get("value", run.graph.names[node].upper()).encode() if goes_on else b""
    branch = _branch(run, node, given) if goes_on else -1
    by, comment, request_id = (given.get(word, "") for word in ("by", "comment", "id"))
    return o.PauseDecided(node, decision, by, comment, value, branch, request_id)


def _ruled(
    run: Run, attempt: tuple[int, int], point: Point, rulings: list[str], given: dict[str, str]
) -> o.PolicyDecided:
    on_timeout = _DECISIONS[given.get("on_timeout", "expire")]
    made = []
    for ruling in rulings:
        name, _, word = ruling.partition(":")
        action = _ACTIONS[word.removesuffix("?")]
        is_approval = action is Action.REQUIRE_APPROVAL
        made.append(
            Ruling(
                name,
                1,
                point,
                action,
                reason=given.get("why", "") if action in (Action.BLOCK, Action.REQUIRE_APPROVAL) else "",
                is_dry_run=word.endswith("?"),
                on_timeout=on_timeout if is_approval else None,
            )
        )
    completed = _completed(run, attempt, given) if point is Point.AFTER else None
    message = b"given" if completed is None else completed.output
    return o.PolicyDecided(*attempt, tuple(made), message, int(given.get("due", 0)), completed)


def _failure(run: Run, node: int, code: str, how: list[str]) -> Failure:
    """`how` holds `system`, `final` and the name of a class, where they do not stand for USER, retryable and LOGIC."""
    flight = run.flights.get(node)
    classes = [FailureClass[word] for word in how if word in FailureClass.__members__]
    return Failure(
        code,
        f"{run.graph.names[node]} did not succeed",
        FailureKind.SYSTEM if "system" in how else FailureKind.USER,
        classes[0] if classes else FailureClass.LOGIC,
        "final" not in how,
        run.graph.names[node],
        1 if flight is None else flight.attempt,
    )
