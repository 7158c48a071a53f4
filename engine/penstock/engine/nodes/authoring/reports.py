"""What a running node tells about itself: lines of its log, its progress, what it used.

Each is checked and bounded when it is made, so that whoever keeps it need not look again.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from types import TracebackType

from penstock.engine.domain.failure import shorten
from penstock.engine.domain.money import NANOS, rounded

LOG_MESSAGE_LENGTH_MAX = 4_096
PROGRESS_MESSAGE_LENGTH_MAX = 1_024
"""Characters; longer text is cut. A report is kept with the execution and read with its events."""

NAME_LENGTH_MAX = 256
"""Characters of a provider or a model: names, not documents."""

COUNT_MAX = 2**53
"""Tokens of one report: what a number of JSON holds with all digits."""

COST_USD_MAX = 1_000_000
"""US dollars of one report: no call costs as much, so more is a slip of the unit."""

_ROUNDING = 1e-6
_LEVELS = ((logging.CRITICAL, "CRITICAL"), (logging.ERROR, "ERROR"), (logging.WARNING, "WARNING"))

ExcInfo = bool | BaseException | tuple[type[BaseException] | None, BaseException | None, TracebackType | None] | None
"""What the standard library's loggers take as `exc_info`."""


@dataclass(frozen=True, slots=True)
class LogLine:
    """`level` is INFO, WARNING, ERROR or CRITICAL."""

    level: str
    message: str


@dataclass(frozen=True, slots=True)
class Progress:
    """`fraction` is from 0 to 1."""

    fraction: float
    message: str = ""


Cost = Decimal | int | float | str
"""US dollars as authors have them. A float stands for the decimal that it is written as: 0.1 is a tenth."""


@dataclass(frozen=True, slots=True)
class Usage:
    """What one call of a paid service took. `cached_tokens` are those of the `input_tokens` that the provider had.

    `cost_usd` is exact, to the nano of a dollar, whatever it was made from. Raises ValueError for a cost that is none.
    """

    provider: str
    model: str
    input_tokens: int = 0
    output_tokens: int = 0
    cost_usd: Cost = Decimal(0)
    cached_tokens: int = 0

    def __post_init__(self) -> None:
        object.__setattr__(self, "cost_usd", Decimal(rounded(_dollars(self.cost_usd))) / NANOS)

    @property
    def cost_nanos(self) -> int:
        """The cost in nanos of a dollar."""
        return rounded(Decimal(self.cost_usd))


Report = LogLine | Progress | Usage


Redact = Callable[[str], str]
"""Takes what nobody may see out of a text. It comes before the cut, so that no half of a secret is left."""


def log_line(level: int, text: str, error: BaseException | None, redact: Redact | None) -> LogLine:
    """The line, with the error's own words behind it. Never raises."""
    if error is not None:
        text = f"{text}: {type(error).__name__}: {_text(error)}"
    name = next((name for least, name in _LEVELS if level >= least), "INFO")
    return LogLine(name, _bounded(text, LOG_MESSAGE_LENGTH_MAX, redact))


def message_of(message: object, arguments: tuple[object, ...]) -> str:
    """What a handler would write. Never raises."""
    try:
        return logging.LogRecord("", logging.INFO, "", 0, message, arguments, None).getMessage()
    except Exception:  # what the author gave does not go together; the standard library complains about it
        return _text(message)


def progress(fraction: float, message: str, redact: Redact | None) -> Progress:
    """Raises ValueError. What is above 1 by rounding alone counts as 1."""
    if not _is_number(fraction) or not 0 <= fraction <= 1 + _ROUNDING:
        raise ValueError(f"progress: expected a fraction from 0 to 1, got {fraction!r}")
    return Progress(min(float(fraction), 1.0), _bounded(str(message), PROGRESS_MESSAGE_LENGTH_MAX, redact))


def usage(
    provider: str,
    model: str,
    input_tokens: int,
    output_tokens: int,
    cached_tokens: int,
    cost_usd: Cost,
    redact: Redact | None,
) -> Usage:
    """Raises ValueError."""
    for name, text in (("provider", provider), ("model", model)):
        if not isinstance(text, str) or not text or len(text) > NAME_LENGTH_MAX or "\0" in text:
            raise ValueError(f"usage: {name}: expected a name of 1 to {NAME_LENGTH_MAX} characters, got {text!r}")
    counts = {"input_tokens": input_tokens, "output_tokens": output_tokens, "cached_tokens": cached_tokens}
    for name, count in counts.items():
        if not isinstance(count, int) or isinstance(count, bool) or not 0 <= count <= COUNT_MAX:
            raise ValueError(f"usage: {name}: expected a whole number from 0 to 2^53, got {count!r}")
    if cached_tokens > input_tokens:
        raise ValueError(
            f"usage: cached_tokens: expected at most the {input_tokens} input_tokens that they are part of,"
            f" got {cached_tokens}"
        )
    return Usage(
        _bounded(provider, NAME_LENGTH_MAX, redact),
        _bounded(model, NAME_LENGTH_MAX, redact),
        int(input_tokens),
        int(output_tokens),
        cost_usd,
        int(cached_tokens),
    )


def _dollars(cost: Cost) -> Decimal:
    """Raises ValueError."""
    try:
        # Of a float its shortest decimal, not the binary fraction that it is.
        amount = Decimal(str(cost)) if isinstance(cost, Cost) and not isinstance(cost, bool) else Decimal("nan")
    except InvalidOperation:
        amount = Decimal("nan")
    if not amount.is_finite() or not 0 <= amount <= COST_USD_MAX:
        raise ValueError(
            f"usage: cost_usd: expected a number of US dollars from 0 to {COST_USD_MAX:,}, such as 0.0125 or"
            f' "0.0125", got {cost!r}'
        )
    return amount


def _bounded(text: str, length_max: int, redact: Redact | None) -> str:
    """Without secrets, short enough, and without the halves of characters that cannot be written as UTF-8."""
    return shorten(text if redact is None else redact(text), length_max).encode(errors="replace").decode()


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _text(value: object) -> str:
    try:
        return str(value)
    except Exception:  # the author's own __str__
        return type(value).__name__
