"""The gRPC server: every service of the face, health and reflection on one port."""

from __future__ import annotations

import socket
from collections.abc import Sequence

import grpc
from grpc import aio
from grpc_health.v1 import health_pb2

from penstock.engine.domain import limits
from penstock.engine.rpc.access.door import Door
from penstock.engine.rpc.call_counts import CallCounts
from penstock.engine.rpc.fixed_services import FixedServices
from penstock.engine.rpc.health import NAME as HEALTH
from penstock.engine.rpc.health import PATHS as HEALTH_PATHS
from penstock.engine.rpc.health import Health
from penstock.engine.rpc.keys import Keys
from penstock.engine.rpc.reflection import Reflection
from penstock.engine.rpc.relay_service import RelayService
from penstock.engine.rpc.typed.services import TypedServices
from penstock.engine.rpc.typed.sight import Sight
from penstock.wire import relay
from penstock.wire.gen.services import SERVICES
from penstock.wire.metrics import Family, gauge
from penstock.wire.service import Engine, ServiceSpec
from penstock.wire.tls import Tls, TlsMaterial

_MESSAGE_BYTES_MAX = limits.REQUEST_BYTES_MAX + relay.ENVELOPE_BYTES_MAX
_OPTIONS = (
    ("grpc.max_receive_message_length", _MESSAGE_BYTES_MAX),
    ("grpc.max_send_message_length", _MESSAGE_BYTES_MAX),
    ("grpc.max_concurrent_streams", limits.GRPC_STREAMS_MAX),
    ("grpc.max_metadata_size", limits.METADATA_BYTES_MAX),
    # A gateway whose machine is gone is noticed, and may itself look whether this one is still there.
    ("grpc.keepalive_time_ms", 30_000),
    ("grpc.http2.min_ping_interval_without_data_ms", 5_000),
    ("grpc.server_handshake_timeout_ms", int(limits.HANDSHAKE_TIMEOUT_S * 1e3)),
    ("grpc.max_connection_idle_ms", int(limits.GRPC_IDLE_S * 1e3)),
)


class GrpcServer:
    """Started after the engine, stopped before it."""

    def __init__(
        self,
        engine: Engine,
        services: Sequence[ServiceSpec] = SERVICES,
        *,
        typed: TypedServices | None = None,
        keys: Keys | None = None,
        tls: Tls | None = None,
        shares_port: bool = False,
        connections_max: int = limits.CONNECTIONS_MAX,
    ) -> None:
        """`typed` are the services of artifacts; None: the fixed ones alone are served. `tls` None: plain text.

        `keys` are those of the engine, which a caller is asked for before gRPC reads a message; None: after it.

        `shares_port`: other processes may listen on the port too, which must not happen by accident.
        """
        own = (("grpc.so_reuseport", int(shares_port)), ("grpc.max_allowed_incoming_connections", connections_max))
        self._server = aio.server(options=(*_OPTIONS, *own))
        self._shares_port = shares_port
        # Kept: gRPC asks it for the files at each handshake.
        self._credentials = None if tls is None else _credentials(tls)
        seen = Sight(engine, None if typed is None else typed.directory)
        self._health = Health(seen)
        self._relays = RelayService(engine, services)
        self._counts = CallCounts() if typed is None else typed.counts
        fixed = (HEALTH, *(s.full_name for s in services))
        handlers: list[grpc.GenericRpcHandler] = [
            FixedServices(engine, services, self._counts),
            self._relays,
            Reflection(fixed, seen.by_caller_of),
            self._health.handler(),
        ]
        if typed is not None:
            handlers.append(typed)
        self._door = Door(handlers, (*HEALTH_PATHS, relay.PATH), keys, limits.GRPC_CALLS_MAX)
        self._server.add_generic_rpc_handlers([self._door])
        self._services = services
        self.port = 0

    async def start(self, host: str, port: int) -> None:
        """Port 0 picks a free one: see `port`. Raises OSError when the address cannot be used."""
        _check_address(host, port, shares_port=self._shares_port)
        try:
            place = address(host, port)
            if self._credentials is None:
                self.port = self._server.add_insecure_port(place)
            else:
                self.port = self._server.add_secure_port(place, self._credentials)
        except RuntimeError as error:
            raise OSError(f"cannot listen on {host}:{port} for gRPC") from error
        await self._server.start()
        for name in ("", *(spec.full_name for spec in self._services)):
            await self._health.set(name, health_pb2.HealthCheckResponse.SERVING)

    def families(self) -> list[Family]:
        gateways = gauge("penstock_grpc_gateways", "Gateways apart that are connected.", self._relays.count)
        return [*self._counts.families(), gateways, *self._door.families()]

    async def stop(self, grace_s: float) -> None:
        await self._health.enter_graceful_shutdown()
        self._relays.stop()
        await self._server.stop(grace_s)


def address(host: str, port: int) -> str:
    """HOST:PORT, with brackets around an IPv6 host."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _credentials(tls: Tls) -> grpc.ServerCredentials:
    """Of the files as they are at each handshake."""
    shown = tls.current()

    def changed() -> grpc.ServerCertificateConfiguration | None:
        """None while they are the same: gRPC takes what it is given for new, and puts it in place of what handshakes in
        its other threads use. At every handshake that ends in memory that is freed twice."""
        nonlocal shown
        now = tls.current()
        if now is shown:
            return None
        shown = now
        return _configuration(now)

    return grpc.dynamic_ssl_server_credentials(
        _configuration(shown),
        changed,  # type: ignore[arg-type]  # the stubs know no None
        require_client_authentication=shown.client_ca is not None,
    )


def _configuration(material: TlsMaterial) -> grpc.ServerCertificateConfiguration:
    pair = (material.key, material.certificate)
    return grpc.ssl_server_certificate_configuration([pair], root_certificates=material.client_ca)


def _check_address(host: str, port: int, *, shares_port: bool) -> None:
    """Finds out why an address cannot be used, which gRPC tells to its own log alone."""
    try:
        family, kind, protocol, _, place = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if shares_port:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
            probe.bind(place)
    except OSError as error:
        raise OSError(f"cannot listen on {host}:{port} for gRPC: {error.strerror or error}") from error
