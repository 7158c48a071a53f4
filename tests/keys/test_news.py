"""A change of a key is heard of in every process."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from typing import Any

import pytest

from penstock.engine.storage.postgres.notices import Notices
from penstock.wire.gen.flow_pb2 import Flow
from tests.keys.test_keys import until
from tests.keys.ward import ACCOUNT, Refused, Ward

CHANNEL = "penstock_keys"


async def heard(ward: Ward, act: Any) -> str:
    """What processes elsewhere are told when something is done."""
    notices: Notices = ward.engine.runtime.key_news._notices
    async with asyncio.timeout(20), aclosing(notices.heard([CHANNEL])) as told:  # type: ignore[type-var]
        await anext(told)
        act()
        return (await anext(told)).text


def test_processes_of_other_data_directories_are_told(ward: Ward) -> None:
    assert ward.run(heard(ward, ward.engine.runtime.key_news.changed)) == "changed"


def test_a_process_forgets_what_it_knew_when_it_is_told(ward: Ward) -> None:
    key = ward.key("executions:read")
    assert ward.http("GET", "/invocations/v1/executions", key=key).status == 200
    database = ward.engine.face.keys._rows._database
    # As another process does it, which has a mark of its own.
    ward.run(database.execute("update api_keys set revoke_time = now() where key_id = %s", (key.split("_")[1],)))
    news = ward.engine.runtime.key_news
    before = news.mark()
    ward.run(database.execute("select pg_notify(%s, 'changed')", (CHANNEL,)))
    until(lambda: news.mark() != before)
    assert ward.http("GET", "/invocations/v1/executions", key=key).status == 401


def test_a_gateway_that_looked_an_alias_up_just_before_it_moved_is_not_refused(ward: Ward) -> None:
    """It names the artifact that it found the types of, and the flow."""
    face = ward.engine.face
    publisher, registry = face.publisher, face.publisher._registry
    flow: Flow = ward.run(registry.draft(ACCOUNT, "hello"))
    flow.flow = "moving"
    compiled = []
    for description in ("one", "two"):
        flow.nodes["say"].timeout.FromSeconds(len(compiled) + 5)
        flow.description = description
        artifact, _ = ward.run(publisher.compile(ACCOUNT, flow, validate_only=False, allow_breaking=False))
        compiled.append(artifact.graph_id)
    key = ward.key("invoke:moving@live")
    for graph_id in compiled:
        ward.ask("InvocationService.InvokeFlow", key=key, flow="moving", graph_id=graph_id, input={"text": "x"})
    database = face.keys._rows._database
    ward.run(database.execute("update alias_moves set move_time = move_time - interval '2 minutes'"))
    with pytest.raises(Refused) as refused:
        ward.ask("InvocationService.InvokeFlow", key=key, flow="moving", graph_id=compiled[0], input={"text": "x"})
    assert refused.value.facts == {"scope": "invoke:moving"}
