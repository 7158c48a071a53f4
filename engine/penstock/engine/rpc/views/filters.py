"""Filters of lists as people write them -> filters that a store can carry out, for one account."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from penstock.engine.domain.classify import OF_CLASS, Classification
from penstock.engine.domain.errors import InvalidArgument
from penstock.engine.domain.execution_fields import EXECUTION_FIELDS
from penstock.engine.domain.filter import FilterError, names_searchable, parse
from penstock.engine.domain.filter_pins import Leaf, leaves, rewrite
from penstock.engine.domain.filter_tree import (
    And,
    Comparison,
    Expression,
    FieldKind,
    FieldType,
    Not,
    Operator,
    Or,
    Present,
    SearchKind,
)
from penstock.engine.domain.ids import is_graph_id
from penstock.engine.domain.states import ExecutionStatus
from penstock.engine.storage.postgres.search import Search, SearchField

_NEVER = Comparison("graph_id", Operator.EQUAL, "")
_PAUSED = Comparison("status", Operator.EQUAL, ExecutionStatus.PAUSED)
_CLASS_OF = {classification: failure_class for failure_class, classification in OF_CLASS.items()}
_LOOKED_UP = frozenset({"alias", "graph_id", "node.ran", "node.waiting"})
_EXAMPLES = {
    SearchKind.TEXT: '"c1"',
    SearchKind.NUMBER: "100",
    SearchKind.BOOL: "true",
    SearchKind.TIME: '"2026-01-31T12:00:00Z"',
}


class Filters:
    """Looks up what a filter says by name: searchable fields, aliases, nodes."""

    def __init__(self, search: Search) -> None:
        self._search = search

    async def executions(self, text: str, account: str) -> Expression | None:
        """A filter over executions; None for all of them. Raises InvalidArgument."""
        searchable: Mapping[str, FieldType] = {}
        if names_searchable(text):
            fields = await self._search.fields(account)
            searchable = {path: _field_type(path, field) for path, field in fields.items()}
        expression = read(text, EXECUTION_FIELDS, searchable)
        return None if expression is None else await self.looked_up(expression, account)

    async def looked_up(self, expression: Expression, account: str) -> Expression:
        """The same filter over executions, in terms of what is on record of them."""
        known = {leaf: await self._look_up(leaf, account) for leaf in leaves(expression) if _is_looked_up(leaf)}
        return rewrite(expression, lambda leaf: known.get(leaf) or _changed(leaf))

    async def _look_up(self, leaf: Leaf, account: str) -> Expression:
        assert isinstance(leaf, Comparison) and isinstance(leaf.value, str)
        if leaf.operator is Operator.NOT_EQUAL:
            return Not(await self._look_up(Comparison(leaf.field, Operator.EQUAL, leaf.value), account))
        if leaf.field == "alias":
            return await self._alias(leaf.value, account)
        if leaf.field == "graph_id":
            found = await self._search.flow_of(account, leaf.value) if is_graph_id(leaf.value) else None
            return leaf if found is None else And((_equal("flow", found[0]), _equal("version", found[1]), leaf))
        return And((await self.flows_with_nodes(account, [leaf.value]), leaf))

    async def flows_with_nodes(self, account: str, nodes: Iterable[str]) -> Expression:
        """What is of a flow some version of which has one of the nodes."""
        flows = sorted({flow for node in nodes for flow in await self._search.flows_with_node(account, node)})
        return _one_of("flow", flows) if flows else _NEVER

    async def _alias(self, name: str, account: str) -> Expression:
        """What ran one of the artifacts that the alias stands for now: what it stood for before is not on record."""
        flow, _, alias = name.rpartition("@")
        found = await self._search.alias(account, flow, alias)
        if not found:
            return _NEVER
        flows = sorted({flow for flow, _ in found})
        return And((_one_of("flow", flows), _one_of("graph_id", [graph_id for _, graph_id in found])))


def read(
    text: str, fields: Mapping[str, FieldType], searchable: Mapping[str, FieldType] | None = None
) -> Expression | None:
    """Raises InvalidArgument that names the parameter."""
    try:
        return parse(text, fields, searchable)
    except FilterError as error:
        raise InvalidArgument(f"filter: {error}", field="filter", reason=error.reason) from None


def _is_looked_up(leaf: Leaf) -> bool:
    if not isinstance(leaf, Comparison) or leaf.field not in _LOOKED_UP or not isinstance(leaf.value, str):
        return False
    return leaf.operator in (Operator.EQUAL, Operator.NOT_EQUAL)


def _changed(leaf: Leaf) -> Expression:
    """What sort of trouble an execution is in follows from its failure and its status."""
    if leaf.field != "classification":
        return leaf
    if isinstance(leaf, Present):
        return Or((Present("failure_class"), _PAUSED))
    assert isinstance(leaf.value, int)
    classification = Classification(leaf.value)
    if classification is Classification.APPROVAL_PENDING:
        return Comparison("status", leaf.operator, ExecutionStatus.PAUSED)
    return Comparison("failure_class", leaf.operator, _CLASS_OF[classification])


def _equal(field: str, value: str | int) -> Comparison:
    return Comparison(field, Operator.EQUAL, value)


def _one_of(field: str, values: Iterable[str]) -> Expression:
    options = tuple(_equal(field, value) for value in values)
    return options[0] if len(options) == 1 else Or(options)


def _field_type(path: str, field: SearchField) -> FieldType:
    examples = _EXAMPLES | {SearchKind.ENUM: next(iter(field.choices), "")}
    return FieldType(
        FieldKind.SEARCHED, f"{path} = {examples[min(field.kinds)]}", searched=field.kinds, choices=field.choices
    )
