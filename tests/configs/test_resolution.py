"""What profiles give to an execution: account default, flow default, named one, each over the one before."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

import pytest
from google.protobuf.duration_pb2 import Duration

from penstock.engine.domain.errors import InvalidArgument, NotFound
from penstock.engine.runtime.news.bulletin import Bulletin
from penstock.engine.runtime.settings.configs import Configs, merge
from penstock.engine.storage.postgres.configs import ConfigRows
from penstock.engine.storage.postgres.database import Database
from penstock.wire.gen.config_pb2 import Config
from penstock.wire.gen.execution_options_pb2 import ExecutionOptions, NodeOverride
from penstock.wire.gen.retries_pb2 import Retries
from penstock.wire.json import from_struct, to_struct
from tests.configs.conftest import ADA, BOB, FLOW
from tests.storage.samples import NOW_US

Put = Callable[..., Coroutine[Any, Any, None]]


@pytest.fixture
def rows(database: Database) -> ConfigRows:
    return ConfigRows(database)


@pytest.fixture
def configs(rows: ConfigRows, bulletin: Bulletin) -> Configs:
    return Configs(rows, bulletin)


@pytest.fixture
def put(rows: ConfigRows, configs: Configs) -> Put:
    async def put(
        config_id: str,
        values: dict[str, Any] | None = None,
        *,
        flow: str = "",
        is_default: bool = False,
        nodes: dict[str, NodeOverride] | None = None,
    ) -> None:
        config = Config(config_id=config_id, flow=flow, is_default=is_default, nodes=nodes or {})
        config.values.CopyFrom(to_struct(values or {}))
        await rows.create(ADA.account, config, NOW_US)
        configs.changed()

    return put


@pytest.mark.parametrize(
    ("under", "over", "merged"),
    [
        ({}, {}, {}),
        ({"a": 1}, {"b": 2}, {"a": 1, "b": 2}),
        ({"a": 1}, {"a": "x"}, {"a": "x"}),
        ({"a": {"b": 1, "c": 2}}, {"a": {"c": 3}}, {"a": {"b": 1, "c": 3}}),
        ({"a": [1, 2]}, {"a": [3]}, {"a": [3]}),
        ({"a": 1, "b": 2}, {"a": None}, {"b": 2}),
        ({"a": {"b": 1}}, {"a": {"b": None}}, {"a": {}}),
        ({}, {"a": None}, {}),
        ({}, {"a": {"b": None, "c": 1}}, {"a": {"c": 1}}),
        ({"a": {"b": 1}}, {"a": 1}, {"a": 1}),
        ({"a": 1}, {"a": {"b": 1}}, {"a": {"b": 1}}),
        ({}, {"a": [None]}, {"a": [None]}),
    ],
)
def test_merge_is_that_of_rfc_7396(under: dict[str, Any], over: dict[str, Any], merged: dict[str, Any]) -> None:
    before = repr((under, over))
    assert merge(under, over) == merged
    assert repr((under, over)) == before


async def test_nothing_applies_without_profiles(configs: Configs) -> None:
    assert await configs.resolve(ADA.account, FLOW, "") is None


async def test_each_layer_lies_over_the_one_before(configs: Configs, put: Put) -> None:
    await put("base", {"region": "eu", "db": {"host": "a", "port": 1}, "tags": [1]}, is_default=True)
    await put("of-tea", {"db": {"host": "b"}, "tags": [2, 3]}, flow=FLOW, is_default=True)
    await put("night", {"region": None, "db": {"port": 2}}, flow=FLOW)
    await put("of-milk", {"region": "moon"}, flow="milk", is_default=True)

    found = await configs.resolve(ADA.account, FLOW, "night")
    assert found is not None
    assert found.values == {"db": {"host": "b", "port": 2}, "tags": [2, 3]}
    assert from_struct(found.config) == found.values
    unnamed = await configs.resolve(ADA.account, FLOW, "")
    assert unnamed is not None
    assert unnamed.values == {"region": "eu", "db": {"host": "b", "port": 1}, "tags": [2, 3]}
    assert (found.config_id, unnamed.config_id) == ("night", "")


async def test_default_that_is_named_lies_on_top(configs: Configs, put: Put) -> None:
    await put("base", {"a": "account", "b": 1}, is_default=True)
    await put("of-tea", {"a": "flow"}, flow=FLOW, is_default=True)
    found = await configs.resolve(ADA.account, FLOW, "base")
    assert found is not None and found.values == {"a": "account", "b": 1}


async def test_overrides_are_merged_field_by_field(configs: Configs, put: Put) -> None:
    def override(timeout_ms: int = 0, **retries: Any) -> NodeOverride:
        made = NodeOverride()
        if timeout_ms:
            made.timeout.FromMilliseconds(timeout_ms)
        if retries:
            made.retries.CopyFrom(Retries(**retries))
        return made

    slow = Duration(seconds=1)
    below = override(1_000, max_attempts=3, initial_backoff=slow, jitter=0.5, retry_on=["A", "B"])
    above = override(500, initial_backoff=Duration(nanos=5), jitter=0.0, retry_on=["C"])
    await put("base", is_default=True, nodes={"boil": below, "pour": override(7)})
    await put("quick", nodes={"boil": above})
    found = await configs.resolve(ADA.account, FLOW, "quick")
    assert found is not None
    assert dict(found.nodes) == {
        "boil": override(500, max_attempts=3, initial_backoff=Duration(nanos=5), jitter=0.0, retry_on=["C"]),
        "pour": override(7),
    }


async def test_only_nodes_of_the_flow_are_frozen(configs: Configs, put: Put) -> None:
    slow = NodeOverride(timeout=Duration(seconds=9))
    await put("base", {"a": 1}, is_default=True, nodes={"boil": slow, "of_another_flow": slow})
    found = await configs.resolve(ADA.account, FLOW, "")
    assert found is not None
    found.check_nodes(["boil"])
    options = ExecutionOptions()
    found.freeze(options, ["boil", "pour"])
    assert options == ExecutionOptions(config=to_struct({"a": 1}), nodes={"boil": slow})


async def test_named_profile_with_an_unknown_node_is_refused(configs: Configs, put: Put) -> None:
    await put("quick", nodes={"boil": NodeOverride(), "bril": NodeOverride(), "brew": NodeOverride()})
    found = await configs.resolve(ADA.account, FLOW, "quick")
    assert found is not None
    with pytest.raises(InvalidArgument) as raised:
        found.check_nodes(["boil"])
    expected = "config_id: config quick changes nodes that the flow does not have: brew, bril"
    assert (str(raised.value), raised.value.field) == (expected, "config_id")


async def test_unknown_profile_is_not_found(configs: Configs, put: Put) -> None:
    await put("base", is_default=True)
    with pytest.raises(NotFound, match="there is no config night"):
        await configs.resolve(ADA.account, FLOW, "night")
    with pytest.raises(NotFound):
        await configs.resolve(BOB.account, FLOW, "base")


async def test_profile_of_another_flow_is_refused(configs: Configs, put: Put) -> None:
    await put("creamy", flow="milk")
    with pytest.raises(InvalidArgument) as raised:
        await configs.resolve(ADA.account, FLOW, "creamy")
    assert raised.value.field == "config_id"
    assert "expected a config of flow tea or of every flow, got creamy, which is for flow milk" in str(raised.value)


async def test_what_is_resolved_is_remembered_until_something_changes(
    configs: Configs, rows: ConfigRows, put: Put, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[str, ...]] = []
    applying = rows.applying

    async def counted(*key: str) -> list[Config]:
        asked.append(key)
        return await applying(*key)

    monkeypatch.setattr(rows, "applying", counted)
    monkeypatch.setattr(configs._resolved, "_clock", lambda: 0.0)
    assert [await configs.resolve(ADA.account, FLOW, "") for _ in range(3)] == [None, None, None]
    assert asked == [(ADA.account, FLOW, "")]
    await put("base", {"a": 1}, is_default=True)
    first, second = [await configs.resolve(ADA.account, FLOW, "") for _ in range(2)]
    assert first is second is not None
    assert len(asked) == 2
