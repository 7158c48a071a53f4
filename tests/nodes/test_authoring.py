"""What authors import: decorators, errors and the context of the running node."""

from __future__ import annotations

import asyncio
import logging
import subprocess
import sys
from collections.abc import Iterator
from contextvars import copy_context
from datetime import UTC, datetime

import pytest

import penstock.sdk as sdk
from penstock.engine.domain.artifact import NodeKind
from penstock.engine.nodes.authoring import ATTRIBUTE, Declaration, collect
from penstock.sdk import NodeContext, NodeError, NoNodeRunning, context, current, node, pipeline


def test_decorated_function_is_the_function_itself() -> None:
    def plain(request: int) -> int:
        return request + 1

    async def waits(request: int) -> int:
        return request + 1

    def many(request: int) -> Iterator[int]:
        yield from range(request)

    assert node(plain) is plain
    assert node(timeout=3)(waits) is waits
    assert pipeline(name="spread")(many) is many
    assert (plain(1), asyncio.run(waits(1)), list(many(2))) == (2, 2, [0, 1])


def test_declaration_holds_what_the_author_wrote() -> None:
    def greet() -> None: ...

    with collect() as declared:
        pipeline(name="hi", timeout="5s", description="Says hi.")(greet)
    node(greet)
    assert declared == [Declaration(greet, NodeKind.PIPELINE, "hi", "5s", "Says hi.")]
    assert getattr(greet, ATTRIBUTE) == Declaration(greet, NodeKind.UNARY, "greet", None, None)


@pytest.mark.parametrize("thing", ["greet", len, type, 5])
def test_only_functions_can_be_decorated(thing: object) -> None:
    with pytest.raises(TypeError, match="@node goes on a function, not on"):
        node(thing)  # type: ignore[call-overload]


def test_context_is_that_of_the_running_node() -> None:
    def look() -> tuple[object, ...]:
        current.set(NodeContext("e" * 32, "charge", attempt=2, deadline_unix_s=1_800_000_000.5))
        return (
            context.execution_id,
            context.node,
            context.attempt,
            context.idempotency_key,
            context.deadline,
        )

    deadline = datetime(2027, 1, 15, 8, 0, 0, 500000, UTC)
    assert copy_context().run(look) == ("e" * 32, "charge", 2, f"{'e' * 32}/charge", deadline)


def test_nothing_bounds_a_node_without_a_deadline() -> None:
    assert NodeContext("e", "n").deadline is None


@pytest.mark.parametrize("name", ["execution_id", "node", "attempt", "idempotency_key", "deadline"])
def test_context_of_no_node_is_an_error(name: str) -> None:
    with pytest.raises(NoNodeRunning, match="no node is running"):
        getattr(context, name)


def test_log_marks_records_with_the_run_and_keeps_the_authors_fields(caplog: pytest.LogCaptureFixture) -> None:
    def log() -> None:
        context.log.warning("outside", extra={"cents": 1})
        current.set(NodeContext("e", "charge", attempt=3))
        context.log.warning("inside", extra={"cents": 2})

    with caplog.at_level(logging.WARNING, "penstock.node"):
        copy_context().run(log)
    names = ("execution_id", "node", "attempt", "cents")
    assert [(record.message, *(getattr(record, name, None) for name in names)) for record in caplog.records] == [
        ("outside", None, None, None, 1),
        ("inside", "e", "charge", 3, 2),
    ]


def test_each_error_says_what_sort_of_trouble_it_is() -> None:
    errors = (
        sdk.NodeError, sdk.UserError, sdk.ProviderError, sdk.ConnectorError, sdk.PolicyError, sdk.NodeTimeoutError
    )  # fmt: skip
    found = [error("what happened") for error in errors]
    assert [(e.code, e.failure_class.name, e.kind.name, e.retryable, str(e)) for e in found] == [
        ("NODE_ERROR", "LOGIC", "USER", False, "what happened"),
        ("USER_ERROR", "LOGIC", "USER", False, "what happened"),
        ("PROVIDER_ERROR", "PROVIDER", "SYSTEM", True, "what happened"),
        ("CONNECTOR_ERROR", "CONNECTOR", "SYSTEM", True, "what happened"),
        ("POLICY_ERROR", "POLICY", "USER", False, "what happened"),
        ("NODE_TIMEOUT", "TIMEOUT", "SYSTEM", True, "what happened"),
    ]


def test_error_takes_a_code_and_whether_to_try_again() -> None:
    error = sdk.ProviderError("no money", code="CARD_DECLINED", retryable=False)
    assert isinstance(error, NodeError)
    assert (error.message, error.code, error.retryable) == ("no money", "CARD_DECLINED", False)


def test_sdk_is_light() -> None:
    heavy = {"google", "grpc", "yaml", "jsonschema", "asyncio"}
    program = f"import sys, penstock.sdk; print(sorted({heavy} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
