"""`penstock keys`, `accounts` and `whoami`: the same as the API, and the way in for whoever runs the server."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from penstock.cli.main import main
from tests.keys.ward import ACCOUNT, METHODS, Ward

KEYS = "/keys/v1/keys"
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def penstock(ward: Ward, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs a command against the server; gives exit code, output and what it complained of."""
    monkeypatch.setenv("PENSTOCK_URL", ward.gateway.url)
    monkeypatch.setenv("PENSTOCK_API_KEY", ward.admin)
    monkeypatch.setenv("PENSTOCK_DATA_DIR", str(ward.folder))
    monkeypatch.delenv("PENSTOCK_DATABASE_URL", raising=False)

    def run(*arguments: str, key: str = "") -> tuple[int, str, str]:
        monkeypatch.setenv("PENSTOCK_API_KEY", key or ward.admin)
        code = main(arguments)
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return run


def who(ward: Ward, key: str) -> Any:
    answer = ward.http("GET", "/keys/v1/whoami", key=key)
    assert answer.status == 200, answer.body
    return answer.json


def test_create_prints_the_key_alone(ward: Ward, penstock: Run) -> None:
    code, out, _ = penstock("keys", "create", "laptop", "--account", "from-cli")
    key = out.removesuffix("\n")
    assert (code, key.split("_")[0], len(key.splitlines())) == (0, "psk", 1)
    me = who(ward, key)
    assert (me["account"], me["api_key"]["name"], me["api_key"]["scopes"]) == ("from-cli", "laptop", ["admin"])


def test_create_takes_scopes_and_an_end(ward: Ward, penstock: Run) -> None:
    _, out, _ = penstock(
        "keys", "create", "narrow", "--scope", "invoke:hello@live", "--scope", "executions:read", "--expire", "90d"
    )
    me = who(ward, out.strip())
    assert me["account"] == "default"
    assert me["api_key"]["scopes"] == ["invoke:hello@live", "executions:read"]
    assert "expire_time" in me["api_key"]


def test_create_asks_the_server_when_it_is_told_to(ward: Ward, penstock: Run) -> None:
    maker = ward.key("keys:write", "flows:read")
    _, out, _ = penstock("keys", "create", "remote", "--remote", "--scope", "flows:read:pay*", key=maker)
    assert who(ward, out.strip())["api_key"]["created_by"] == maker.split("_")[1]
    code, out, err = penstock("keys", "create", "strong", "--remote", key=maker)
    assert (code, out) == (1, "")
    assert err == "penstock: scopes[0]: a key gives no more than it may do itself, and this one does not have admin\n"


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("create", "x", "--scope", "nonsense"), "argument --scope: expected one of invoke, "),
        (("create", "x", "--account", "No Account"), "argument --account: expected the name of an account such as"),
        (("create", "", "--scope", "admin"), "NAME: expected 1 to 128 printable characters"),
        (("create", "x", "--expire", "2020-01-01T00:00:00Z"), "--expire: expected a time to come"),
        (("create", "x", "--expire", "soon"), "argument --expire: expected a time such as"),
        (("create", "x", "--remote", "--account", "other"), "--account: the server makes keys in the account of"),
        (("revoke", "psk_12_secret"), "argument ID: expected the id of a key, 12 lower-case hex digits"),
        (("rotate", "0" * 12, "--overlap", "long"), "argument --overlap: expected a length such as"),
        (("update", "0" * 12), "expected --name, --scope or --expire"),
    ],
)
def test_bad_input_is_a_line(penstock: Run, arguments: tuple[str, ...], complaint: str) -> None:
    code, out, err = penstock("keys", *arguments)
    assert (code, out, err.startswith(f"penstock: {complaint}"), err.count("\n")) == (2, "", True, 1), err
    assert "12_secret" not in err


def test_list_shows_what_the_api_lists(ward: Ward, penstock: Run) -> None:
    key = ward.key("keys:read", account="listed")
    over_http = ward.http("GET", KEYS, key=key).json["api_keys"]
    over_grpc = ward.ask("ApiKeyService.ListApiKeys", key=key).api_keys
    _, listed, _ = penstock("keys", "list", "--output", "json", key=key)
    shown = json.loads(listed)["api_keys"]
    for keys in (over_http, shown):
        assert [(each["key_id"], each["name"], each["scopes"], each["state"]) for each in keys] == [
            (each.key_id, each.name, list(each.scopes), "ACTIVE") for each in over_grpc
        ]
    _, table, _ = penstock("keys", "list", key=key)
    headers, row = table.splitlines()
    assert headers.split("  ")[0] == "KEY"
    assert row.split("  ")[:4] == [key.split("_")[1], "tests", "ACTIVE", "keys:read"]


def test_update_rotate_and_revoke_do_what_the_api_does(ward: Ward, penstock: Run) -> None:
    key = ward.key("flows:read")
    key_id = key.split("_")[1]
    assert penstock("keys", "update", key_id, "--name", "new name", "--scope", "usage:read")[:2] == (
        0,
        f"key {key_id} is changed\n",
    )
    assert who(ward, key)["api_key"]["scopes"] == ["usage:read"]
    _, out, _ = penstock("keys", "update", key_id, "--expire", "1h", "--output", "json")
    assert json.loads(out)["expire_time"]
    _, out, _ = penstock("keys", "update", key_id, "--expire", "never", "--output", "json")
    assert "expire_time" not in json.loads(out)
    _, second, _ = penstock("keys", "rotate", key_id, "--overlap", "0s")
    assert ward.http("GET", "/keys/v1/whoami", key=key).status == 401
    assert who(ward, second.strip())["api_key"]["name"] == "new name"
    assert penstock("keys", "revoke", second.strip())[:2] == (0, f"key {key_id} is revoked\n")
    assert ward.http("GET", "/keys/v1/whoami", key=second.strip()).status == 401


def test_a_refusal_names_the_scope(ward: Ward, penstock: Run) -> None:
    code, out, err = penstock("keys", "list", key=ward.key("flows:read"))
    assert (code, out, err) == (1, "", "penstock: the key needs the scope keys:read\n")


def test_a_key_that_may_only_run_a_flow_runs_it(ward: Ward, penstock: Run) -> None:
    key = ward.key("invoke:hello@live")
    for more in ((), ("--output", "json")):
        code, out, _ = penstock("invoke", "hello", "--input", '{"text": "x"}', *more, key=key)
        found = json.loads(out)
        assert (code, found["result"]["output"] if more else found) == (0, {"text": "so x"})


def test_whoami_is_the_same_everywhere(ward: Ward, penstock: Run) -> None:
    key = ward.key("invoke:hello@live")
    _, out, _ = penstock("whoami", "--output", "json", key=key)
    shown, asked = json.loads(out), who(ward, key)
    answer = ward.ask("ApiKeyService.WhoAmI", METHODS["ApiKeyService.WhoAmI"].request(), key)
    for each in (shown, asked):
        assert (each["account"], each["api_key"]["key_id"]) == (answer.account, answer.api_key.key_id)
    key_id = key.split("_")[1]
    assert penstock("whoami", key=key)[1].splitlines() == [
        f"account:  {ACCOUNT}",
        f"key:      tests ({key_id})",
        "scopes:   invoke:hello@live",
        "expires:  never",
    ]


def test_an_account_begins_with_its_first_key(ward: Ward, penstock: Run) -> None:
    code, out, _ = penstock("accounts", "create", "team-blue")
    assert (code, who(ward, out.strip())["account"]) == (0, "team-blue")
    again = penstock("accounts", "create", "team-blue")
    assert again == (1, "", "penstock: account team-blue exists\n")
    bad = penstock("accounts", "create", "Team Blue")
    assert (bad[0], "expected the name of an account such as team-blue" in bad[2]) == (2, True)
    _, listed, _ = penstock("accounts", "list", "--output", "json")
    accounts = {each["account"]: each["key_count"] for each in json.loads(listed)["accounts"]}
    assert (accounts["team-blue"], accounts[ACCOUNT] > 0) == (1, True)
    _, table, _ = penstock("accounts", "list")
    assert table.splitlines()[0].split() == ["ACCOUNT", "CREATED", "KEYS"]
