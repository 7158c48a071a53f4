"""What happens to sealed payloads when the master key is gone, comes back, or is replaced by another one."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest

from penstock.engine.domain.event import Event, EventType
from penstock.engine.storage.data_keys import event_place, new_data_key
from penstock.engine.storage.master_keys import FILE, MasterKeyError, MasterKeys
from penstock.engine.storage.sealing import Sealer
from tests.e2e.support import EXECUTIONS, INVOKE
from tests.harness import open_folder
from tests.keys.ward import ACCOUNT, Ward
from tests.sealed.conftest import PACKAGE, url_of, vault_in
from tests.sealed.stays import NAME, PATIENT, PLAIN, begin, ended, pause, resume, send
from tests.storage.samples import opened

OTHER_KEY = "b3RoZXIgbWFzdGVyIGtleSBvZiAzMiBieXRlcyBoZXI="
THIRD_KEY = "c29tZSBtYXN0ZXIga2V5IG9mIDMyIGJ5dGVzIGhlcmU="


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    folder = open_folder()
    yield folder
    shutil.rmtree(folder)


def test_without_its_master_key_what_was_sealed_waits_and_all_else_goes_on(folder: Path) -> None:
    with vault_in(folder) as vault:
        vault.publish(package=PACKAGE)
        plain = begin(vault, "greet", input={"note": PLAIN})
        waiting, asking = begin(vault), begin(vault)
        pause(vault, asking)
        file = vault.folder / FILE
    old = file.read_text()
    file.write_text(OTHER_KEY + "\n")
    with vault_in(folder) as vault:
        assert send(vault, "GET", f"{EXECUTIONS}/{plain}/output")["output"] == {"note": PLAIN}
        assert ended(vault, begin(vault, "greet", input={"note": PLAIN})) == "COMPLETED"
        assert_sealed(vault, waiting, asking)
        # As a line of the file, for the server that runs.
        file.write_text(OTHER_KEY + "\n" + old)
        assert send(vault, "GET", f"{EXECUTIONS}/{waiting}/payloads/input") == PATIENT
        vault.run(vault.engine.runtime.recovery.run())
        pause(vault, waiting)
        for execution_id in (waiting, asking):
            resume(vault, execution_id)
            assert ended(vault, execution_id) == "COMPLETED"
        vault.run(_take_another_key(vault, old.strip()))
        vault.run(_replace_a_lost_key(vault))


def assert_sealed(vault: Ward, waiting: str, asking: str) -> None:
    """What needs no payload of the two executions is answered."""
    refused = [
        vault.http("POST", INVOKE, {"flow": "stay", "input": PATIENT}),
        vault.http("GET", f"{EXECUTIONS}/{waiting}/payloads/input"),
        vault.http("GET", f"{EXECUTIONS}/{asking}/checkpoints"),
        vault.http("GET", f"{EXECUTIONS}/{asking}/logs"),
    ]
    assert {(answer.status, answer.json["reason"]) for answer in refused} == {(409, "MASTER_KEY")}
    assert all("payloads of account ward are sealed by master key" in answer.json["error"] for answer in refused)
    with pytest.raises(MasterKeyError, match="payloads of account ward"):
        vault.publish(package=PACKAGE)
    assert send(vault, "GET", f"{EXECUTIONS}/{waiting}")["status"] == "RUNNING"
    pauses = vault.http("GET", f"{EXECUTIONS}/-/pauses")
    assert [each["execution_id"] for each in pauses.json["pauses"]] == [asking]
    assert NAME not in pauses.body.decode()


def _sealer(vault: Ward, keys: str) -> Sealer:
    """As a process of another data directory has it, with these keys in its variable."""
    return Sealer(MasterKeys(vault.folder / "other", keys))


async def _take_another_key(vault: Ward, old: str) -> None:
    """As `penstock secrets rotate` does."""
    async with opened(url_of(vault), _sealer(vault, f"{OTHER_KEY},{old}")) as database:
        assert [await database.data_keys.reseal(replaces_lost=False) for _ in range(2)] == [1, 0]


async def _replace_a_lost_key(vault: Ward) -> None:
    async with opened(url_of(vault), _sealer(vault, THIRD_KEY)) as database:
        keys = database.data_keys
        with pytest.raises(MasterKeyError, match="payloads of account ward"):
            await keys.current(ACCOUNT)
        with pytest.raises(MasterKeyError, match="payloads of account ward"):
            await keys.reseal(replaces_lost=False)
        assert [await keys.reseal(replaces_lost=True) for _ in range(2)] == [1, 0]
        key = await keys.current(ACCOUNT)
        assert await keys.find(key.key_id) is key


def test_a_payload_opens_in_its_place_alone() -> None:
    key, _ = new_data_key("ada")
    owner, other = UUID(int=1).bytes, UUID(int=2).bytes
    sealed = key.seal(b"payload", owner, event_place(3))
    assert key.open(sealed, owner, event_place(3)) == b"payload"
    assert key.seal(b"payload", owner, event_place(3)) != sealed
    changed = sealed[:-1] + bytes([sealed[-1] ^ 1])
    for kept, whose, place in ((sealed, other, 3), (sealed, owner, 4), (changed, owner, 3), (sealed[:20], owner, 3)):
        with pytest.raises(MasterKeyError, match="does not open"):
            key.open(kept, whose, event_place(place))


def test_events_keep_what_is_no_payload() -> None:
    key, _ = new_data_key("ada")
    usage, line = b"\x1a\x00", b"\x0a\x00"
    events = [
        Event(3, EventType.NODE_STARTED, 1, node=0),
        Event(4, EventType.NODE_REPORTED, 1, payload=usage),
        Event(5, EventType.NODE_REPORTED, 1, payload=line),
        Event(6, EventType.NODE_SUCCEEDED, 1, payload=b""),
    ]
    started, used, logged, done = key.seal_events(UUID(int=1).bytes, events)
    assert [started, used] == events[:2]
    assert logged.payload is not None and logged.payload[:2] == b"\x07\x0a"
    assert done.payload is not None and key.open(done.payload, UUID(int=1).bytes, event_place(6)) == b""


def test_a_fingerprint_says_nothing_without_the_key() -> None:
    ada, _ = new_data_key("ada")
    bob, _ = new_data_key("bob")
    assert ada.fingerprint(b"1") == ada.fingerprint(b"1") != ada.fingerprint(b"2")
    assert ada.fingerprint(b"1") != bob.fingerprint(b"1")
