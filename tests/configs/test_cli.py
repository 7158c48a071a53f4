"""`penstock configs` and `penstock secrets`: against a scripted server, and `rotate` in a real store."""

from __future__ import annotations

import asyncio
import base64
import json
import time
from pathlib import Path
from typing import Any

import pytest

from penstock.engine.storage.master_keys import MasterKeys
from penstock.engine.storage.postgres.secrets import SecretRows
from penstock.engine.storage.sealing import Sealer, binding
from tests.cli.conftest import Penstock, environment, penstock, server  # noqa: F401 - fixtures
from tests.cli.fake_server import Answer, FakeServer, refusal
from tests.storage.samples import NOW_US, opened

CONFIGS, SECRETS = "/configs/v1/configs", "/configs/v1/secrets"
TIME = "2026-01-02T03:04:05.123456Z"


@pytest.fixture(autouse=True)
def utc(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tables show local time."""
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()


def config(config_id: str, flow: str = "", *, is_default: bool = False, description: str = "") -> dict[str, Any]:
    named = {"config_id": config_id, "flow": flow, "is_default": is_default, "description": description}
    return named | {"values": {}, "nodes": {}, "create_time": TIME, "update_time": TIME}


def test_list_says_what_each_profile_is_for(server: FakeServer, penstock: Penstock) -> None:  # noqa: F811
    configs = [config("base", is_default=True, description="for all"), config("night", "tea")]
    server.on(f"GET {CONFIGS}", Answer({"configs": configs, "next_page_token": ""}), Answer({"configs": configs}))
    outcome = penstock("configs", "list", "--flow", "tea")
    assert (outcome.code, outcome.err) == (0, "")
    assert outcome.out.splitlines() == [
        "CONFIG  FOR         DEFAULT  CHANGED              DESCRIPTION",
        "base    every flow  yes      2026-01-02 03:04:05  for all",
        "night   tea                  2026-01-02 03:04:05",
    ]
    assert server.requests[0].query == {"flow": "tea", "page_size": "1000"}
    assert json.loads(penstock("configs", "list", "--output", "json").out) == {"configs": configs}


def test_get_prints_the_profile(server: FakeServer, penstock: Penstock) -> None:  # noqa: F811
    server.on(f"GET {CONFIGS}/night", Answer(config("night")))
    assert json.loads(penstock("configs", "get", "night").out) == config("night")


def test_set_changes_what_is_said(server: FakeServer, penstock: Penstock, tmp_path: Path) -> None:  # noqa: F811
    night = config("night", "tea", is_default=True)
    server.on(f"PATCH {CONFIGS}/night", Answer(night), Answer(config("night")), Answer(night))
    (tmp_path / "nodes.json").write_text('{"boil": {"timeout": "3s"}}')
    words = ("--flow", "tea", "--default", "--values", '{"region": "eu"}', "--nodes", "@nodes.json")
    assert penstock("configs", "set", "night", *words).out == "config night is for flow tea, default\n"
    assert penstock("configs", "set", "night", "--flow", "", "--no-default").out == "config night is for every flow\n"
    outcome = penstock("configs", "set", "night", "--description", "x", "--values", "-", "--output", "json", stdin="{}")
    assert json.loads(outcome.out) == night
    assert [(request.body, request.query) for request in server.requests] == [
        (
            {
                "flow": "tea",
                "is_default": True,
                "values": {"region": "eu"},
                "nodes": {"boil": {"timeout": "3s"}},
            },
            {"update_mask": "flow,isDefault,values,nodes", "allow_missing": "true"},
        ),
        ({"flow": "", "is_default": False}, {"update_mask": "flow,isDefault", "allow_missing": "true"}),
        ({"description": "x", "values": {}}, {"update_mask": "description,values", "allow_missing": "true"}),
    ]


def test_delete_removes_a_profile(server: FakeServer, penstock: Penstock) -> None:  # noqa: F811
    server.on(f"DELETE {CONFIGS}/night", Answer({}), refusal("there is no config night", "NOT_FOUND", 404))
    assert penstock("configs", "delete", "night").out == "config night is gone\n"
    outcome = penstock("configs", "delete", "night")
    assert (outcome.code, outcome.err) == (1, "penstock: there is no config night\n")


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (("configs", "get", "Night"), 'expected the name of a config such as eu-west, got "Night"'),
        (("configs", "set", "night", "--values", "[]"), "--values: expected a JSON object, got []"),
        (("configs", "set", "night", "--nodes", "{"), "--nodes: not JSON"),
        (("secrets", "set", "a-b"), 'expected a name such as order_total, got "a-b"'),
        (("secrets", "set", "token", "--from-file", "none"), "cannot read none: No such file or directory"),
        (("secrets", "set", "token", "s3cret"), "unrecognized arguments: s3cret"),
    ],
)
def test_wrong_usage_is_told(server: FakeServer, penstock: Penstock, words: Any, problem: str) -> None:  # noqa: F811
    outcome = penstock(*words)
    assert (outcome.code, outcome.out) == (2, "")
    assert problem in outcome.err


@pytest.mark.parametrize(
    ("stdin", "sent"),
    [("s3cret", "s3cret"), ("s3cret\n", "s3cret"), ("s3cret\r\n", "s3cret"), ("a\nb\n\n", "a\nb\n")],
)
def test_secret_comes_from_standard_input(
    server: FakeServer,  # noqa: F811
    penstock: Penstock,  # noqa: F811
    stdin: str,
    sent: str,
) -> None:
    server.on(f"PUT {SECRETS}/token", Answer({"name": "token"}))
    assert penstock("secrets", "set", "token", stdin=stdin).out == "secret token is set\n"
    assert server.requests[0].body == {"value": sent}


def test_secret_comes_from_a_file(server: FakeServer, penstock: Penstock, tmp_path: Path) -> None:  # noqa: F811
    (tmp_path / "key.pem").write_bytes("ké\ny\n".encode())
    server.on(f"PUT {SECRETS}/token", Answer({"name": "token"}))
    assert penstock("secrets", "set", "token", "--from-file", "key.pem").code == 0
    assert server.requests[0].body == {"value": "ké\ny"}
    (tmp_path / "key.der").write_bytes(b"\xff\xfe")
    outcome = penstock("secrets", "set", "token", "--from-file", "key.der")
    assert (outcome.code, outcome.err) == (2, "penstock: key.der: expected text in UTF-8\n")


def test_secrets_are_listed_and_deleted(server: FakeServer, penstock: Penstock) -> None:  # noqa: F811
    secrets = [{"name": "token", "create_time": TIME, "update_time": TIME, "key_id": "a1b2"}]
    server.on(f"GET {SECRETS}", Answer({"secrets": secrets}))
    server.on(f"DELETE {SECRETS}/token", Answer({}))
    assert penstock("secrets", "list").out.splitlines() == [
        "SECRET  CREATED              CHANGED              BY KEY",
        "token   2026-01-02 03:04:05  2026-01-02 03:04:05  a1b2",
    ]
    assert penstock("secrets", "delete", "token").out == "secret token is gone\n"


def test_rotate_seals_by_the_first_key(
    penstock: Penstock,  # noqa: F811
    database_url: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    first, second = (base64.b64encode(bytes([number]) * 32).decode() for number in (1, 2))
    context = binding("secrets", "ada", "token")

    async def put() -> None:
        async with opened(database_url) as database:
            sealed = Sealer(MasterKeys(tmp_path, first)).seal(b"s3cret", context)
            await SecretRows(database).put("ada", "token", sealed, "", NOW_US)

    async def opened_by(key: str) -> bytes:
        async with opened(database_url) as database:
            sealed = await SecretRows(database).sealed("ada", ["token"])
            return Sealer(MasterKeys(tmp_path, key)).open(sealed["token"], context)

    asyncio.run(put())
    words = ("secrets", "rotate", "--database-url", database_url, "--data-dir", str(tmp_path))
    monkeypatch.setenv("PENSTOCK_MASTER_KEY", second)
    outcome = penstock(*words)
    assert (outcome.code, outcome.out) == (1, "")
    assert outcome.err.startswith("penstock: secret token of account ada: it was sealed by master key ")
    assert len(outcome.err.splitlines()) == 1
    monkeypatch.setenv("PENSTOCK_MASTER_KEY", f"{second},{first}")
    assert penstock(*words).out == "1 secret is sealed by the first master key now\n"
    assert penstock(*words).out == "every secret was sealed by the first master key already\n"
    assert json.loads(penstock(*words, "--output", "json").out) == {"resealed": 0}
    assert asyncio.run(opened_by(second)) == b"s3cret"
    monkeypatch.setenv("PENSTOCK_MASTER_KEY", "no key")
    outcome = penstock(*words)
    assert (outcome.code, outcome.err) == (
        1,
        "penstock: PENSTOCK_MASTER_KEY: expected 32 bytes in base64, got other text: `openssl rand -base64 32` makes"
        " one\n",
    )
