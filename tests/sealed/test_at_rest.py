"""What flows through an artifact with sensitive fields is in no table and no file of the database but sealed."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator

import psycopg
import pytest

from tests.e2e.support import EXECUTIONS, INVOKE, PROTOBUF, eventually
from tests.harness import open_folder
from tests.keys.ward import Ward
from tests.sealed.conftest import PACKAGE, url_of, vault_in
from tests.sealed.dump import files_with, tables_with
from tests.sealed.stays import (
    FORK,
    GIVEN,
    NAME,
    NOTE,
    PATIENT,
    PLAIN,
    RESUME,
    SEALED,
    SIGNALLED,
    TOWN,
    begin,
    bulk,
    ended,
    pause,
    resume,
    send,
    upload,
)

MAY_BE_SEALED = {
    "executions.input",
    "events.payload",
    "commands.payload",
    "cache_entries.output",
    "webhook_deliveries.response",
    "bulk_operations.request",
    "import_parts.data",
}
"""Beside the texts imports.head, imports.tail and import_items.item."""
HOLDS_NONE = {
    *("executions.options", "executions.failure", "events.detail", "events.failure", "commands.detail"),
    *("request_ids.fingerprint", "cache_entries.key", "bulk_operations.fingerprint", "bulk_operations.problems"),
    *("imports.chain_head", "imports.summary", "artifacts.artifact", "flows.definition", "packages.package"),
    *("packages.archive", "configs.profile", "policies.policy", "policy_versions.policy", "budgets.budget"),
    *("secrets.sealed", "webhook_secrets.secret", "data_keys.key_id", "data_keys.sealed", "audit_records.hash"),
    *("audit_heads.hash", "api_keys.secret_hash", "api_keys.old_secret_hash"),
    *("api_keys.master_key_id", "api_keys.old_master_key_id"),
}
"""Columns of bytes without anything that flows: hashes have a key where it does."""
_BYTES = """select table_name || '.' || column_name from information_schema.columns
where table_schema = 'public' and data_type = 'bytea'"""


@pytest.fixture(scope="module")
def vault() -> Iterator[Ward]:
    folder = open_folder()
    with vault_in(folder) as vault:
        vault.publish(package=PACKAGE)
        yield vault
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def stay(vault: Ward, echo: str) -> str:
    """An execution that had everything. What else stores something has been done too."""
    stay = begin(vault, request_id="once", webhook={"url": echo})
    assert begin(vault, request_id="once", webhook={"url": echo}) == stay
    waiting = begin(vault)
    worse = begin(vault, "worsen")
    stream = vault.http("POST", f"{INVOKE}/stream", {"flow": "stream", "input": PATIENT})
    assert stream.body.decode().count(NOTE) >= 2
    begin(vault, "greet", input={"note": PLAIN})
    assert ended(vault, worse) == "FAILED"
    bulk(vault, FORK)
    bulk(vault, RESUME)
    send(vault, "POST", f"{EXECUTIONS}/{worse}:recover", {})
    send(vault, "POST", f"{EXECUTIONS}/{worse}:relaunch", {})
    for execution_id in (stay, waiting):
        pause(vault, execution_id)
    resume(vault, stay)
    assert ended(vault, stay) == "COMPLETED"
    path = f"/webhooks/v1/deliveries?execution_id={stay}"
    eventually(lambda: [each["state"] for each in send(vault, "GET", path)["deliveries"]] == ["DELIVERED"])
    return stay


@pytest.fixture(scope="module")
def document(vault: Ward, stay: str) -> bytes:
    return vault.http("GET", f"{EXECUTIONS}/{stay}:export").body


@pytest.fixture(scope="module")
def imported(vault: Ward, document: bytes) -> str:
    return upload(vault, document)


def test_no_table_holds_what_flowed(vault: Ward, stay: str, imported: str) -> None:
    found = tables_with(url_of(vault), (*SEALED, TOWN, PLAIN))
    # A value that its author made searchable is there to be found, and who has no sensitive fields pays for no seal.
    assert found == {"search_values": {TOWN}, "executions": {PLAIN}, "events": {PLAIN}}


def test_no_file_of_the_database_holds_what_flowed(vault: Ward, stay: str, imported: str) -> None:
    """Its log of transactions among them."""
    found = files_with(vault.folder, (*SEALED, PLAIN))
    assert set().union(*found.values()) == {PLAIN}


def test_every_column_of_bytes_is_known(vault: Ward) -> None:
    """A new one belongs into one of the two: into the first with a mark that `stay` sends there."""
    with psycopg.connect(url_of(vault)) as connection:
        assert {name for (name,) in connection.execute(_BYTES)} == MAY_BE_SEALED | HOLDS_NONE


def test_views_show_what_flowed_as_ever(vault: Ward, stay: str) -> None:
    path = f"{EXECUTIONS}/{stay}"
    assert send(vault, "GET", f"{path}/output")["output"] == {"name": NAME, "note": GIVEN, "town": ""}
    assert send(vault, "GET", f"{path}/payloads/input") == PATIENT
    by_node = {each["node"]: each for each in send(vault, "GET", f"{path}/checkpoints")["checkpoints"]}
    assert by_node["spread"]["output"] == {"patients": [PATIENT, PATIENT]}
    events = send(vault, "GET", f"{path}/events?page_size=500")["events"]
    signal = next(event for event in events if event["type"] == "SIGNAL_RECEIVED")
    assert send(vault, "GET", f"{path}/payloads/{signal['sequence']}") == {"name": "", "note": SIGNALLED, "town": ""}
    lines = [each["message"] for each in send(vault, "GET", f"{path}/logs")["lines"]]
    assert lines.count(f"looked at {NOTE}") == 4
    assert [each["state"] for each in send(vault, "GET", f"{path}/pauses")["pauses"]] == ["RESUMED"]
    nodes = {each["node"]: each for each in send(vault, "GET", f"{path}/nodes")["nodes"]}
    assert nodes["first"]["progress"] == {"fraction": 0.5, "message": f"half of {NOTE}"}


def test_sizes_are_those_of_what_flowed(vault: Ward, stay: str) -> None:
    path = f"{EXECUTIONS}/{stay}"
    (found,) = send(vault, "GET", f"{path}/checkpoints?node=first&output_bytes_max=1")["checkpoints"]
    payload = vault.http("GET", f"{path}/payloads/{found['sequence']}", Accept=PROTOBUF).body
    assert NAME in payload.decode()
    assert (found["output_bytes_size"], "output" in found) == (len(payload), False)


def test_an_answer_that_is_kept_is_used_again(vault: Ward, stay: str) -> None:
    events = send(vault, "GET", f"{EXECUTIONS}/{begin_and_pause(vault)}/events?page_size=500")["events"]
    assert [
        each.get("cache_hit") for each in events if each["type"] == "NODE_SUCCEEDED" and each["node"] == "kept"
    ] == [True]


def begin_and_pause(vault: Ward) -> str:
    execution_id = begin(vault)
    pause(vault, execution_id)
    return execution_id


def test_an_import_reads_as_it_came(vault: Ward, document: bytes, imported: str) -> None:
    assert vault.http("GET", f"{EXECUTIONS}/{imported}:export").json == json.loads(document)


def test_a_document_holds_no_sensitive_value(document: bytes) -> None:
    assert [mark for mark in (NAME, NOTE) if mark in document.decode()] == [NOTE]


def test_usage_is_added_up(vault: Ward, stay: str) -> None:
    eventually(lambda: send(vault, "GET", "/usage/v1/usage")["usage"])
