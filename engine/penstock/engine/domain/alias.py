"""Aliases: what they may be called, what they stand for, and who of several gets an invocation."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

LIVE = "live"
"""The alias that a flow without one means. Compiling moves it."""
WEIGHT_SUM = 100

_NAME = re.compile(r"[a-z][a-z0-9_]{0,62}")
_VERSION = re.compile(r"v[0-9]+")


@dataclass(frozen=True, slots=True)
class Target:
    """An artifact and its share of the invocations in percent."""

    graph_id: str
    version: int
    weight: int


def pick(targets: Sequence[Target], share: int) -> Target:
    """The target that a share, 0 to 99, belongs to.

    `targets` are in order of their versions, so that a share that moves from an old version to a new one in steps
    moves once.
    """
    for target in targets:
        share -= target.weight
        if share < 0:
            return target
    raise ValueError("expected weights that add up to 100")


def main_target(targets: Sequence[Target]) -> Target:
    """The one of most weight; among equals the oldest version."""
    return max(targets, key=lambda target: (target.weight, -target.version))


def is_alias_name(text: str) -> bool:
    """Whether an alias may be called so. v3 is a version, not a name for one."""
    return _NAME.fullmatch(text) is not None and _VERSION.fullmatch(text) is None
