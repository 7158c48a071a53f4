"""The rules that a flow must keep, one a file. Each gives its problems and trusts no other rule to hold.

Where one mistake would break several rules, only the one that names the mistake speaks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from penstock.engine.compiler.checks import (
    branches,
    conditions,
    cycles,
    edge_ends,
    edge_types,
    entry,
    functions,
    mappings,
    names,
    pipelines,
    terminal,
    timeouts,
)
from penstock.engine.compiler.subject import Subject
from penstock.engine.domain.problem import Problem

CHECKS: tuple[Callable[[Subject], Iterator[Problem]], ...] = (
    names.check,
    functions.check,
    timeouts.check,
    edge_ends.check,
    cycles.check,
    entry.check,
    terminal.check,
    branches.check,
    pipelines.check,
    edge_types.check,
    conditions.check,
    mappings.check,
)
"""All but `sizes`, in the order in which their problems are reported: nodes, then the graph, then types."""
