"""LimitService: says how much an account and its keys may ask for."""

from __future__ import annotations

import math
from collections.abc import Callable

from google.protobuf.empty_pb2 import Empty

from penstock.engine.compiler.naming import is_name
from penstock.engine.domain import limits, page
from penstock.engine.domain.errors import InvalidArgument, NotFound
from penstock.engine.domain.execution_limit import EVERY_FLOW
from penstock.engine.domain.rate import Rate
from penstock.engine.rpc import requests
from penstock.engine.rpc.messages import timestamp
from penstock.engine.rpc.settings.execution_limits import limit_message, read_limit
from penstock.engine.runtime.clock import Clock
from penstock.engine.runtime.places import Places
from penstock.engine.storage.postgres.execution_limits import LimitRow
from penstock.engine.storage.postgres.keys import KeyRows
from penstock.engine.storage.postgres.rate_limits import EVERY_KEY, RateLimits, RateRow
from penstock.engine.storage.postgres.registry import Registry
from penstock.wire.gen import limit_service_pb2 as pb
from penstock.wire.gen.limit_pb2 import ExecutionLimit, RateLimit
from penstock.wire.service import Caller

_ANY = "-"


class LimitService:
    """See proto/penstock/v1/limit_service.proto."""

    def __init__(
        self,
        rates: RateLimits,
        keys: KeyRows,
        registry: Registry,
        places: Places,
        clock: Clock,
        changed: Callable[[], None],
    ) -> None:
        """`changed` tells every process that what it knows of keys holds no longer."""
        self._rates = rates
        self._registry = registry
        self._places = places
        self._keys = keys
        self._clock = clock
        self._changed = changed

    async def get_rate_limit(self, request: pb.GetRateLimitRequest, caller: Caller) -> RateLimit:
        key_id = await self._key_id(request.key_id, caller)
        return _message(key_id, await self._rates.applying(caller.account, key_id))

    async def list_rate_limits(self, request: pb.ListRateLimitsRequest, caller: Caller) -> pb.ListRateLimitsResponse:
        size = requests.page_size(request)
        binding = f"rate limits|{caller.account}"
        after = page.decode(request.page_token, binding) if request.page_token else ""
        answer = pb.ListRateLimitsResponse()
        if not after:
            general = await self._rates.applying(caller.account, EVERY_KEY)
            answer.rate_limits.append(_message(EVERY_KEY, general))
        room = size - len(answer.rate_limits)
        found = await self._rates.limits(caller.account, EVERY_KEY if after == _ANY else after, room + 1)
        answer.rate_limits.extend(_message(row.key_id, row) for row in found[:room])
        if len(found) > room:
            answer.next_page_token = page.encode(answer.rate_limits[-1].key_id, binding)
        return answer

    async def put_rate_limit(self, request: pb.PutRateLimitRequest, caller: Caller) -> RateLimit:
        key_id, rate = await self._key_id(request.key_id, caller), _rate(request)
        row = RateRow(key_id, rate, caller.key_id, self._clock.now_us())
        await self._rates.put(caller.account, row)
        self._changed()
        return _message(key_id, row)

    async def delete_rate_limit(self, request: pb.DeleteRateLimitRequest, caller: Caller) -> Empty:
        key_id = EVERY_KEY if request.key_id == _ANY else request.key_id
        if not await self._rates.delete(caller.account, key_id):
            whose = f"key {key_id[:80]!r} has" if key_id else "the account has"
            raise NotFound(f"{whose} no rate limit of its own")
        self._changed()
        return Empty()

    async def get_execution_limit(self, request: pb.GetExecutionLimitRequest, caller: Caller) -> ExecutionLimit:
        flow = await self._flow(request.flow, caller)
        row = await self._places.execution_limits.limit(caller.account, flow)
        if row is None:
            raise _no_limit(flow)
        return limit_message(row)

    async def list_execution_limits(
        self, request: pb.ListExecutionLimitsRequest, caller: Caller
    ) -> pb.ListExecutionLimitsResponse:
        size = requests.page_size(request)
        binding = f"execution limits|{caller.account}"
        after = page.decode(request.page_token, binding) if request.page_token else None
        answer = pb.ListExecutionLimitsResponse()
        general = None if after is not None else await self._places.execution_limits.limit(caller.account, EVERY_FLOW)
        if general is not None:
            answer.execution_limits.append(limit_message(general))
        room = size - len(answer.execution_limits)
        after = EVERY_FLOW if after is None or after == _ANY else after
        found = await self._places.execution_limits.limits(caller.account, after, room + 1)
        answer.execution_limits.extend(map(limit_message, found[:room]))
        if len(found) > room:
            answer.next_page_token = page.encode(answer.execution_limits[-1].flow, binding)
        return answer

    async def put_execution_limit(self, request: pb.PutExecutionLimitRequest, caller: Caller) -> ExecutionLimit:
        flow = await self._flow(request.flow, caller)
        row = LimitRow(read_limit(request, flow), caller.key_id, self._clock.now_us())
        await self._places.execution_limits.put(caller.account, row)
        await self._places.changed(caller.account)
        return limit_message(row)

    async def delete_execution_limit(self, request: pb.DeleteExecutionLimitRequest, caller: Caller) -> Empty:
        flow = EVERY_FLOW if request.flow == _ANY else request.flow
        if not await self._places.execution_limits.delete(caller.account, flow):
            raise _no_limit(flow)
        await self._places.changed(caller.account)
        return Empty()

    async def _flow(self, name: str, caller: Caller) -> str:
        """A flow as limits name it. Raises NotFound: a limit of a flow that is misspelt would never apply."""
        if name == _ANY:
            return EVERY_FLOW
        if not is_name(name):
            raise InvalidArgument(f'flow: expected the name of a flow, or "{_ANY}", got {name[:80]!r}', field="flow")
        has_versions = await self._registry.version(caller.account, name, 1) is not None
        if not has_versions and await self._registry.draft(caller.account, name) is None:
            raise NotFound(f"there is no flow {name}")
        return name

    async def _key_id(self, key_id: str, caller: Caller) -> str:
        """A key as limits name it. Raises NotFound: a limit of a key that is misspelt would never apply."""
        if key_id == _ANY:
            return EVERY_KEY
        return (await self._keys.key(caller.account, key_id)).key_id


def _no_limit(flow: str) -> NotFound:
    return NotFound(f"{f'flow {flow[:80]!r} has' if flow else 'the account has'} no limit of executions of its own")


def _rate(request: pb.PutRateLimitRequest) -> Rate:
    """Raises InvalidArgument."""
    per_second, least, most = request.calls_per_second, limits.RATE_PER_SECOND_MIN, limits.RATE_PER_SECOND_MAX
    # Written so that NaN is outside.
    if not least <= per_second <= most:
        raise InvalidArgument(
            f"calls_per_second: expected {least:g} to {most:,}, got {per_second:g}", field="calls_per_second"
        )
    burst = request.burst or math.ceil(per_second)
    if not 1 <= burst <= limits.RATE_BURST_MAX:
        raise InvalidArgument(f"burst: expected 1 to {limits.RATE_BURST_MAX:,}, got {burst:,}", field="burst")
    return Rate(per_second, burst)


def _message(key_id: str, row: RateRow | None) -> RateLimit:
    message = RateLimit(key_id=key_id or _ANY)
    if row is None:
        message.source = RateLimit.NONE
        return message
    message.calls_per_second, message.burst = row.rate.per_second, row.rate.burst
    message.source = RateLimit.KEY if row.key_id else RateLimit.ACCOUNT
    message.update_time.CopyFrom(timestamp(row.update_us))
    message.set_by = row.set_by
    return message
