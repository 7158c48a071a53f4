"""How often a node is tried again, as authors write it in the decorator or in the manifest."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from penstock.engine.domain.failure import shorten
from penstock.engine.domain.spelling import or_one_of
from penstock.engine.nodes.limits import ATTEMPTS_MAX, BACKOFF_S_MAX, MULTIPLIER_MAX, RETRY_ON_MAX
from penstock.engine.nodes.timeouts import parse_seconds
from penstock.wire.gen.retries_pb2 import Retries

_CODE = "[A-Z][A-Z0-9_]{0,62}"
_SHOWN_LENGTH_MAX = 80


def parse_retries(value: object, wrong: Callable[[str, str], None]) -> Retries | None:
    """The retries with the fields that are given. `value` is the most attempts, or an object with the fields.

    `wrong` is called with the key, "" for the whole, and the message of each problem; then None is the answer.
    """
    if isinstance(value, int) and not isinstance(value, bool):
        value = {"max_attempts": value}
    if not isinstance(value, Mapping):
        wrong("", f"expected the most attempts or an object such as {{max_attempts: 3}}, got {_shown(value)}")
        return None
    retries = Retries()
    fine = True
    for key, given in value.items():
        try:
            if key not in _FIELDS:
                raise ValueError(f"unknown key{or_one_of(str(key), _FIELDS)}")
            _FIELDS[key](retries, key, given)
        except ValueError as error:
            fine = False
            wrong(str(key), str(error))
    return retries if fine else None


def _count(retries: Retries, key: str, given: object) -> None:
    if not isinstance(given, int) or isinstance(given, bool) or not 1 <= given <= ATTEMPTS_MAX:
        raise ValueError(f"expected 1 to {ATTEMPTS_MAX}, got {_shown(given)}")
    setattr(retries, key, given)


def _wait(retries: Retries, key: str, given: object) -> None:
    seconds = parse_seconds(given)
    if not 0 <= seconds <= BACKOFF_S_MAX:
        raise ValueError(f"expected 0 to 24 h, got {_shown(given)}")
    getattr(retries, key).FromNanoseconds(round(seconds * 1e9))


def _number(least: float, most: float) -> Callable[[Retries, str, object], None]:
    def number(retries: Retries, key: str, given: object) -> None:
        if not isinstance(given, int | float) or isinstance(given, bool) or not least <= given <= most:
            raise ValueError(f"expected a number from {least:g} to {most:g}, got {_shown(given)}")
        setattr(retries, key, given)

    return number


def _codes(retries: Retries, key: str, given: object) -> None:
    words = "expected a list of codes such as NODE_TIMEOUT and classes such as PROVIDER"
    if not isinstance(given, list | tuple):
        raise ValueError(f"{words}, got {_shown(given)}")
    if len(given) > RETRY_ON_MAX:
        raise ValueError(f"{words}, at most {RETRY_ON_MAX}, got {len(given)}")
    for code in given:
        if not isinstance(code, str) or not re.fullmatch(_CODE, code):
            raise ValueError(f"{words}, got {_shown(code)}")
    retries.retry_on.extend(dict.fromkeys(given))


_FIELDS: Mapping[Any, Callable[[Retries, str, Any], None]] = {
    "max_attempts": _count,
    "initial_backoff": _wait,
    "multiplier": _number(1, MULTIPLIER_MAX),
    "max_backoff": _wait,
    "jitter": _number(0, 1),
    "retry_on": _codes,
    "max_system_attempts": _count,
}


def _shown(value: object) -> str:
    return shorten(repr(value), _SHOWN_LENGTH_MAX)
