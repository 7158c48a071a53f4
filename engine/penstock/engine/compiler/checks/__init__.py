"""The rules that a flow must keep, one a file. Each gives its problems and trusts no other rule to hold.

Where one mistake would break several rules, only the one that names the mistake speaks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from penstock.engine.compiler.checks import (
    branches,
    caches,
    compensations,
    conditions,
    cycles,
    edge_ends,
    edge_types,
    entry,
    fallbacks,
    functions,
    gate_fields,
    gates,
    joins,
    kinds,
    lifetimes,
    mappings,
    maps,
    marks,
    message_names,
    names,
    needed_types,
    pauses,
    pipelines,
    retries,
    searchable,
    signals,
    sleeps,
    subflows,
    terminal,
    timeouts,
)
from penstock.engine.compiler.subject import Subject
from penstock.engine.domain.problem import Problem

CHECKS: tuple[Callable[[Subject], Iterator[Problem]], ...] = (
    names.check,
    lifetimes.check,
    kinds.check,
    functions.check,
    timeouts.check,
    retries.check,
    caches.check,
    signals.check,
    sleeps.check,
    pauses.check,
    subflows.check,
    message_names.check,
    edge_ends.check,
    cycles.check,
    entry.check,
    terminal.check,
    branches.check,
    joins.check,
    gates.check,
    pipelines.check,
    needed_types.check,
    edge_types.check,
    conditions.check,
    mappings.check,
    compensations.check,
    fallbacks.check,
    maps.check,
    marks.check,
    gate_fields.check,
    searchable.check,
)
"""All but `sizes`, in the order in which their problems are reported: nodes, then the graph, then types."""
