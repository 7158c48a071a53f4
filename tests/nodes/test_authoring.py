"""What authors import: decorators and errors."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Iterator

import pytest

import penstock.sdk as sdk
from penstock.engine.domain.artifact import NodeKind
from penstock.engine.nodes.authoring import ATTRIBUTE, Declaration, collect
from penstock.sdk import NodeError, node, pipeline


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
        node(retries=3, secrets=["key"], signals={"approved": int})(greet)
    node(greet)
    assert declared == [
        Declaration(greet, NodeKind.PIPELINE, "hi", "5s", "Says hi."),
        Declaration(greet, NodeKind.UNARY, "greet", retries=3, secrets=["key"], signals={"approved": int}),
    ]
    assert getattr(greet, ATTRIBUTE) == Declaration(greet, NodeKind.UNARY, "greet")


def test_unknown_argument_of_a_decorator_is_refused() -> None:
    with pytest.raises(TypeError, match=r"@node has no argument retry; did you mean retries\?"):
        node(retry=3)  # type: ignore[call-overload]


@pytest.mark.parametrize("thing", ["greet", len, type, 5])
def test_only_functions_can_be_decorated(thing: object) -> None:
    with pytest.raises(TypeError, match="@node goes on a function, not on"):
        node(thing)  # type: ignore[call-overload]


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
