"""RelayService: carries the calls of gateways that run in processes of their own."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Any

import grpc

from penstock.engine.rpc.calls import abort
from penstock.engine.rpc.decoding import all_decoded
from penstock.engine.rpc.relay import Context, Method, Relay
from penstock.wire.gen.relay_service_pb2 import RelayRequest, RelayResponse
from penstock.wire.relay import PATH
from penstock.wire.service import Engine, ServiceSpec
from penstock.wire.status import RpcError


class RelayService(grpc.GenericRpcHandler):
    """See proto/penstock/v1/relay_service.proto; add it to the server as a generic handler.

    A stream needs no key, for its calls bring theirs: it gives nothing that the services do not give.
    """

    def __init__(self, engine: Engine, services: Sequence[ServiceSpec]) -> None:
        self._engine = engine
        self._methods = {
            method.path: Method(method, getattr(engine.service(spec.name), method.attribute))
            for spec in services
            for method in spec.methods
        }
        self._relays: set[Relay] = set()
        self._handler: grpc.RpcMethodHandler[bytes, RelayResponse] = grpc.stream_stream_rpc_method_handler(
            self._serve,
            response_serializer=RelayResponse.SerializeToString,
        )

    def service(self, handler_call_details: grpc.HandlerCallDetails) -> grpc.RpcMethodHandler[Any, Any] | None:
        return self._handler if handler_call_details.method == PATH else None

    @property
    def count(self) -> int:
        """Gateways that are connected."""
        return len(self._relays)

    def stop(self) -> None:
        """Ends each stream when its calls have been answered."""
        for relay in list(self._relays):
            relay.stop()

    async def _serve(self, raws: AsyncIterator[bytes], context: Context) -> None:
        relay = Relay(self._engine, self._methods)
        self._relays.add(relay)
        try:
            await relay.run(all_decoded(RelayRequest, raws), context)
        except RpcError as error:
            await abort(context, error)
        finally:
            self._relays.discard(relay)
