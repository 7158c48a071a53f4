"""ConfigService over a real store: what it keeps, and what it refuses."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from google.protobuf.duration_pb2 import Duration
from google.protobuf.field_mask_pb2 import FieldMask
from google.protobuf.struct_pb2 import Struct, Value

from penstock.engine.domain import limits
from penstock.engine.domain.errors import AlreadyExists, Conflict, InvalidArgument, NotFound
from penstock.engine.rpc.messages import timestamp
from penstock.engine.rpc.settings.config_service import ConfigService
from penstock.engine.rpc.status import rpc_error
from penstock.engine.runtime.news.bulletin import Bulletin
from penstock.engine.runtime.settings.configs import Configs
from penstock.engine.storage.postgres.configs import ConfigRows
from penstock.engine.storage.postgres.database import Database
from penstock.engine.storage.postgres.registry import Registry
from penstock.wire.gen import config_service_pb2 as pb
from penstock.wire.gen.config_pb2 import Config
from penstock.wire.gen.execution_options_pb2 import NodeOverride
from penstock.wire.gen.retries_pb2 import Retries
from penstock.wire.json import to_struct
from penstock.wire.status import Code
from tests.configs.conftest import ADA, BOB, FLOW, ManualClock
from tests.storage.samples import NOW_US


@pytest.fixture
def service(database: Database, registry: Registry, bulletin: Bulletin, clock: ManualClock) -> ConfigService:
    rows = ConfigRows(database)
    return ConfigService(rows, Configs(rows, bulletin), registry, clock)


def config(config_id: str = "night", values: dict[str, Any] | None = None, **fields: Any) -> Config:
    return Config(config_id=config_id, values=to_struct(values) if values else None, **fields)


async def create(service: ConfigService, *configs: Config) -> None:
    for each in configs:
        await service.create_config(pb.CreateConfigRequest(config=each), ADA)


async def update(service: ConfigService, changed: Config, *paths: str, allow_missing: bool = False) -> Config:
    mask = FieldMask(paths=paths)
    request = pb.UpdateConfigRequest(config=changed, update_mask=mask, allow_missing=allow_missing)
    return await service.update_config(request, ADA)


async def get(service: ConfigService, config_id: str = "night") -> Config:
    return await service.get_config(pb.GetConfigRequest(config_id=config_id), ADA)


async def test_profile_is_kept_as_it_came(service: ConfigService) -> None:
    override = NodeOverride(timeout=Duration(seconds=3), retries=Retries(max_attempts=2))
    given = config(values={"a": [1, {"b": None}]}, flow=FLOW, description="at night", nodes={"boil": override})
    made = await service.create_config(pb.CreateConfigRequest(config=given), ADA)
    given.create_time.CopyFrom(timestamp(NOW_US))
    given.update_time.CopyFrom(timestamp(NOW_US))
    assert made == given == await get(service)


async def test_name_is_taken_once_in_an_account(service: ConfigService) -> None:
    await create(service, config(flow=FLOW))
    with pytest.raises(AlreadyExists, match="there is a config night already"):
        await create(service, config(flow="milk"))
    await service.create_config(pb.CreateConfigRequest(config=config()), BOB)


async def test_account_and_each_flow_have_one_default(service: ConfigService) -> None:
    await create(
        service,
        config("base", is_default=True),
        config("of-tea", flow=FLOW, is_default=True),
        config("of-milk", flow="milk", is_default=True),
        config("other", flow=FLOW),
    )
    with pytest.raises(Conflict) as raised:
        await create(service, config("base2", is_default=True))
    assert str(raised.value) == "config base is the default of the account already: take is_default from it first"
    assert (raised.value.reason, raised.value.facts) == ("DEFAULT_EXISTS", {"config_id": "base"})
    with pytest.raises(Conflict, match="config of-tea is the default of flow tea already"):
        await update(service, config("other", is_default=True))
    with pytest.raises(Conflict, match="config of-milk is the default of flow milk already"):
        await update(service, config("of-tea", flow="milk"))
    await update(service, config("of-tea"), "is_default")
    assert (await update(service, config("other", is_default=True))).is_default


async def test_two_at_once_make_one_default(service: ConfigService) -> None:
    both = await asyncio.gather(
        *(create(service, config(f"c{number}", flow=FLOW, is_default=True)) for number in range(2)),
        return_exceptions=True,
    )
    assert sorted(type(one).__name__ for one in both) == ["Conflict", "NoneType"]


async def test_update_changes_what_the_mask_names(service: ConfigService, clock: ManualClock) -> None:
    await create(service, config(values={"a": 1}, description="old", flow=FLOW, is_default=True))
    clock.time_us += 1_000_000
    changed = await update(service, config(values={"b": 2}, description="new"), "values", "flow")
    expected = config(values={"b": 2}, description="old", is_default=True)
    expected.create_time.CopyFrom(timestamp(NOW_US))
    expected.update_time.CopyFrom(timestamp(NOW_US + 1_000_000))
    assert changed == expected == await get(service)


async def test_update_without_a_mask_changes_what_is_set(service: ConfigService) -> None:
    await create(service, config(values={"a": 1}, description="old", is_default=True))
    changed = await update(service, config(values={"b": 2}))
    assert (changed.values, changed.description, changed.is_default) == (to_struct({"b": 2}), "old", True)


async def test_update_by_the_star_replaces_the_whole(service: ConfigService) -> None:
    await create(service, config(values={"a": 1}, description="old", is_default=True, nodes={"boil": NodeOverride()}))
    changed = await update(service, config(flow=FLOW), "*")
    assert changed == config(flow=FLOW, create_time=changed.create_time, update_time=changed.update_time)


async def test_update_makes_a_missing_one_only_when_told_to(service: ConfigService) -> None:
    with pytest.raises(NotFound, match="there is no config night"):
        await update(service, config(values={"a": 1}))
    assert (await update(service, config(values={"a": 1}), allow_missing=True)).values == to_struct({"a": 1})
    assert (await update(service, config(description="x"), allow_missing=True)).values == to_struct({"a": 1})


async def test_update_at_once_loses_nothing(service: ConfigService) -> None:
    await create(service, config())
    changes = [config(description="x"), config(values={"a": 1}), config(flow=FLOW), config(is_default=True)]
    await asyncio.gather(*(update(service, change) for change in changes))
    found = await get(service)
    assert (found.description, found.values, found.flow, found.is_default) == ("x", to_struct({"a": 1}), FLOW, True)


async def test_list_is_by_name_and_in_pages(service: ConfigService) -> None:
    await create(service, config("c"), config("a", flow=FLOW), config("b", flow="milk"), config("d", flow=FLOW))

    async def names(flow: str = "", size: int = 0, token: str = "") -> tuple[list[str], str]:
        request = pb.ListConfigsRequest(flow=flow, page_size=size, page_token=token)
        answer = await service.list_configs(request, ADA)
        return [one.config_id for one in answer.configs], answer.next_page_token

    assert await names() == (["a", "b", "c", "d"], "")
    assert await names(FLOW) == (["a", "d"], "")
    assert await names("-") == (["c"], "")
    first, token = await names(size=3)
    assert (first, await names(size=3, token=token)) == (["a", "b", "c"], (["d"], ""))
    with pytest.raises(InvalidArgument):
        await names(FLOW, 3, token)
    assert (await service.list_configs(pb.ListConfigsRequest(), BOB)).configs == []


async def test_delete_removes_it(service: ConfigService) -> None:
    await create(service, config())
    await service.delete_config(pb.DeleteConfigRequest(config_id="night"), ADA)
    for method, request in (
        (service.get_config, pb.GetConfigRequest(config_id="night")),
        (service.delete_config, pb.DeleteConfigRequest(config_id="night")),
    ):
        with pytest.raises(NotFound, match="there is no config night"):
            await method(request, ADA)  # type: ignore[operator]


async def test_flow_has_to_be_there(service: ConfigService) -> None:
    with pytest.raises(NotFound, match="there is no flow coffee"):
        await create(service, config(flow="coffee"))
    await create(service, config())
    with pytest.raises(NotFound, match="there is no flow coffee"):
        await update(service, config(flow="coffee"))


async def test_account_has_so_many_at_most(service: ConfigService, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "CONFIGS_MAX", 2)
    await create(service, config("a"), config("b"))
    with pytest.raises(Conflict, match="the account has 2 configs already"):
        await create(service, config("c"))
    await service.create_config(pb.CreateConfigRequest(config=config("c")), BOB)


def retries(**fields: Any) -> dict[str, NodeOverride]:
    return {"boil": NodeOverride(retries=Retries(**fields))}


def timeout(**fields: int) -> dict[str, NodeOverride]:
    return {"boil": NodeOverride(timeout=Duration(**fields))}


WRONG = [
    ({"config_id": ""}, "config.config_id", "expected a name such as eu-west"),
    ({"config_id": "Night"}, "config.config_id", "got 'Night'"),
    ({"config_id": "n" * 64}, "config.config_id", "expected a name"),
    ({"flow": "no-flow"}, "config.flow", "got 'no-flow'"),
    ({"description": "x" * 1_025}, "config.description", "expected at most 1,024 characters, got 1,025"),
    ({"values": to_struct({"a": "x" * 65_536})}, "config.values", "expected at most 65,536 bytes as JSON, got 65,544"),
    ({"values": Struct(fields={"a": Value(number_value=float("nan"))})}, "config.values.a", "expected number"),
    ({"nodes": {"No": NodeOverride()}}, "config.nodes", "expected names of nodes, got 'No'"),
    ({"nodes": {f"n{number}": NodeOverride() for number in range(1_001)}}, "config.nodes", "at most 1,000 nodes"),
    ({"nodes": timeout(seconds=0)}, "config.nodes.boil.timeout", "expected 1ms to 24h, got 0s"),
    ({"nodes": timeout(seconds=86_401)}, "config.nodes.boil.timeout", "got 24h1s"),
    ({"nodes": retries(max_attempts=0)}, "config.nodes.boil.retries.max_attempts", "expected 1 to 100, got 0"),
    ({"nodes": retries(max_attempts=101)}, "config.nodes.boil.retries.max_attempts", "got 101"),
    ({"nodes": retries(max_system_attempts=-1)}, "config.nodes.boil.retries.max_system_attempts", "got -1"),
    ({"nodes": retries(multiplier=0.5)}, "config.nodes.boil.retries.multiplier", "expected 1 to 100, got 0.5"),
    ({"nodes": retries(jitter=float("nan"))}, "config.nodes.boil.retries.jitter", "expected 0 to 1, got nan"),
    (
        {"nodes": retries(initial_backoff=Duration(seconds=-1))},
        "config.nodes.boil.retries.initial_backoff",
        "expected 0s to 24h, got -1s",
    ),
    ({"nodes": retries(max_backoff=Duration(seconds=86_401))}, "config.nodes.boil.retries.max_backoff", "0s to 24h"),
    ({"nodes": retries(retry_on=["timeout"])}, "config.nodes.boil.retries.retry_on", "got 'timeout'"),
    ({"nodes": retries(retry_on=["A"] * 101)}, "config.nodes.boil.retries.retry_on", "expected at most 100"),
]


@pytest.mark.parametrize(("fields", "path", "problem"), WRONG)
async def test_wrong_profile_is_refused_with_its_path(
    service: ConfigService, fields: dict[str, Any], path: str, problem: str
) -> None:
    given = Config(**({"config_id": "night"} | fields))
    for method, request in (
        (service.create_config, pb.CreateConfigRequest(config=given)),
        (service.update_config, pb.UpdateConfigRequest(config=given, allow_missing=True)),
    ):
        with pytest.raises(Exception) as raised:
            await method(request, ADA)  # type: ignore[operator]
        error = rpc_error(raised.value)
        assert error.code is Code.INVALID_ARGUMENT
        assert [violation.field for violation in error.violations] == [path]
        assert problem in str(error)
    assert (await service.list_configs(pb.ListConfigsRequest(), ADA)).configs == []


async def test_unknown_field_of_the_mask_is_refused(service: ConfigService) -> None:
    await create(service, config())
    with pytest.raises(InvalidArgument, match="update_mask: expected flow, is_default") as raised:
        await update(service, config(), "create_time")
    assert raised.value.field == "update_mask"
