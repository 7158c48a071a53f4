"""`penstock exec` with a real engine: most of it in this process, the whole of it as a program."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from penstock.cli.errors import CliError
from penstock.cli.local.exec_run import Order, run_once
from penstock.cli.sources import find_sources
from penstock.engine.storage.embedded import EmbeddedPostgres
from tests.harness import open_folder

NODES = """
import threading
from collections.abc import Iterator
from dataclasses import dataclass

from penstock.sdk import UserError, context, node, pipeline


@dataclass
class Order:
    total: int
    note: str = ""


@dataclass
class Approval:
    limit: int


@node
def price(order: Order) -> Order:
    if order.total < 0:
        raise UserError("a total below 0")
    return Order(order.total + 1, order.note)


@pipeline
def count(order: Order) -> Iterator[Order]:
    for number in range(order.total):
        yield Order(number)


@node
def hang(order: Order) -> Order:
    print("hangs", flush=True)
    threading.Event().wait()
    return order
"""
FLOWS = {
    "price": "{price: {use: shop/price}}",
    "count": "{count: {use: shop/count}}",
    "hang": "{hang: {use: shop/hang}}",
    "ask": "{price: {use: shop/price}, fine: {pause: {prompt: 'Is it fine?'}}}\nedges: [price -> fine]",
    "parent": "{price: {use: shop/price}, child: {flow: ask@stable}}\nedges: [price -> child]",
    "limit": "{price: {use: shop/price}, how: {pause: {}, output: shop.Approval}}\nedges: [price -> how]",
    "wrong": "{one: {use: shop/prise}}",
}

Exec = Callable[..., int]


@pytest.fixture(scope="module")
def database() -> Iterator[str]:
    folder = open_folder()
    postgres = EmbeddedPostgres(folder, is_passing=True)
    yield asyncio.run(postgres.start())
    asyncio.run(postgres.stop())
    shutil.rmtree(folder)


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    folder = tmp_path / "shop"
    (folder / "flows").mkdir(parents=True)
    (folder / "penstock.yaml").write_text("name: shop\n")
    (folder / "nodes.py").write_text(NODES)
    for name, nodes in FLOWS.items():
        (folder / "flows" / f"{name}.yaml").write_text(f"flow: {name}\nnodes: {nodes}\n")
    return folder


@pytest.fixture
def run(database: str, shop: Path, tmp_path: Path) -> Exec:
    def run(flow: str, given: dict[str, Any], approves: bool = False) -> int:
        order = Order(find_sources(shop, flow), given, tmp_path / "data", database, approves)
        return asyncio.run(run_once(order))

    return run


def test_output_of_a_flow_is_printed_in_the_order_of_its_fields(run: Exec, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("price", {"note": "first", "total": 3}) == 0
    assert capsys.readouterr() == ('{\n  "total": 4,\n  "note": "first"\n}\n', "")


def test_frames_of_a_pipeline_are_printed_a_line_each(run: Exec, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("count", {"total": 2}) == 0
    assert capsys.readouterr() == ('{"total":0,"note":""}\n{"total":1,"note":""}\n', "")


def test_failed_run_is_one_line(run: Exec) -> None:
    with pytest.raises(CliError, match=r"^execution \w{32} FAILED: price: a total below 0 \(USER_ERROR\)$") as caught:
        run("price", {"total": -1})
    assert caught.value.exit_code == 1


def test_input_that_does_not_fit_is_told_with_its_path(run: Exec) -> None:
    with pytest.raises(CliError, match=r"^input\.totl: unknown field, expected one of total, note$"):
        run("price", {"totl": 1})


def test_what_does_not_compile_is_told_as_compile_tells_it(
    run: Exec, shop: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("wrong", {}) == 1
    problem = "node one: package shop has no node prise; did you mean price?"
    assert capsys.readouterr() == ("", f"{shop}/flows/wrong.yaml: {problem}\n")


def test_package_that_does_not_load_is_told(run: Exec, shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (shop / "nodes.py").write_text("raise RuntimeError('boom')\n")
    assert run("price", {}) == 1
    assert capsys.readouterr().err.startswith(f"{shop}: nodes.py:1: RuntimeError: boom\n")


@pytest.mark.parametrize("flow", ["ask", "parent"])
def test_pause_ends_the_run_with_what_is_asked(flow: str, run: Exec) -> None:
    with pytest.raises(CliError) as caught:
        run(flow, {"total": 3})
    assert str(caught.value).startswith('flow ask is PAUSED until a person decides fine: "Is it fine?"; --approve ')


@pytest.mark.parametrize(("flow", "total"), [("ask", 4), ("parent", 5)])
def test_pauses_of_the_flow_and_of_its_sub_flows_are_approved(
    flow: str, total: int, run: Exec, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(flow, {"total": 3}, approves=True) == 0
    assert capsys.readouterr() == (f'{{\n  "total": {total},\n  "note": ""\n}}\n', "")


def test_pause_that_needs_a_value_cannot_be_approved(run: Exec) -> None:
    with pytest.raises(CliError, match=r"^pause how cannot be approved: value: expected one"):
        run("limit", {"total": 3}, approves=True)


@pytest.fixture
def temporary() -> Iterator[Path]:
    """Where the program keeps what it removes."""
    folder = open_folder()
    yield folder
    shutil.rmtree(folder)


def program(temporary: Path, *arguments: str) -> subprocess.Popen[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PENSTOCK_")}
    return subprocess.Popen(
        [sys.executable, "-m", "penstock.cli", "exec", *arguments],
        env=environment | {"TMPDIR": str(temporary)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_program_leaves_nothing_behind(shop: Path, temporary: Path) -> None:
    process = program(temporary, str(shop), "price", '{"total": 1}')
    assert process.communicate(timeout=60) == ('{\n  "total": 2,\n  "note": ""\n}\n', "")
    assert (process.returncode, list(temporary.iterdir())) == (0, [])


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_program_that_is_stopped_does_not_wait_for_a_node_that_hangs(
    number: signal.Signals, shop: Path, temporary: Path
) -> None:
    with program(temporary, str(shop), "hang", "{}") as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "hangs\n"
            process.send_signal(number)
            assert process.communicate(timeout=60) == ("", "")
        finally:
            process.kill()
    assert (process.returncode, list(temporary.iterdir())) == (130, [])


def test_what_is_left_in_a_data_directory_stays_there(shop: Path, temporary: Path) -> None:
    data = temporary / "data"
    process = program(temporary, str(shop), "price", '{"total": -1}', "--data-dir", str(data))
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (1, "")
    assert err.startswith("penstock: execution ")
    assert (data / "postgres").is_dir()


def test_wrong_usage_starts_nothing(shop: Path, temporary: Path) -> None:
    process = program(temporary, str(shop), "price", "[]")
    assert process.communicate(timeout=60) == ("", "penstock: INPUT: expected a JSON object, got []\n")
    assert process.returncode == 2
