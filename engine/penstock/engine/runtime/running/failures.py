"""What a node raised -> why it failed."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Callable, Iterator

from penstock.engine.domain import limits
from penstock.engine.domain.failure import Failure, FailureClass, FailureKind, shorten
from penstock.engine.nodes.authoring import NodeError
from penstock.engine.runtime.running.node_tasks import NodeExited
from penstock.engine.runtime.running.watchdog import NodeBlocksLoop
from penstock.wire.expressions import EvaluationError

_ENGINE = "/penstock/engine/"
_STANDARD_LIBRARY = f"/python{sys.version_info.major}.{sys.version_info.minor}/"

Redact = Callable[[str], str]
"""Takes what nobody may see out of a text."""


def failure_of(error: BaseException, node: str, attempt: int, redact: Redact | None = None) -> Failure:
    """The failure that reports what an attempt of `node` raised. Never raises, whatever the error is made of.

    `redact` sees each text before it is cut, so that no half of a secret is left. None leaves texts as they are.
    """
    clean = _clean if redact is None else _after(redact)
    trace = _cut(clean(_format(error)))
    if isinstance(error, NodeError):
        return Failure(
            shorten(clean(_text(error.code))) or NodeError.code,
            shorten(clean(_text(error))),
            error.kind if isinstance(error.kind, FailureKind) else NodeError.kind,
            error.failure_class if isinstance(error.failure_class, FailureClass) else NodeError.failure_class,
            bool(error.retryable),
            node,
            attempt,
            trace,
        )
    if isinstance(error, EvaluationError):
        message = shorten(clean(f"an edge of node {node} cannot be evaluated: {_text(error)}"))
        return Failure("EDGE_FAILED", message, node=node, attempt=attempt)
    if isinstance(error, NodeBlocksLoop):
        return Failure("NODE_BLOCKED", str(error), node=node, attempt=attempt, traceback=trace)
    if isinstance(error, SystemExit | NodeExited):
        code = error.code if isinstance(error.code, int | str) else "…"
        message = shorten(clean(f"node {node} called sys.exit({code!r})"))
        return Failure("NODE_EXITED", message, node=node, attempt=attempt, traceback=trace)
    name, text = type(error).__name__, _text(error)
    message = shorten(clean(f"{name}: {text}" if text else name))
    # Nothing is known of it, so another attempt may help: it is made only where somebody asked for retries.
    return Failure("NODE_RAISED", message, retryable=True, node=node, attempt=attempt, traceback=trace)


def _text(thing: object) -> str:
    """What it says; nothing when its own __str__ fails."""
    try:
        return str(thing)
    except BaseException:  # it may raise anything, SystemExit included
        return ""


def _clean(text: str) -> str:
    """Without the halves of characters that cannot be written as UTF-8."""
    return text.encode(errors="replace").decode()


def _after(redact: Redact) -> Redact:
    return lambda text: _clean(redact(text))


def timeout_failure(node: str, attempt: int, timeout_s: float) -> Failure:
    return Failure(
        "NODE_TIMEOUT",
        f"node {node} took longer than its timeout of {timeout_s:g} s",
        failure_class=FailureClass.TIMEOUT,
        retryable=True,
        node=node,
        attempt=attempt,
    )


def refused_failure(error: Exception, node: str, attempt: int) -> Failure:
    """The failure of a node whose output the database refuses."""
    message = shorten(_clean(f"what node {node} gave cannot be recorded: {error}"))
    return Failure(
        "NOT_RECORDABLE", message, FailureKind.SYSTEM, FailureClass.INFRASTRUCTURE, node=node, attempt=attempt
    )


def _format(error: BaseException) -> str:
    """The traceback, with what the error was raised from, without the engine's frames and folders of this machine."""
    report = traceback.TracebackException.from_exception(error, compact=True)
    for each in _chain(report):
        each.stack[:] = [frame for frame in each.stack if _ENGINE not in frame.filename]
        for frame in each.stack:
            frame.filename = _relative(frame.filename)
    return "".join(report.format())


def _cut(text: str) -> str:
    """The text, or its end when it is too long: the newest frames say enough."""
    if len(text) <= limits.TRACEBACK_LENGTH_MAX:
        return text
    head = "Traceback (most recent call last):\n…\n"
    return head + text[len(text) - limits.TRACEBACK_LENGTH_MAX + len(head) :]


def _chain(report: traceback.TracebackException) -> Iterator[traceback.TracebackException]:
    """The report and those of what it was raised from; exceptions of a group included."""
    ahead: list[traceback.TracebackException | None] = [report]
    while ahead:
        each = ahead.pop()
        if each is not None:
            yield each
            ahead += [each.__cause__, each.__context__, *(each.exceptions or ())]


def _relative(filename: str) -> str:
    """packages/<digest>/nodes.py -> nodes.py, site-packages/x/y.py -> x/y.py, lib/python3.11/json/a.py -> json/a.py."""
    _, found, rest = filename.rpartition("/packages/")
    if found:
        return rest.partition("/")[2]
    for marker in ("/site-packages/", _STANDARD_LIBRARY):
        _, found, rest = filename.rpartition(marker)
        if found:
            return rest
    return filename
