"""Configs and secrets over HTTP and gRPC, each over a real socket, with real services and a real store."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import grpc
import pytest

from penstock.engine.rpc.server import GrpcServer
from penstock.engine.rpc.settings.config_service import ConfigService
from penstock.engine.rpc.settings.secret_service import SecretService
from penstock.engine.rpc.status import rpc_error
from penstock.engine.runtime.news.bulletin import Bulletin
from penstock.engine.runtime.settings.configs import Configs
from penstock.engine.runtime.settings.secrets import Secrets
from penstock.engine.storage.postgres.configs import ConfigRows
from penstock.engine.storage.postgres.database import Database
from penstock.engine.storage.postgres.registry import Registry
from penstock.engine.storage.postgres.secrets import SecretRows
from penstock.gateway.app import Gateway
from penstock.wire.gen import (
    config_service_pb2,
    config_service_pb2_grpc,
    secret_service_pb2,
    secret_service_pb2_grpc,
)
from penstock.wire.gen.config_pb2 import Config
from penstock.wire.gen.services import SERVICES
from penstock.wire.json import to_struct
from penstock.wire.service import Caller
from tests.configs.conftest import FLOW, ManualClock
from tests.gateway.fake_engine import FakeEngine

CONFIGS, SECRETS = "/configs/v1/configs", "/configs/v1/secrets"
METADATA = (("authorization", "Bearer psk_ada"),)
TIME = "2023-11-14T22:13:20.123457Z"


def guarded(service: Any, attribute: str) -> Any:
    async def answer(request: Any, caller: Caller) -> Any:
        try:
            return await getattr(service, attribute)(request, caller)
        except Exception as error:
            raise rpc_error(error) from error

    return answer


@pytest.fixture
def engine(
    database: Database, registry: Registry, secrets: Secrets, bulletin: Bulletin, clock: ManualClock
) -> FakeEngine:
    """Only these two services do anything."""
    rows = ConfigRows(database)
    real = {
        "ConfigService": ConfigService(rows, Configs(rows, bulletin), registry, clock),
        "SecretService": SecretService(SecretRows(database), secrets),
    }
    return FakeEngine(
        answers={
            method.attribute: guarded(real[spec.name], method.attribute)
            for spec in SERVICES
            if spec.name in real
            for method in spec.methods
        }
    )


@pytest.fixture
async def http(engine: FakeEngine) -> AsyncIterator[aiohttp.ClientSession]:
    gateway = Gateway(engine, "127.0.0.1", 0)
    await gateway.start()
    headers = {"Authorization": "Bearer psk_ada"}
    async with aiohttp.ClientSession(gateway.url, headers=headers, timeout=aiohttp.ClientTimeout(10)) as session:
        yield session
    await gateway.stop()


@pytest.fixture
async def channel(engine: FakeEngine) -> AsyncIterator[grpc.aio.Channel]:
    server = GrpcServer(engine)
    await server.start("127.0.0.1", 0)
    async with grpc.aio.insecure_channel(f"127.0.0.1:{server.port}") as channel:
        yield channel
    await server.stop(0)


async def call(http: aiohttp.ClientSession, method: str, path: str, body: Any = None) -> tuple[int, Any]:
    async with http.request(method, path, json=body) as answer:
        return answer.status, await answer.json()


async def test_configs_over_http(http: aiohttp.ClientSession) -> None:
    values = {"region": "eu", "limits": {"orders": 10, "rate": 0.5, "tags": ["a", None]}}
    nodes = {"boil": {"timeout": "1.500s", "retries": {"max_attempts": 3}}}
    status, made = await call(
        http, "POST", CONFIGS, {"config_id": "night", "flow": FLOW, "values": values, "nodes": nodes}
    )
    assert (status, made["values"], made["create_time"]) == (200, values, TIME)
    assert made["nodes"]["boil"]["retries"]["max_attempts"] == 3
    assert await call(http, "GET", f"{CONFIGS}/night") == (200, made)
    path = f"{CONFIGS}/night?update_mask=isDefault,values"
    status, changed = await call(http, "PATCH", path, {"is_default": True})
    assert (status, changed["is_default"], changed["flow"], "values" in changed) == (200, True, FLOW, False)
    status, whole = await call(http, "PATCH", f"{CONFIGS}/new?update_mask=*&allow_missing=true", {"description": "x"})
    assert (status, whole["config_id"], whole["description"]) == (200, "new", "x")
    status, listed = await call(http, "GET", f"{CONFIGS}?flow={FLOW}")
    assert (status, [one["config_id"] for one in listed["configs"]]) == (200, ["night"])
    assert await call(http, "DELETE", f"{CONFIGS}/night") == (200, {})
    status, refused = await call(http, "GET", f"{CONFIGS}/night")
    assert (status, refused["code"], refused["error"]) == (404, "NOT_FOUND", "there is no config night")


@pytest.mark.parametrize(
    ("body", "path", "status"),
    [
        ({"config_id": "Night"}, "config.config_id", 400),
        ({"config_id": "night", "values": []}, "values", 400),
        ({"config_id": "night", "nodes": {"boil": {"timeout": "0s"}}}, "config.nodes.boil.timeout", 400),
        ({"config_id": "night", "nodes": {"boil": {"retries": {"attempts": 1}}}}, "attempts", 400),
    ],
)
async def test_wrong_config_over_http_names_the_path(
    http: aiohttp.ClientSession, body: Any, path: str, status: int
) -> None:
    came, refused = await call(http, "POST", CONFIGS, body)
    assert came == status
    assert refused["details"]["violations"][0]["field"].endswith(path)


async def test_secrets_over_http(http: aiohttp.ClientSession, secrets: Secrets) -> None:
    status, made = await call(http, "PUT", f"{SECRETS}/stripe_key", {"value": "sk_live_1"})
    assert (status, made) == (
        200,
        {"name": "stripe_key", "create_time": TIME, "update_time": TIME, "key_id": "key1"},
    )
    assert await secrets.values("ada", ["stripe_key"]) == {"stripe_key": "sk_live_1"}
    status, listed = await call(http, "GET", SECRETS)
    assert (status, listed["secrets"]) == (200, [made])
    assert (await call(http, "GET", f"{SECRETS}/stripe_key"))[0] == 405
    assert await call(http, "DELETE", f"{SECRETS}/stripe_key") == (200, {})
    assert (await call(http, "DELETE", f"{SECRETS}/stripe_key"))[0] == 404
    status, refused = await call(http, "PUT", f"{SECRETS}/pin", {"value": "123"})
    assert (status, refused["details"]["violations"][0]["field"]) == (400, "value")


async def test_configs_over_grpc(channel: grpc.aio.Channel) -> None:
    stub: Any = config_service_pb2_grpc.ConfigServiceStub(channel)  # type: ignore[no-untyped-call]
    given = Config(config_id="night", values=to_struct({"region": "eu"}), is_default=True)
    await stub.CreateConfig(config_service_pb2.CreateConfigRequest(config=given), metadata=METADATA)
    found = await stub.GetConfig(config_service_pb2.GetConfigRequest(config_id="night"), metadata=METADATA)
    assert (found.values, found.is_default) == (given.values, True)
    given.config_id = "other"
    with pytest.raises(grpc.aio.AioRpcError) as raised:
        await stub.CreateConfig(config_service_pb2.CreateConfigRequest(config=given), metadata=METADATA)
    assert raised.value.code() is grpc.StatusCode.FAILED_PRECONDITION
    assert raised.value.details() == "config night is the default of the account already: take is_default from it first"


async def test_secrets_over_grpc(channel: grpc.aio.Channel) -> None:
    stub: Any = secret_service_pb2_grpc.SecretServiceStub(channel)  # type: ignore[no-untyped-call]
    request = secret_service_pb2.PutSecretRequest(name="stripe_key", value="sk_live_1")
    made = await stub.PutSecret(request, metadata=METADATA)
    listed = await stub.ListSecrets(secret_service_pb2.ListSecretsRequest(), metadata=METADATA)
    assert list(listed.secrets) == [made]
    assert "sk_live_1" not in str(listed)
    with pytest.raises(grpc.aio.AioRpcError) as raised:
        await stub.ListSecrets(secret_service_pb2.ListSecretsRequest())
    assert raised.value.code() is grpc.StatusCode.UNAUTHENTICATED
