"""The log: what a line says in each form, and that nothing else can get into its fields."""

from __future__ import annotations

import io
import json
import logging
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from penstock.cli.errors import UsageError
from penstock.cli.serving.logs import JSON_LOG, LOG_FORMAT, TEXT_LOG, log_handler
from penstock.engine.nodes.authoring.log import NodeLog
from tests.harness import ROOT


class Written:
    """A logger, and what it wrote."""

    def __init__(self, form: str) -> None:
        self._stream = io.StringIO()
        self.logger = logging.getLogger(f"tests.{form}")
        self.logger.propagate = False
        self.handler = log_handler(form, self._stream)
        self.logger.addHandler(self.handler)

    @property
    def text(self) -> str:
        return self._stream.getvalue()

    @property
    def json(self) -> Any:
        return json.loads(self.text)


@pytest.fixture
def written() -> Iterator[Written]:
    made = Written(JSON_LOG)
    yield made
    made.logger.removeHandler(made.handler)


def test_a_line_is_an_object_that_names_its_event_first(written: Written) -> None:
    fields = {"delay_s": 0.5, "execution_id": "e1", "action": "webhook_again", "node": "boil", "attempt": 2}
    written.logger.warning("it is %s again", "tried", extra=fields)
    line = written.json
    assert list(line) == [*("time", "level", "logger", "message", "action", "execution", "node", "attempt", "delay_s")]
    assert line["time"].endswith("Z") and len(line["time"]) == len("2026-11-21T14:06:40.954Z")
    assert line | {"time": ""} == {
        "time": "",
        "level": "WARNING",
        "logger": "tests.json",
        "message": "it is tried again",
        "action": "webhook_again",
        "execution": "e1",
        "node": "boil",
        "attempt": 2,
        "delay_s": 0.5,
    }


def test_an_error_brings_its_traceback_in_the_same_line(written: Written) -> None:
    try:
        raise ValueError("odd\nlines")
    except ValueError:
        written.logger.exception("it broke", extra={"action": "broke"})
    assert written.text.count("\n") == 1
    assert written.json["exception"].splitlines()[-2:] == ["ValueError: odd", "lines"]


def test_a_field_never_takes_the_place_of_what_each_line_has(written: Written) -> None:
    written.logger.error("true", extra={"level": "FALSE", "time": "never", "logger": "nobody"})
    assert (written.json["level"], written.json["logger"]) == ("ERROR", "tests.json")
    assert written.json["time"] != "never"


@pytest.mark.parametrize(("value", "shown"), [(float("inf"), "inf"), ({1: 2}, "{1: 2}"), (None, None), ("é\n", "é\n")])
def test_every_value_can_be_written(written: Written, value: object, shown: object) -> None:
    written.logger.error("here", extra={"what": value})
    assert written.json["what"] == shown


def test_text_shows_the_same_fields_behind_the_sentence() -> None:
    written = Written(TEXT_LOG)
    try:
        written.logger.warning("it is tried again", extra={"delay_s": 0.5, "action": "again", "execution_id": "e1"})
    finally:
        written.logger.removeHandler(written.handler)
    assert written.text.endswith(" WARNING tests.text: it is tried again action=again execution=e1 delay_s=0.5\n")


def test_what_a_node_logs_says_where_it_came_from(written: Written) -> None:
    node_log = NodeLog({"execution": "e1", "node": "boil", "attempt": 3}, None)
    logger = logging.getLogger("penstock.node")
    logger.addHandler(written.handler)
    try:
        node_log.warning("it is hot", extra={"degrees": 90})
    finally:
        logger.removeHandler(written.handler)
    line = written.json
    assert [line[name] for name in ("logger", "execution", "node", "attempt", "degrees")] == [
        *("penstock.node", "e1", "boil", 3, 90)
    ]


def test_another_form_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(LOG_FORMAT, "xml")
    from penstock.cli.serving.logs import configure_logging

    with pytest.raises(UsageError, match="PENSTOCK_LOG_FORMAT: expected json or text, got 'xml'"):
        configure_logging()


def test_a_server_that_logs_json_writes_nothing_else_to_stderr() -> None:
    command = [sys.executable, "-m", "penstock.cli", "gateway", "--engine", "127.0.0.1:1", "--http", "127.0.0.1:0"]
    environment = {**os.environ, LOG_FORMAT: JSON_LOG}
    with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True, cwd=ROOT) as process:
        try:
            assert process.stderr is not None
            lines = [json.loads(process.stderr.readline()) for _ in range(2)]
        finally:
            process.send_signal(signal.SIGTERM)
    assert {line["action"] for line in lines} == {"gateway.engine_unreachable", "waiting"}
