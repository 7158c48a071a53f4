"""What a node raised -> why it failed."""

from __future__ import annotations

import sys
import traceback
from types import TracebackType

from penstock.engine.domain import limits
from penstock.engine.domain.failure import Failure, FailureClass, shorten
from penstock.engine.nodes.authoring import NodeError
from penstock.engine.runtime.watchdog import NodeBlocksLoop
from penstock.wire.expressions import EvaluationError

_STANDARD_LIBRARY = f"/python{sys.version_info.major}.{sys.version_info.minor}/"


def failure_of(error: BaseException, node: str, attempt: int) -> Failure:
    """The failure that reports what an attempt of `node` raised."""
    if isinstance(error, NodeError):
        return Failure(
            error.code,
            shorten(str(error)),
            error.kind,
            error.failure_class,
            error.retryable,
            node,
            attempt,
            _format(error),
        )
    if isinstance(error, EvaluationError):
        message = shorten(f"an edge of node {node} cannot be evaluated: {error}")
        return Failure("EDGE_FAILED", message, node=node, attempt=attempt)
    if isinstance(error, NodeBlocksLoop):
        return Failure("NODE_BLOCKED", str(error), node=node, attempt=attempt, traceback=_format(error))
    if isinstance(error, SystemExit):
        message = f"node {node} called sys.exit({error.code!r})"
        return Failure("NODE_EXITED", message, node=node, attempt=attempt, traceback=_format(error))
    message = shorten(f"{type(error).__name__}: {error}" if str(error) else type(error).__name__)
    return Failure("NODE_RAISED", message, node=node, attempt=attempt, traceback=_format(error))


def timeout_failure(node: str, attempt: int, timeout_s: float) -> Failure:
    return Failure(
        "NODE_TIMEOUT",
        f"node {node} took longer than its timeout of {timeout_s:g} s",
        failure_class=FailureClass.TIMEOUT,
        retryable=True,
        node=node,
        attempt=attempt,
    )


def _format(error: BaseException) -> str:
    """The traceback from the first frame of the package's own code on, without folders of this machine."""
    frames = list(traceback.extract_tb(_package_part(error.__traceback__)))
    for frame in frames:
        frame.filename = _relative(frame.filename)
    head = "Traceback (most recent call last):\n"
    text = head + "".join(traceback.format_list(frames)) + "".join(traceback.format_exception_only(error))
    if len(text) <= limits.TRACEBACK_LENGTH_MAX:
        return text
    return head + "…\n" + text[len(text) - limits.TRACEBACK_LENGTH_MAX + len(head) + 2 :]


def _package_part(tb: TracebackType | None) -> TracebackType | None:
    while tb is not None and "/penstock/engine/" in tb.tb_frame.f_code.co_filename:
        tb = tb.tb_next
    return tb


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
