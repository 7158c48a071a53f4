"""The names of the secrets that a node is given, as authors write them."""

from __future__ import annotations

import re

from penstock.engine.domain.failure import shorten
from penstock.engine.nodes.limits import SECRETS_MAX
from penstock.engine.nodes.names import NAME, NAME_RULE

_SHOWN_LENGTH_MAX = 80


def parse_secrets(value: object) -> tuple[str, ...]:
    """Raises ValueError."""
    if not isinstance(value, list | tuple):
        raise ValueError(f'expected a list of names such as ["stripe_key"], got {_shown(value)}')
    if len(value) > SECRETS_MAX:
        raise ValueError(f"expected at most {SECRETS_MAX} names, got {len(value)}")
    for index, name in enumerate(value):
        if not isinstance(name, str) or not re.fullmatch(NAME, name):
            raise ValueError(f"expected {NAME_RULE}, got {_shown(name)}")
        if name in value[:index]:
            raise ValueError(f"{name} is listed twice")
    return tuple(value)


def _shown(value: object) -> str:
    return shorten(repr(value), _SHOWN_LENGTH_MAX)
