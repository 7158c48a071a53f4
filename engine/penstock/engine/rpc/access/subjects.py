"""Which flows a request is about: what it names by id or name."""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum
from typing import Any, NamedTuple

from google.protobuf.descriptor import Descriptor, FieldDescriptor

from penstock.engine.domain.ids import is_graph_id
from penstock.engine.storage.postgres.subjects import SubjectRows

_EVERY = "-"
"""In place of an id: of all there are."""
_ARTIFACT_FIELDS = ("graph_id", "before", "after")
_DEFINITION = "penstock.v1.Flow"


class Kind(Enum):
    EXECUTION = "execution"
    ARTIFACT = "artifact, or flow, or flow@alias"
    FLOW = "flow, or flow@alias"
    DEFINITION = "a flow itself"


class Named(NamedTuple):
    """What a request names. `is_any`: something is named, if only what is not there."""

    flows: frozenset[str]
    is_any: bool


class Subjects:
    """Finds them in the requests of one method."""

    def __init__(self, request: Descriptor, rows: SubjectRows) -> None:
        self._rows = rows
        self._fields = tuple((field.name, kind) for field in request.fields if (kind := _kind(field)) is not None)

    async def named(self, request: Any, account: str) -> Named:
        flows: set[str] = set()
        execution_ids: list[str] = []
        is_any = False
        for kind, value in self._values(request):
            is_any = True
            if kind is Kind.EXECUTION:
                execution_ids.append(value)
            elif kind is Kind.ARTIFACT and is_graph_id(value):
                flow = await self._rows.of_artifact(account, value)
                flows.update([] if flow is None else [flow])
            else:
                flows.add(value.partition("@")[0])
        if execution_ids:
            flows.update((await self._rows.of_executions(account, execution_ids)).values())
        return Named(frozenset(flows), is_any)

    def _values(self, request: Any) -> Iterator[tuple[Kind, str]]:
        for name, kind in self._fields:
            value = getattr(request, name)
            if kind is Kind.DEFINITION:
                value = value.flow
            if value and value != _EVERY:
                yield kind, value


def _kind(field: FieldDescriptor) -> Kind | None:
    if field.is_repeated:
        return None
    if field.message_type is not None:
        return Kind.DEFINITION if field.message_type.full_name == _DEFINITION else None
    if field.type != FieldDescriptor.TYPE_STRING:
        return None
    if field.name.endswith("execution_id"):
        return Kind.EXECUTION
    if field.name in _ARTIFACT_FIELDS:
        return Kind.ARTIFACT
    return Kind.FLOW if field.name == "flow" else None
