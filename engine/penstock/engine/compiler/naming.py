"""What flows and nodes may be called."""

from __future__ import annotations

import re

from penstock.engine.domain.alias import is_alias_name

_NAME = re.compile(r"[a-z][a-z0-9_]{0,62}")


def is_name(text: str) -> bool:
    """Whether a flow or a node may have this name."""
    return _NAME.fullmatch(text) is not None


def is_flow_reference(text: str) -> bool:
    """Whether it is the name of a flow, or name@alias."""
    name, at, alias = text.partition("@")
    return is_name(name) and (is_alias_name(alias) or not at)
