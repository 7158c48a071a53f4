"""What artifacts say of an execution that its row does not: its deadline, and which node of its parent it is."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass

from penstock.engine.domain import limits
from penstock.engine.rpc.messages import ALONE, Surroundings
from penstock.engine.storage.postgres.executions import Executions
from penstock.engine.storage.postgres.registry import Registry
from penstock.engine.storage.records import ExecutionRow


@dataclass(frozen=True, slots=True)
class _Facts:
    """Of one artifact."""

    node_names: tuple[str, ...]
    deadline_us: int


_NO_FACTS = _Facts((), 0)


class SurroundingsReader:
    """Reads artifacts and not their code, so that an execution can be looked at whose code does not load here."""

    def __init__(self, registry: Registry, executions: Executions) -> None:
        self._registry = registry
        self._executions = executions
        self._known: OrderedDict[tuple[str, str], _Facts] = OrderedDict()

    async def read(self, row: ExecutionRow) -> Surroundings:
        facts = await self._facts(row.account, row.graph_id)
        parent_node = ""
        if row.parent is not None:
            parent = await self._executions.get(row.parent.execution_id.hex(), row.account)
            names = () if parent is None else (await self._facts(row.account, parent.graph_id)).node_names
            parent_node = names[row.parent.node] if names else ""
        if not parent_node and not facts.deadline_us:
            return ALONE
        return Surroundings(parent_node, facts.deadline_us)

    async def _facts(self, account: str, graph_id: str) -> _Facts:
        """Artifacts never change, so what was read once stays right."""
        facts = self._known.get((account, graph_id))
        if facts is None:
            artifact = await self._registry.artifact(account, graph_id)
            if artifact is None:
                return _NO_FACTS
            plan = artifact.plan
            facts = _Facts(tuple(node.name for node in plan.nodes), plan.deadline.ToMicroseconds())
            self._known[account, graph_id] = facts
            while len(self._known) > limits.PROGRAMS_MAX:
                self._known.popitem(last=False)
        return facts
