"""Words for problems: what may have been meant, and lists that stay short."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence

_SHOWN_MAX = 10
"""Names in one sentence; a reader finds the rest in the flow."""


def or_one_of(wrong: str, known: Iterable[str]) -> str:
    """Continues "there is no x" with the name that is close to it, or with those that there are."""
    names = sorted(known)
    close = difflib.get_close_matches(wrong, names, 1)
    if close:
        return f"; did you mean {close[0]}?"
    return f"; there is {some_of(names)}" if names else ""


def some_of(names: Sequence[str]) -> str:
    """The names with commas, the first ten of them."""
    more = len(names) - _SHOWN_MAX
    return ", ".join(names[:_SHOWN_MAX]) + (f" and {more} more" if more > 0 else "")
