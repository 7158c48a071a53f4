"""What a proto service looks like to Python code that serves it or calls it.

`penstock.wire.gen.services` holds one Protocol a service, generated from the protos. The engine's
services satisfy them; the gateway calls them through them, in one process without a socket between.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from penstock.wire.metrics import Family
from penstock.wire.scopes import ADMIN, ANY_KEY, EVERYTHING, Grants


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls. Made from the API key alone, never from a request."""

    account: str
    key_id: str
    key_name: str = field(default="", kw_only=True)
    """What whoever made the key called it."""
    grants: Grants = field(default=EVERYTHING, kw_only=True, repr=False, compare=False)
    """What the key may do. Everything for who calls from within the process."""
    expire_us: int | None = field(default=None, kw_only=True, compare=False)
    """Until when it may, as unix time in microseconds; None means for ever."""


@dataclass(frozen=True, slots=True)
class MethodSpec:
    """One RPC. `attribute` is the name of the Python method, `path` the HTTP/2 path of gRPC.

    `scope` is what a key needs to call it: a verb of `penstock.wire.scopes`, or ANY_KEY.
    """

    name: str
    attribute: str
    path: str
    request: type[Any]
    response: type[Any]
    server_streaming: bool
    scope: str = ADMIN

    @property
    def is_change(self) -> bool:
        """Whether its calls are to change something: more than looking is needed for them."""
        return self.scope != ANY_KEY and not self.scope.endswith(":read")


@dataclass(frozen=True, slots=True)
class ServiceSpec:
    """One service and its methods, in the order of the proto file."""

    name: str
    full_name: str
    methods: tuple[MethodSpec, ...]


OK = "ok"


@dataclass(frozen=True, slots=True)
class Readiness:
    """Whether an engine can accept and drive executions: of each thing that it needs for that OK, or what is wrong."""

    checks: Mapping[str, str]

    @property
    def is_ready(self) -> bool:
        return all(check == OK for check in self.checks.values())


class Engine(Protocol):
    """The engine as its faces see it."""

    async def authenticate(self, key: str | None) -> Caller:
        """Who the bearer of `key` is. Raises RpcError UNAUTHENTICATED for no key and for a bad one."""
        ...

    def service(self, name: str) -> Any:
        """The object behind a service, by short name ("InvocationService").

        It satisfies the generated Protocol and raises RpcError alone. KeyError for an unknown name.
        """
        ...

    async def readiness(self) -> Readiness:
        """Whether it can accept and drive executions now."""
        ...

    async def metrics(self) -> list[Family]:
        """What it tells of itself at this moment. Those of an engine in another process are that process's own."""
        ...
