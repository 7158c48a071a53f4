"""What single requests need beside the scope of their method."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from penstock.wire.scopes import PACKAGES_WRITE, PAYLOADS_READ

Demand = Callable[[Any], Iterable[str]]
"""Gives the verbs that a request needs, each for everything that there is."""

_QUOTED = re.compile(r""""(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'""")
_VALUE_FIELD = re.compile(r"(?<![\w.])(?:input|output)\b")


def _archives(request: Any) -> Iterable[str]:
    return [PACKAGES_WRITE] if request.archives else []


def _filter(request: Any) -> Iterable[str]:
    """Whoever may look for values may find out values."""
    return [PAYLOADS_READ] if _VALUE_FIELD.search(_QUOTED.sub("", request.filter)) else []


def _recorded(request: Any) -> Iterable[str]:
    return [PAYLOADS_READ] if request.execution_id else []


NO_DEMAND: tuple[frozenset[str], Demand] = (frozenset(), lambda _: ())
DEMANDS: Mapping[str, tuple[frozenset[str], Demand]] = {
    "BulkOperationService.CreateBulkOperation": (frozenset({PAYLOADS_READ}), _filter),
    "FlowService.CompileFlow": (frozenset({PACKAGES_WRITE}), _archives),
    "ExecutionService.ListExecutions": (frozenset({PAYLOADS_READ}), _filter),
    "PolicyService.TestPolicy": (frozenset({PAYLOADS_READ}), _recorded),
}
"""By service and method: the verbs that its requests may need, and which of them one does."""
