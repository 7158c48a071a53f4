"""The context of the running node: what it knows, and what it tells the host of the attempt."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from contextvars import copy_context
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest

from penstock.engine.nodes.authoring import Report, UndeclaredSecret
from penstock.sdk import (
    Host,
    LogLine,
    NodeContext,
    NodeError,
    NoNodeRunning,
    Progress,
    Usage,
    context,
    current,
    testing_context,
)


@dataclass
class Approval:
    by: str


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


def test_each_item_of_a_map_has_a_key_of_its_own() -> None:
    keys = [NodeContext("e", "charge", item=item).idempotency_key for item in (-1, 0, 17)]
    assert keys == ["e/charge", "e/charge/0", "e/charge/17"]


class Desk:
    """A host that says yes to everything and writes down what it is told."""

    def __init__(self) -> None:
        self.told: list[Report] = []
        self.redact: Callable[[str], str] | None = None

    def is_cancelled(self) -> bool:
        return True

    def config(self) -> Mapping[str, Any]:
        return {"limit": 5}

    def secret(self, name: str) -> str:
        return {"stripe_key": "sk_1"}[name]

    async def _signal(self, name: str, type_: type) -> Any:
        return type_(name)

    def signal(self, name: str, type_: type, /) -> Awaitable[Any]:
        return self._signal(name, type_)

    def report(self, report: Report) -> None:
        self.told.append(report)

    def last_frame(self) -> Any | None:
        return Approval("last")


def run_with(host: Host | None, function: Any) -> Any:
    def run() -> Any:
        current.set(NodeContext("e", "charge", host=host))
        return function()

    return copy_context().run(run)


def test_everything_else_is_asked_of_the_host() -> None:
    async def node() -> Approval:
        return await context.signal("approved", Approval)

    def look() -> tuple[object, ...]:
        return (
            context.cancelled,
            context.config,
            context.secrets["stripe_key"],
            context.last_frame,
            asyncio.run(node()),
        )

    assert run_with(Desk(), look) == (True, {"limit": 5}, "sk_1", Approval("last"), Approval("approved"))


def test_reports_go_to_the_host() -> None:
    desk = Desk()

    def tell() -> None:
        context.progress(0.5, "half")
        context.progress(1.0 + 1e-9)
        context.usage(provider="openai", model="gpt", input_tokens=7, output_tokens=3, cost_usd=0.25)
        context.usage(provider="maps", model="geocode")

    run_with(desk, tell)
    assert desk.told == [
        Progress(0.5, "half"),
        Progress(1.0, ""),
        Usage("openai", "gpt", 7, 3, 0.25),
        Usage("maps", "geocode", 0, 0, 0.0),
    ]


def test_lines_of_the_log_from_info_on_go_to_the_host_whatever_the_process_logs() -> None:
    desk = Desk()

    def tell() -> None:
        context.log.debug("not this")
        context.log.info("%s of %s", 1, 2)
        context.log.warning("all %(what)s", {"what": "gone"})
        try:
            raise ValueError("no money")
        except ValueError:
            context.log.exception("failed")
        context.log.error("why", exc_info=KeyError("k"))
        context.log.log(55, "end")
        context.log.info("half \udcff")

    logging.getLogger("penstock.node").setLevel(logging.CRITICAL)
    try:
        run_with(desk, tell)
    finally:
        logging.getLogger("penstock.node").setLevel(logging.NOTSET)
    assert desk.told == [
        LogLine("INFO", "1 of 2"),
        LogLine("WARNING", "all gone"),
        LogLine("ERROR", "failed: ValueError: no money"),
        LogLine("ERROR", "why: KeyError: 'k'"),
        LogLine("CRITICAL", "end"),
        LogLine("INFO", "half ?"),
    ]


def test_line_whose_arguments_do_not_fit_is_kept_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logging, "raiseExceptions", False)
    desk = Desk()
    run_with(desk, lambda: context.log.info("%d items", "many"))
    assert desk.told == [LogLine("INFO", "%d items")]


def test_record_in_the_log_of_the_process_names_the_line_of_the_author(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "penstock.node"):
        run_with(Desk(), lambda: context.log.info("here"))
    (record,) = caplog.records
    assert record.pathname == __file__


def test_no_log_and_no_report_shows_a_secret(caplog: pytest.LogCaptureFixture) -> None:
    desk = Desk()
    desk.redact = lambda text: text.replace("sk_1", "[secret stripe_key]")

    def tell() -> None:
        context.log.debug("with %s", "sk_1")
        context.log.info("x" * 4_094 + "sk_1", extra={"key": "sk_1", "cents": 5})
        try:
            raise ValueError("sk_1")
        except ValueError:
            context.log.exception("failed with %s", "sk_1")
        context.progress(0.5, "sk_1")
        context.usage(provider="sk_1", model="m")

    with caplog.at_level(logging.DEBUG, "penstock.node"):
        run_with(desk, tell)
    assert desk.told == [
        LogLine("INFO", "x" * 4_094 + "[…"),
        LogLine("ERROR", "failed with [secret stripe_key]: ValueError: [secret stripe_key]"),
        Progress(0.5, "[secret stripe_key]"),
        Usage("[secret stripe_key]", "m"),
    ]
    debug, info, error = caplog.records
    assert debug.message == "with [secret stripe_key]"
    assert (info.key, info.cents) == ("[secret stripe_key]", 5)  # type: ignore[attr-defined]
    assert error.message.startswith("failed with [secret stripe_key]\nTraceback (most recent call last):\n")
    assert error.message.endswith("\nValueError: [secret stripe_key]")
    assert "sk_1" not in caplog.text


def test_reports_are_bounded() -> None:
    desk = Desk()

    def tell() -> None:
        context.log.info("x" * 5_000)
        context.progress(0, "y" * 5_000)

    run_with(desk, tell)
    assert desk.told == [LogLine("INFO", "x" * 4_095 + "…"), Progress(0.0, "y" * 1_023 + "…")]


@pytest.mark.parametrize("fraction", [-0.1, 1.1, float("nan"), "0.5", None, True])
def test_progress_that_is_no_fraction_is_refused(fraction: Any) -> None:
    with pytest.raises(ValueError, match="progress: expected a fraction from 0 to 1, got"):
        run_with(None, lambda: context.progress(fraction))


@pytest.mark.parametrize(
    ("wrong", "problem"),
    [
        ({"provider": ""}, "provider: expected a name"),
        ({"model": "m" * 257}, "model: expected a name"),
        ({"model": 4}, "model: expected a name"),
        ({"input_tokens": -1}, "input_tokens: expected a whole number"),
        ({"output_tokens": 2**53 + 1}, "output_tokens: expected a whole number"),
        ({"output_tokens": 1.5}, "output_tokens: expected a whole number"),
        ({"cost_usd": -0.1}, "cost_usd: expected a number"),
        ({"cost_usd": float("inf")}, "cost_usd: expected a number"),
        ({"cost_usd": float("nan")}, "cost_usd: expected a number"),
    ],
)
def test_usage_that_cannot_be_counted_is_refused(wrong: dict[str, Any], problem: str) -> None:
    with pytest.raises(ValueError, match=f"usage: {problem}"):
        run_with(None, lambda: context.usage(**{"provider": "p", "model": "m", **wrong}))


def test_secret_that_is_not_declared_is_an_error_with_words() -> None:
    def ask() -> str:
        return context.secrets["mail_key"]

    with pytest.raises(KeyError) as caught:
        run_with(Desk(), ask)
    assert isinstance(caught.value, UndeclaredSecret)
    assert isinstance(caught.value, NodeError)
    assert (caught.value.code, caught.value.retryable) == ("SECRET_NOT_DECLARED", False)
    message = 'node charge is not given the secret mail_key: declare it with @node(secrets=["mail_key"])'
    assert str(caught.value) == message


def test_secrets_can_be_asked_for_but_not_listed() -> None:
    def ask() -> tuple[object, ...]:
        secrets = context.secrets
        return (
            secrets.get("stripe_key"),
            secrets.get("mail_key"),
            "stripe_key" in secrets,
            "x" in secrets,
            repr(secrets),
        )

    assert run_with(Desk(), ask) == ("sk_1", None, True, False, "<secrets of node charge>")
    with pytest.raises(TypeError):
        run_with(Desk(), lambda: list(context.secrets))


def test_without_a_host_there_is_nothing_and_reports_go_nowhere() -> None:
    def look() -> tuple[object, ...]:
        context.progress(0.5)
        context.usage(provider="p", model="m")
        context.log.info("nobody keeps it")
        return context.cancelled, dict(context.config), context.last_frame

    assert run_with(None, look) == (False, {}, None)
    with pytest.raises(KeyError, match="is not given the secret stripe_key"):
        run_with(None, lambda: context.secrets["stripe_key"])


async def test_without_a_host_no_signal_comes() -> None:
    with pytest.raises(RuntimeError, match="no signal approved can come without an engine"):
        NodeContext("e", "charge").signal("approved", Approval)


def test_signal_in_a_plain_function_is_refused() -> None:
    with pytest.raises(RuntimeError, match="the signal approved cannot be waited for in a plain function"):
        run_with(Desk(), lambda: context.signal("approved", Approval))


def test_a_test_gives_what_the_engine_would() -> None:
    async def node() -> tuple[object, ...]:
        context.progress(1, "done")
        approval = await context.signal("approved", Approval)
        return (
            context.node,
            context.attempt,
            context.idempotency_key,
            context.config["limits"]["cents"],
            context.secrets["stripe_key"],
            context.last_frame,
            approval,
        )

    with testing_context(
        "charge",
        execution_id="e",
        attempt=2,
        item=3,
        config={"limits": {"cents": 5}},
        secrets={"stripe_key": "sk_1"},
        signals={"approved": Approval("ada")},
        last_frame=Approval("last"),
    ) as run:
        found = asyncio.run(node())
        run.cancelled = True
        assert context.cancelled
    assert found == ("charge", 2, "e/charge/3", 5, "sk_1", Approval("last"), Approval("ada"))
    assert run.reports == [Progress(1.0, "done")]
    assert current.get(None) is None


def test_config_cannot_be_changed() -> None:
    with testing_context(config={"limits": {"cents": [1, 2]}}), pytest.raises(TypeError):
        context.config["limits"]["cents"][0] = 3


def test_signal_that_a_test_does_not_give_or_gives_as_another_type_is_an_error() -> None:
    async def node() -> Approval:
        return await context.signal("approved", Approval)

    with testing_context(), pytest.raises(LookupError, match="the test gives no signal approved"):
        asyncio.run(node())
    with testing_context(signals={"approved": 5}), pytest.raises(TypeError, match="expected Approval, got int"):
        asyncio.run(node())
