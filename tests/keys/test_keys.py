"""Keys over the API: made, looked at, changed, rotated and ended."""

from __future__ import annotations

import hashlib
import hmac
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from penstock.engine.storage.postgres.keys import KeyRows
from penstock.wire.status import Code
from tests.keys.ward import ACCOUNT, METHODS, Refused, Ward

KEYS = "/keys/v1/keys"
LIST = "/invocations/v1/executions"


def make(ward: Ward, key: str = "", **fields: Any) -> Any:
    answer = ward.http("POST", KEYS, {"name": "made", "scopes": ["executions:read"]} | fields, key=key)
    assert answer.status == 200, answer.body
    return answer.json


def status(ward: Ward, key: str) -> int:
    return ward.http("GET", LIST, key=key).status


def in_time(**fields: int) -> str:
    return (datetime.now(UTC) + timedelta(**fields)).isoformat().replace("+00:00", "Z")


def until(look: Callable[[], Any]) -> Any:
    """What `look` gives as soon as it gives something."""
    give_up = time.monotonic() + 20
    while not (found := look()):
        assert time.monotonic() < give_up
    return found


def test_a_key_is_shown_once_and_opens_what_its_scopes_say(ward: Ward) -> None:
    made = make(ward, name="CI of team blue", scopes=["executions:read", "invoke:hello@live"])
    key = made.pop("key")
    assert key.startswith(f"psk_{made['key_id']}_")
    assert made == {
        "key_id": key.split("_")[1],
        "name": "CI of team blue",
        "scopes": ["executions:read", "invoke:hello@live"],
        "state": "ACTIVE",
        "create_time": made["create_time"],
        "created_by": ward.admin.split("_")[1],
    }
    assert status(ward, key) == 200
    got = ward.http("GET", f"{KEYS}/{made['key_id']}").json
    assert got.get("key", "") == ""
    assert got["key_id"] in {each["key_id"] for each in ward.http("GET", KEYS).json["api_keys"]}


def test_the_database_holds_a_keyed_hash(ward: Ward) -> None:
    key = ward.key()
    _, key_id, secret = key.split("_")
    database = ward.engine.face.keys._rows._database
    (kept, master_key_id) = ward.run(
        database.fetch_one("select secret_hash, master_key_id from api_keys where key_id = %s", (key_id,))
    )
    assert not hmac.compare_digest(bytes(kept), hashlib.sha256(secret.encode()).digest())
    assert len(master_key_id) == 8


def test_a_key_of_before_there_were_keyed_hashes_goes_on_with_every_right(ward: Ward) -> None:
    secret = "ab" * 32
    put = "insert into api_keys (key_id, account, name, secret_hash) values ('0123456789ab', %s, 'old', %s)"
    digest = hashlib.sha256(secret.encode()).digest()
    ward.run(ward.engine.face.keys._rows._database.execute(put, (ACCOUNT, digest)))
    who = ward.http("GET", "/keys/v1/whoami", key=f"psk_0123456789ab_{secret}").json
    assert (who["account"], who["api_key"]["scopes"]) == (ACCOUNT, ["admin"])
    assert status(ward, f"psk_0123456789ab_{'ab' * 31}ac") == 401


@pytest.mark.parametrize(
    ("fields", "path"),
    [
        ({"name": ""}, "name"),
        ({"name": "x" * 129}, "name"),
        ({"name": "a\nb"}, "name"),
        ({"scopes": []}, "scopes"),
        ({"scopes": ["executions:read", "nonsense"]}, "scopes[1]"),
        ({"scopes": ["invoke"] * 65}, "scopes"),
        ({"expire_time": "2020-01-01T00:00:00Z"}, "expire_time"),
        ({"scopes": "admin"}, "scopes"),
        ({"secret": "x"}, "secret"),
    ],
)
def test_bad_input_is_refused_with_its_path(ward: Ward, fields: dict[str, Any], path: str) -> None:
    answer = ward.http("POST", KEYS, {"name": "made", "scopes": ["executions:read"]} | fields)
    assert (answer.status, answer.json["error"].partition(":")[0]) == (400, path), answer.body


@pytest.mark.parametrize("scope", ["admin", "invoke", "executions:write", "payloads:read", "keys:write"])
def test_a_key_makes_none_that_may_do_more(ward: Ward, scope: str) -> None:
    weak = ward.key("keys:read", "executions:read", "invoke:hello@live", "keys:write")
    answer = ward.http("POST", KEYS, {"name": "made", "scopes": ["executions:read:pay*", scope]}, key=weak)
    if scope == "keys:write":
        assert answer.status == 200
        return
    assert (answer.status, answer.json["reason"], answer.json["details"]) == (403, "KEY_TOO_STRONG", {"scope": scope})


def test_a_key_reaches_none_that_may_do_more(ward: Ward) -> None:
    weak, strong = ward.key("keys:write"), ward.key().split("_")[1]
    for method, path, body in (
        ("PATCH", f"{KEYS}/{strong}", {"name": "mine"}),
        ("POST", f"{KEYS}/{strong}:rotate", {}),
        ("POST", f"{KEYS}/{strong}:revoke", {}),
    ):
        answer = ward.http(method, path, body, key=weak)
        assert (answer.status, answer.json["reason"]) == (403, "KEY_TOO_STRONG")
    own = weak.split("_")[1]
    widened = ward.http("PATCH", f"{KEYS}/{own}", {"scopes": ["admin"]}, key=weak)
    assert (widened.status, widened.json["reason"]) == (403, "KEY_TOO_STRONG")


def test_a_key_that_expires_makes_none_that_outlives_it(ward: Ward) -> None:
    passing = make(ward, scopes=["admin"], expire_time=in_time(hours=1))
    child = make(ward, passing["key"])
    assert child["expire_time"] == passing["expire_time"]
    later = {"name": "made", "scopes": ["admin"], "expire_time": in_time(hours=2)}
    lasting = ward.key("executions:read").split("_")[1]
    for method, path, body in (
        ("POST", KEYS, later),
        ("PATCH", f"{KEYS}/{child['key_id']}?update_mask=expireTime", {}),
        ("POST", f"{KEYS}/{lasting}:rotate", {}),
    ):
        answer = ward.http(method, path, body, key=passing["key"])
        assert (answer.status, answer.json["reason"]) == (403, "KEY_TOO_STRONG"), (path, answer.body)


def test_a_key_that_expired_is_told_apart_from_a_bad_one_by_nobody(ward: Ward) -> None:
    expired = ward.key(expire_us=1)
    bad = ward.http("GET", LIST, key="psk_nobody_" + "0" * 64)
    answer = ward.http("GET", LIST, key=expired)
    assert (answer.status, answer.json) == (bad.status, bad.json)
    assert ward.http("GET", f"{KEYS}/{expired.split('_')[1]}").json["state"] == "EXPIRED"


def test_a_change_holds_for_the_next_call(ward: Ward) -> None:
    key = ward.key("executions:read")
    key_id = key.split("_")[1]
    assert status(ward, key) == 200
    changed = ward.http("PATCH", f"{KEYS}/{key_id}", {"scopes": ["flows:read"], "name": "narrow"}).json
    assert (changed["scopes"], changed["name"]) == (["flows:read"], "narrow")
    assert status(ward, key) == 403
    ended = ward.http("PATCH", f"{KEYS}/{key_id}", {"expire_time": in_time(days=1)}).json
    assert "expire_time" in ended
    endless = ward.http("PATCH", f"{KEYS}/{key_id}?update_mask=expireTime", {})
    assert (endless.status, "expire_time" in endless.json) == (200, False)
    refused = ward.http("PATCH", f"{KEYS}/{key_id}?update_mask=state", {})
    assert (refused.status, refused.json["error"]) == (
        400,
        "update_mask: expected name, scopes, expire_time, got 'state'",
    )


def test_a_rotated_key_has_two_secrets_for_a_while(ward: Ward) -> None:
    first = ward.key("executions:read")
    key_id = first.split("_")[1]
    second = ward.http("POST", f"{KEYS}/{key_id}:rotate", {}).json
    assert second["key"] != first
    assert {"rotate_time", "old_expire_time"} <= second.keys()
    assert [status(ward, key) for key in (first, second["key"])] == [200, 200]
    third = ward.http("POST", f"{KEYS}/{key_id}:rotate", {"overlap": "3600s"}).json
    assert [status(ward, key) for key in (first, second["key"], third["key"])] == [401, 200, 200]
    last = ward.http("POST", f"{KEYS}/{key_id}:rotate", {"overlap": "0s"}).json
    assert [status(ward, key) for key in (second["key"], third["key"], last["key"])] == [401, 401, 200]
    assert "old_expire_time" not in last
    too_long = ward.http("POST", f"{KEYS}/{key_id}:rotate", {"overlap": "7776001s"})
    assert (too_long.status, too_long.json["error"]) == (400, "overlap: expected 0 s to 7776000 s, got 7.776e+06 s")


def test_a_revoked_key_ends_with_the_answer(ward: Ward) -> None:
    key = ward.key("executions:read")
    key_id = key.split("_")[1]
    assert status(ward, key) == 200
    revoked = ward.http("POST", f"{KEYS}/{key_id}:revoke", {}).json
    assert status(ward, key) == 401
    with pytest.raises(Refused) as refused:
        ward.ask("ExecutionService.ListExecutions", key=key)
    assert refused.value.code is Code.UNAUTHENTICATED
    again = ward.http("POST", f"{KEYS}/{key_id}:revoke", {}).json
    assert (again["state"], again["revoke_time"]) == ("REVOKED", revoked["revoke_time"])
    for verb, method, body in ((":rotate", "POST", {}), ("", "PATCH", {"name": "again"})):
        answer = ward.http(method, f"{KEYS}/{key_id}{verb}", body)
        assert (answer.status, answer.json["details"]) == (409, {"state": "REVOKED"})
    listed = {each["key_id"] for each in ward.http("GET", f"{KEYS}?page_size=1000").json["api_keys"]}
    with_revoked = ward.http("GET", f"{KEYS}?show_revoked=true&page_size=1000").json["api_keys"]
    assert key_id not in listed
    assert key_id in {each["key_id"] for each in with_revoked}


def test_a_stream_ends_with_its_key(ward: Ward) -> None:
    key = ward.key("executions:read")
    spec = METHODS["ExecutionService.WatchExecution"]
    execution_id = ward.invoke("pay_rent")["execution_id"]
    metadata = (("authorization", f"Bearer {key}"),)
    with ward.streaming(spec, spec.request(execution_id=execution_id), metadata) as messages:
        next(messages)
        ward.http("POST", f"{KEYS}/{key.split('_')[1]}:revoke", {})
        ward.http("POST", f"{LIST}/{execution_id}/pauses/approve:approve", {})
        with pytest.raises(Exception, match="unauthorized"):
            # What was on its way before may still come.
            for _ in messages:
                pass


def test_keys_are_listed_in_pages_newest_first(ward: Ward) -> None:
    account = "pages"
    keys = [ward.key(account=account) for _ in range(3)]
    first = ward.http("GET", f"{KEYS}?page_size=2", key=keys[0]).json
    second = ward.http("GET", f"{KEYS}?page_size=2&page_token={first['next_page_token']}", key=keys[0]).json
    listed = [each["key_id"] for each in first["api_keys"] + second["api_keys"]]
    assert listed == [key.split("_")[1] for key in reversed(keys)]
    assert second["next_page_token"] == ""
    other = ward.http("GET", f"{KEYS}?show_revoked=true&page_token={first['next_page_token']}", key=keys[0])
    assert (other.status, other.json["reason"]) == (400, "INVALID_PAGE_TOKEN")


def test_the_time_of_the_last_use_is_noted(ward: Ward) -> None:
    key = ward.key("executions:read")
    where = f"{KEYS}/{key.split('_')[1]}"
    assert "use_time" not in ward.http("GET", where).json
    assert status(ward, key) == 200
    used = until(lambda: ward.http("GET", where).json.get("use_time"))
    rows = KeyRows(ward.engine.face.keys._rows._database)
    now_us = ward.run(rows.key(ACCOUNT, key.split("_")[1])).use_us
    ward.run(rows.use(key.split("_")[1], now_us + 59_000_000, now_us - 1_000_000))
    assert ward.http("GET", where).json["use_time"] == used


def test_who_am_i_is_for_every_key(ward: Ward) -> None:
    key = ward.key("secrets:read", account="lone")
    over_http = ward.http("GET", "/keys/v1/whoami", key=key).json
    over_grpc = ward.ask("ApiKeyService.WhoAmI", key=key)
    assert over_http["account"] == over_grpc.account == "lone"
    assert over_http["api_key"]["scopes"] == list(over_grpc.api_key.scopes) == ["secrets:read"]
    assert over_http["api_key"]["key_id"] == over_grpc.api_key.key_id == key.split("_")[1]
    assert key.split("_")[2] not in str(over_http)
