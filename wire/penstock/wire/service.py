"""What a proto service looks like to Python code that serves it or calls it.

`penstock.wire.gen.services` holds one Protocol a service, generated from the protos. The engine's
services satisfy them; the gateway calls them through them, in one process without a socket between.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls. Made from the API key alone, never from a request."""

    account: str
    key_id: str
    key_name: str = field(default="", kw_only=True)
    """What whoever made the key called it."""


@dataclass(frozen=True, slots=True)
class MethodSpec:
    """One RPC. `attribute` is the name of the Python method, `path` the HTTP/2 path of gRPC."""

    name: str
    attribute: str
    path: str
    request: type[Any]
    response: type[Any]
    server_streaming: bool


@dataclass(frozen=True, slots=True)
class ServiceSpec:
    """One service and its methods, in the order of the proto file."""

    name: str
    full_name: str
    methods: tuple[MethodSpec, ...]


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

    async def ready(self) -> bool:
        """Whether it can accept and drive executions now."""
        ...
