"""RetentionService: says how long executions are kept, and tells of their removal."""

from __future__ import annotations

from collections.abc import Callable

from google.protobuf.empty_pb2 import Empty

from penstock.engine.compiler.naming import is_name
from penstock.engine.domain import limits, page
from penstock.engine.domain.errors import InvalidArgument, NotFound
from penstock.engine.rpc import requests
from penstock.engine.rpc.messages import timestamp
from penstock.engine.runtime.clock import Clock
from penstock.engine.storage.postgres.database import Database
from penstock.engine.storage.postgres.registry import Registry
from penstock.engine.storage.postgres.retention_policies import EVERY_FLOW, PolicyRow, RetentionPolicies
from penstock.engine.storage.postgres.sweeps import Sweeps
from penstock.wire import durations
from penstock.wire.gen import retention_service_pb2 as pb
from penstock.wire.gen.retention_pb2 import RetentionPolicy, RetentionSweep
from penstock.wire.service import Caller

_ANY = "-"


class RetentionService:
    """See proto/penstock/v1/retention_service.proto."""

    def __init__(
        self, database: Database, registry: Registry, clock: Clock, default_s: int | None, nudge: Callable[[], None]
    ) -> None:
        """`default_s` and `nudge` are those of this process's sweeper."""
        self._policies = RetentionPolicies(database)
        self._sweeps = Sweeps(database)
        self._registry = registry
        self._clock = clock
        self._default_s = default_s
        self._nudge = nudge

    async def get_retention_policy(self, request: pb.GetRetentionPolicyRequest, caller: Caller) -> RetentionPolicy:
        flow = await self._flow(request.flow, caller)
        return self._message(flow, await self._policies.applying(caller.account, flow))

    async def list_retention_policies(
        self, request: pb.ListRetentionPoliciesRequest, caller: Caller
    ) -> pb.ListRetentionPoliciesResponse:
        size = requests.page_size(request)
        binding = f"retention policies|{caller.account}"
        after = page.decode(request.page_token, binding) if request.page_token else ""
        answer = pb.ListRetentionPoliciesResponse()
        if not after:
            general = await self._policies.applying(caller.account, EVERY_FLOW)
            answer.policies.append(self._message(EVERY_FLOW, general))
        room = size - len(answer.policies)
        found = await self._policies.policies(caller.account, after, room + 1)
        answer.policies.extend(self._message(row.flow, row) for row in found[:room])
        if len(found) > room:
            answer.next_page_token = page.encode(answer.policies[-1].flow, binding)
        return answer

    async def put_retention_policy(self, request: pb.PutRetentionPolicyRequest, caller: Caller) -> RetentionPolicy:
        flow = await self._flow(request.flow, caller)
        period_s = _period_s(request)
        await self._policies.put(caller.account, flow, period_s, caller.key_id, self._clock.now_us())
        return self._message(flow, await self._policies.applying(caller.account, flow))

    async def delete_retention_policy(self, request: pb.DeleteRetentionPolicyRequest, caller: Caller) -> Empty:
        flow = EVERY_FLOW if request.flow == _ANY else request.flow
        if not await self._policies.delete(caller.account, flow):
            whose = "the account has" if flow == EVERY_FLOW else f"flow {flow[:80]} has"
            raise NotFound(f"{whose} no retention policy of its own")
        return Empty()

    async def get_retention_sweep(self, request: pb.GetRetentionSweepRequest, caller: Caller) -> RetentionSweep:
        return await self._sweep(caller)

    async def run_retention_sweep(self, request: pb.RunRetentionSweepRequest, caller: Caller) -> RetentionSweep:
        await self._sweeps.ask()
        self._nudge()
        return await self._sweep(caller)

    async def _flow(self, name: str, caller: Caller) -> str:
        """A flow as policies name it. Raises NotFound: a policy of a flow that is misspelt would never apply."""
        if name == _ANY:
            return EVERY_FLOW
        if not is_name(name):
            raise InvalidArgument(f'flow: expected the name of a flow, or "{_ANY}", got {name[:80]!r}', field="flow")
        # What is left of a flow that was deleted: its versions and their executions.
        has_versions = await self._registry.version(caller.account, name, 1) is not None
        if not has_versions and await self._registry.draft(caller.account, name) is None:
            raise NotFound(f"there is no flow {name}")
        return name

    def _message(self, flow: str, row: PolicyRow | None) -> RetentionPolicy:
        message = RetentionPolicy(flow=flow or _ANY)
        period_s = self._default_s if row is None else row.period_s
        message.is_forever = period_s is None
        if period_s is not None:
            message.period.FromSeconds(period_s)
        if row is None:
            message.source = RetentionPolicy.SERVER
            return message
        message.source = RetentionPolicy.FLOW if row.flow else RetentionPolicy.ACCOUNT
        message.update_time.CopyFrom(timestamp(row.update_us))
        message.key_id = row.key_id
        return message

    async def _sweep(self, caller: Caller) -> RetentionSweep:
        status = await self._sweeps.status(caller.account)
        message = RetentionSweep(
            state=RetentionSweep.RUNNING if status.is_running else RetentionSweep.IDLE,
            removed_count=status.removed_count,
            archived_count=status.archived_count,
            problem=status.problem,
        )
        for name in ("start", "end", "remove"):
            time_us = getattr(status, f"{name}_us")
            if time_us is not None:
                getattr(message, f"{name}_time").CopyFrom(timestamp(time_us))
        return message


def _period_s(request: pb.PutRetentionPolicyRequest) -> int | None:
    """None for ever. Raises InvalidArgument."""
    if request.is_forever and request.HasField("period"):
        raise InvalidArgument("period: expected none beside is_forever", field="period")
    if request.is_forever:
        return None
    period = request.period
    least, most = limits.RETENTION_S_MIN, limits.RETENTION_S_MAX
    if period.nanos or not least <= period.seconds <= most:
        came = durations.spell(period) if request.HasField("period") else "nothing"
        expected = f"{least // 3600} h to {most // 86_400:,} days in whole seconds, or is_forever"
        raise InvalidArgument(f"period: expected {expected}, got {came}", field="period")
    return period.seconds
