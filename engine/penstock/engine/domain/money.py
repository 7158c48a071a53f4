"""Amounts of US dollars: whole nanos wherever one is kept or added, decimals wherever one is read or written."""

from __future__ import annotations

import re
from decimal import ROUND_HALF_EVEN, Decimal

NANOS = 1_000_000_000
"""Of one dollar. A token costs some hundred of them, so what is below one says nothing."""

_DIGITS_BEHIND = 9
_AMOUNT = re.compile(r"[0-9]{1,12}(?:\.[0-9]{1,9})?")


def nanos_of(text: str) -> int:
    """What `spell` writes, and any other decimal without sign and exponent. Raises ValueError."""
    if not _AMOUNT.fullmatch(text):
        raise ValueError(text)
    whole, _, rest = text.partition(".")
    return int(whole) * NANOS + int(rest.ljust(_DIGITS_BEHIND, "0"))


def spell(nanos: int) -> str:
    """The shortest decimal: 12_500_000 is "0.0125"."""
    whole, rest = divmod(nanos, NANOS)
    behind = f"{rest:09}".rstrip("0")
    return f"{whole}.{behind}" if behind else str(whole)


def rounded(amount: Decimal) -> int:
    """The nearest nanos of a finite amount."""
    return int(amount.scaleb(_DIGITS_BEHIND).to_integral_value(ROUND_HALF_EVEN))
