"""Tries what a bulk operation would give to executions, without giving it to any."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from penstock.engine.domain.errors import PenstockError
from penstock.engine.rpc.acts.bulk_acts import problem, resume_request, signal_request
from penstock.engine.rpc.acts.pause_reader import PauseReader, Reached, Subject
from penstock.engine.rpc.acts.pause_values import check_route, resumed_with
from penstock.engine.rpc.acts.signals import payload_of
from penstock.engine.rpc.status import rpc_error
from penstock.engine.runtime.runtime import Runtime
from penstock.engine.runtime.upkeep.bulk import PROBLEMS_MAX
from penstock.engine.storage.postgres.bulk import Bulk
from penstock.engine.storage.records import ExecutionRow
from penstock.wire.gen.bulk_operation_pb2 import BulkOperation, BulkProblem
from penstock.wire.json import JsonError
from penstock.wire.status import RpcError

TRIED_MAX = 1_000
"""Executions that a dry run tries: as many as a second is enough for."""


@dataclass(slots=True)
class Trial:
    """What came of it, of `checked` executions."""

    checked: int = 0
    skipped: int = 0
    failed: int = 0
    problems: list[BulkProblem] = field(default_factory=list)

    def refused(self, execution_id: str, error: RpcError) -> None:
        self.failed += 1
        if len(self.problems) < PROBLEMS_MAX:
            self.problems.append(problem(execution_id, error))


class BulkTrial:
    """Reads what is committed, whichever process drives the executions."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._reader = PauseReader(runtime)

    @staticmethod
    def is_needed(bulk: Bulk) -> bool:
        """Whether the operation gives executions something that may not fit them."""
        return bulk.request.verb in (BulkOperation.RESUME, BulkOperation.SIGNAL)

    async def of(self, bulk: Bulk, rows: Sequence[ExecutionRow]) -> Trial:
        tried = self._signal if bulk.request.verb == BulkOperation.SIGNAL else self._resume
        return await tried(bulk, rows)

    async def _signal(self, bulk: Bulk, rows: Sequence[ExecutionRow]) -> Trial:
        trial = Trial(len(rows))
        for row in rows:
            try:
                program = await self._runtime.catalog.program(row.account, row.graph_id)
                payload_of(program, row, signal_request(bulk, row.execution_id))
            except (PenstockError, JsonError) as error:
                trial.refused(row.execution_id, rpc_error(error))
        return trial

    async def _resume(self, bulk: Bulk, rows: Sequence[ExecutionRow]) -> Trial:
        """The first refusal of each execution counts."""
        trial = Trial(len(rows))
        reached = await self._reader.reached([row.execution_id for row in rows])
        meant = [each for each in reached if _is_meant(each, bulk)]
        refused: dict[str, RpcError] = {}
        tried: set[str] = set()
        while meant:
            subjects = await self._reader.subjects(meant)
            meant = meant[len(subjects) :]
            for subject in subjects:
                if not _takes(subject, bulk):
                    continue
                execution_id = subject.reached.execution_id
                tried.add(execution_id)
                try:
                    check_route(subject, resumed_with(subject, resume_request(bulk, execution_id, _name(subject))))
                except (PenstockError, JsonError) as error:
                    refused.setdefault(execution_id, rpc_error(error))
        trial.skipped = len(rows) - len(tried)
        for execution_id, refusal in refused.items():
            trial.refused(execution_id, refusal)
        return trial


def _is_meant(reached: Reached, bulk: Bulk) -> bool:
    return reached.is_open and not reached.is_approval and reached.wait.time_us <= bulk.create_us


def _takes(subject: Subject, bulk: Bulk) -> bool:
    return bulk.request.parameters.pause in ("", _name(subject))


def _name(subject: Subject) -> str:
    return subject.program.graph.names[subject.reached.node]
