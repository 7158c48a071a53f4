"""Counts gRPC calls by method: each method has its own counts, found before it is called."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing
from time import monotonic
from typing import Any

from grpc import StatusCode

from penstock.engine.rpc.calls import Context
from penstock.wire.metrics import Family, Histogram, counter, histogram

_OK = StatusCode.OK.name
_CANCELLED = StatusCode.CANCELLED.name
_UNKNOWN = StatusCode.UNKNOWN.name
_NAMES = {code.value[0]: code.name for code in StatusCode}


class MethodCounts:
    """`durations` are of methods with one answer; streams last as long as their readers like."""

    __slots__ = ("codes", "durations", "name")

    def __init__(self, name: str) -> None:
        self.name = name
        self.codes: dict[str, int] = {}
        self.durations = Histogram()

    def unary(self, answer: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
        """`answer`, whose last argument is the context of the call, with each call counted."""

        async def count(*given: Any) -> Any:
            begin = monotonic()
            code = _CANCELLED
            try:
                response = await answer(*given)
                code = _OK
                return response
            except Exception:
                code = _code(given[-1])
                raise
            finally:
                self.codes[code] = self.codes.get(code, 0) + 1
                self.durations.observe(monotonic() - begin)

        return count

    def streaming(self, answer: Callable[..., Any]) -> Callable[..., AsyncIterator[Any]]:
        """Like `unary`, of an answer that is a stream."""

        async def count(*given: Any) -> AsyncIterator[Any]:
            code = _CANCELLED
            try:
                async with aclosing(answer(*given)) as messages:
                    async for message in messages:
                        yield message
                code = _OK
            except Exception:
                code = _code(given[-1])
                raise
            finally:
                self.codes[code] = self.codes.get(code, 0) + 1

        return count


class CallCounts:
    """All methods of one gRPC server."""

    def __init__(self) -> None:
        self._methods: dict[str, MethodCounts] = {}

    def of(self, name: str) -> MethodCounts:
        """`name` is service/method, of a bounded number."""
        return self._methods.setdefault(name, MethodCounts(name))

    def families(self) -> list[Family]:
        """Of methods that were called."""
        requests = counter("penstock_grpc_requests", "gRPC calls that ended, by method and status.")
        durations = histogram("penstock_grpc_request_duration_seconds", "How long gRPC calls took; no streams.")
        for name, method in sorted(self._methods.items()):
            for code, count in sorted(method.codes.items()):
                requests.add(count, method=name, code=code)
            if method.durations.count:
                durations.add_histogram(method.durations, method=name)
        return [requests, durations]


def _code(context: Context) -> str:
    """The status that a call was ended with."""
    code: Any = context.code()
    return _NAMES.get(getattr(code, "value", (code,))[0], _UNKNOWN)
