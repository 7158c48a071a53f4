"""Sentences for people who want to know why an execution is not further."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from penstock.engine.domain.classify import Classification
from penstock.engine.domain.failure import Failure, shorten

_TEXT_LENGTH_MAX = 300
"""Of what a node or a flow says within a sentence."""
_TOLD_MAX = 3
"""Causes that one sentence tells."""

ADVICE = {
    Classification.POLICY_BLOCK: "A rule or a person said no: change the input, or ask whoever decides.",
    Classification.PROVIDER_FAILURE: "A service answered with an error: see whether it is well, then recover; retries"
    " on the node ride out a short outage.",
    Classification.CONNECTOR_FAILURE: "A service could not be reached: check its address, the network and the"
    " credentials, then recover.",
    Classification.LOGIC_BUG: "The flow or the code of the node is wrong, or does not fit this input: read the error"
    " and its traceback, correct it and compile it, then relaunch.",
    Classification.TIMEOUT: "It took longer than allowed: see in the timeline what was slow, raise the timeout or the"
    " deadline, then recover.",
    Classification.INFRASTRUCTURE: "Penstock or its machine was the trouble: look at the log of its process, then"
    " recover.",
}


def moment(time_us: int) -> str:
    return datetime.fromtimestamp(time_us // 1_000_000, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def length(us: int) -> str:
    """A length of time to a precision that a person cares about."""
    seconds = max(0, us) / 1e6
    if seconds < 1:
        return f"{seconds * 1000:.0f} ms"
    if seconds < 59.95:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    if days:
        return f"{days} d {hours} h"
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {rest} s"


def until(due_us: int, now_us: int) -> str:
    left = f"in {length(due_us - now_us)}" if due_us > now_us else "now"
    return f"{moment(due_us)} ({left})"


def why(failure: Failure) -> str:
    """A failure within a sentence."""
    return f"{one_line(failure.message)} ({one_line(failure.code)})"


def one_line(text: str) -> str:
    return shorten(" ".join(text.split()), _TEXT_LENGTH_MAX).rstrip(".")


def tries(attempt: int, attempts_max: int) -> str:
    """Nothing where there is only one."""
    return f", attempt {attempt} of {attempts_max}" if attempts_max > 1 else ""


def names(of: Sequence[str]) -> str:
    shown = ", ".join(of[:5])
    return f"{shown} and {len(of) - 5} more" if len(of) > 5 else shown


def together(sentences: Iterable[str]) -> str:
    """Several sentences as one, the first ones in full."""
    parts = [sentence.rstrip(".") for sentence in sentences]
    more = len(parts) - _TOLD_MAX
    rest = [f"{more} more {'node is' if more == 1 else 'nodes are'} in flight"] if more > 0 else []
    return "; ".join([*parts[:_TOLD_MAX], *rest]) + "."
