"""PauseService: tells of pauses, and decides them."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from penstock.engine.domain import limits, page
from penstock.engine.domain.artifact import Work
from penstock.engine.domain.errors import Conflict, InvalidArgument, LeaseLost, NotFound, StoreUnavailable
from penstock.engine.domain.event import EventType
from penstock.engine.domain.ids import is_execution_id
from penstock.engine.domain.states import Decision
from penstock.engine.rpc import requests
from penstock.engine.rpc.acts.pause_conflicts import refuse_decided, refuse_ended
from penstock.engine.rpc.acts.pause_reader import PauseReader, Subject, needs_value, pause_names
from penstock.engine.rpc.acts.pause_values import check_route, no_value, resumed_with
from penstock.engine.rpc.callers import by_line
from penstock.engine.rpc.values import read_value
from penstock.engine.runtime import steering
from penstock.engine.runtime.news import followers
from penstock.engine.runtime.programs.program import Program
from penstock.engine.runtime.runtime import Runtime
from penstock.engine.storage.postgres.pauses import Place
from penstock.engine.storage.records import ExecutionRow
from penstock.wire.gen import pause_service_pb2 as pb
from penstock.wire.gen.event_pb2 import Event as EventMessage
from penstock.wire.gen.pause_pb2 import Pause
from penstock.wire.service import Caller

_EVERY_EXECUTION = "-"
_FIRST = Place("0" * 32, 0)


class PauseService:
    """See proto/penstock/v1/pause_service.proto."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._reader = PauseReader(runtime)

    async def get_pause(self, request: pb.GetPauseRequest, caller: Caller) -> Pause:
        return await self._view(await self._find(request, caller), caller)

    async def list_pauses(self, request: pb.ListPausesRequest, caller: Caller) -> pb.ListPausesResponse:
        size = requests.page_size(request)
        is_of_account = request.execution_id == _EVERY_EXECUTION
        execution_id = _EVERY_EXECUTION if is_of_account else requests.execution_id(request)
        binding = f"pauses|{caller.account}|{execution_id}"
        after = _place(request.page_token, binding) if request.page_token else _FIRST
        following: Place | None
        if is_of_account:
            reached, following = await self._reader.open_after(caller.account, after, size)
        else:
            await followers.get_row(self._runtime, execution_id, caller.account)
            all_reached = await self._reader.reached([execution_id])
            behind = [each for each in all_reached if each.wait.sequence > after.sequence]
            reached = behind[:size]
            following = reached[-1].place if len(behind) > size else None
        subjects = await self._reader.subjects(reached)
        if len(subjects) < len(reached):
            following = subjects[-1].reached.place
        return pb.ListPausesResponse(
            pauses=[await self._reader.view(subject, caller.grants) for subject in subjects],
            next_page_token=page.encode(f"{following.execution_id} {following.sequence}", binding) if following else "",
        )

    async def approve_pause(self, request: pb.ApprovePauseRequest, caller: Caller) -> Pause:
        subject = await self._find_open(request, caller)
        if subject.ruling is not None:
            if request.WhichOneof("payload") is not None:
                raise no_value(request.pause)
            if subject.held is not None:
                check_route(subject, subject.held)
            return await self._decide(subject, Decision.APPROVED, None, request, caller)
        value = read_value(subject.program, subject.value_type, request, "value")
        if value is None and needs_value(subject):
            raise InvalidArgument(
                f"value: expected one, because pause {request.pause} does not go on with its input: resume it with a"
                f" {subject.value_type}",
                field="value",
                reason="VALUE_NEEDED",
            )
        if value is None:
            value = subject.message
        if value is None:
            raise InvalidArgument(
                f"value: expected one, because the input of pause {request.pause} cannot be evaluated", field="value"
            )
        return await self._decide(subject, Decision.APPROVED, value, request, caller)

    async def reject_pause(self, request: pb.RejectPauseRequest, caller: Caller) -> Pause:
        return await self._decide(await self._find_open(request, caller), Decision.REJECTED, None, request, caller)

    async def resume_pause(self, request: pb.ResumePauseRequest, caller: Caller) -> Pause:
        subject = await self._find_open(request, caller)
        return await self._decide(subject, Decision.RESUMED, resumed_with(subject, request), request, caller)

    async def _decide(
        self, subject: Subject, decision: Decision, value: bytes | None, request: Any, caller: Caller
    ) -> Pause:
        """Has the process that drives the execution decide, and answers when that is durable."""
        if value is not None:
            check_route(subject, value)
        runtime, execution_id, node = self._runtime, subject.reached.execution_id, subject.reached.node
        by, key = by_line(caller), uuid4().hex
        driver = runtime.driver(execution_id, caller.account)
        is_done = False
        if driver is not None:
            try:
                await steering.decide_pause(driver, node, decision, value, by=by, comment=request.comment, key=key)
                is_done = True
            except Conflict:
                is_done = True  # Somebody was faster, or it has ended: which of them is on record.
            except LeaseLost:
                pass  # Another process goes on with it.
        if not is_done:
            asked = EventMessage(
                node=request.pause, decision=decision.name, by=by, comment=request.comment, request_id=key
            )
            is_done = await runtime.commands.ask(
                execution_id, EventType.PAUSE_DECIDED, asked, value, program=subject.program
            )
        decided = await self._find(request, caller)
        event = decided.reached.decision
        if event is not None and event.detail is not None and event.detail.request_id == key:
            return await self._view(decided, caller)
        refuse_decided(decided)
        if is_done:
            raise StoreUnavailable("the decision was not taken; try again")
        holder = await runtime.leases.holder(decided.row.lease_id)
        raise StoreUnavailable(
            f"process {holder or 'unknown'} drives the execution and has not answered in time; the pause is decided as"
            " soon as that process, or the one after it, looks"
        )

    async def _find_open(self, request: Any, caller: Caller) -> Subject:
        """Raises Conflict when nobody can decide it any more, InvalidArgument for a comment that is too long."""
        size = len(request.comment.encode())
        if size > limits.COMMENT_BYTES_MAX:
            raise InvalidArgument(
                f"comment: expected at most {limits.COMMENT_BYTES_MAX:,} bytes, got {size:,}", field="comment"
            )
        subject = await self._find(request, caller, is_to_be_decided=True)
        refuse_decided(subject)
        return subject

    async def _find(self, request: Any, caller: Caller, *, is_to_be_decided: bool = False) -> Subject:
        """Raises NotFound for a pause that the execution did not come to."""
        execution_id = requests.execution_id(request)
        row = await followers.get_row(self._runtime, execution_id, caller.account)
        program = await self._runtime.catalog.program(row.account, row.graph_id)
        node = _pause_index(program, row, request.pause)
        # A node may wait twice: to be let run, and with its output.
        for reached in reversed(await self._reader.reached([execution_id])):
            if reached.node == node:
                return (await self._reader.subjects([reached]))[0]
        if program.graph.rules[node].work is not Work.PAUSE:
            raise _no_pause(program, row, request.pause)
        if is_to_be_decided and row.complete_us is not None:
            refuse_ended(row)
        raise NotFound(
            f"execution {execution_id} has not come to pause {request.pause}: it is {row.status.name}",
            facts={"status": row.status.name},
        )

    async def _view(self, subject: Subject, caller: Caller) -> Pause:
        return await self._reader.view(subject, caller.grants)


def _pause_index(program: Program, row: ExecutionRow, name: str) -> int:
    """Any node may wait for a person: a policy may require it."""
    if name in program.graph.names:
        return program.graph.names.index(name)
    raise _no_pause(program, row, name)


def _no_pause(program: Program, row: ExecutionRow, name: str) -> NotFound:
    known = ", ".join(pause_names(program)) or "none"
    return NotFound(f"flow {row.flow} has no pause {name[:80]!r}; its pauses are: {known}")


def _place(token: str, binding: str) -> Place:
    """Raises PageTokenError."""
    execution_id, _, sequence = page.decode(token, binding).partition(" ")
    if is_execution_id(execution_id) and sequence.isdecimal() and len(sequence) <= 10:
        return Place(execution_id, int(sequence))
    raise page.PageTokenError("expected the next_page_token of the answer before, got another text")
