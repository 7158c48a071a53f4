"""`penstock executions verify` finds every change of an exported document."""

from __future__ import annotations

import base64
import copy
import json
from argparse import Namespace
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from penstock.cli.errors import CliError, UsageError
from penstock.cli.exports import export_verify
from penstock.engine.storage.audit_keys import FILE, AuditKey, AuditKeyError, is_genuine
from tests.e2e.support import refusal
from tests.export.runs import exported, fulfilled
from tests.harness import Server


@pytest.fixture(scope="module")
def document(depot: Server) -> Any:
    return exported(depot, fulfilled(depot), "?signed=true")


def verify(document: Any, folder: Path, key: str | None = None) -> None:
    file = folder / "export.json"
    file.write_text(json.dumps(document))
    assert export_verify.run(Namespace(file=file, key=key)) == 0


def test_untouched_document_is_genuine(document: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    verify(document, tmp_path, document["signature"]["public_key"])
    count, signer = len(document["events"]), document["signature"]["key_id"]
    assert capsys.readouterr().out == (
        f"execution {document['execution']['execution_id']}: {count} events, nothing was changed since the export\n"
        f"signed by key {signer}\n"
    )


def set_at(*path: Any, to: Any) -> Callable[[Any], None]:
    def change(document: Any) -> None:
        for step in path[:-1]:
            document = document[step]
        assert document[path[-1]] != to
        document[path[-1]] = to

    return change


def swap_events(document: Any) -> None:
    events = document["events"]
    events[3], events[4] = events[4], events[3]


CHANGES = {
    "head": (set_at("execution", "flow", to="other"), "event 1 or what stands before the events"),
    "input": (set_at("input", "order_id", to="A-2"), "event 1 or what stands before the events"),
    "new member": (lambda document: document.update(more=1), "event 1 or what stands before the events"),
    "event": (set_at("events", 6, "event", "by", to="somebody else"), "event 7 does not have the hash"),
    "output": (set_at("events", 7, "output", to={}), "event 8 does not have the hash"),
    "hash": (set_at("events", 2, "hash", to="0" * 64), "event 3 does not have the hash"),
    "event dropped": (lambda document: document["events"].pop(4), "event 5 is missing"),
    "events swapped": (swap_events, "event 4 is missing or not in its place"),
    "last event dropped": (lambda document: document["events"].pop(), "behind its last event"),
    "node": (set_at("nodes", 0, "status", to="FAILED"), "behind its last event"),
    "attempt": (lambda document: document["attempts"].pop(), "behind its last event"),
    "decision": (set_at("pauses", 0, "decided_by", to="somebody else"), "behind its last event"),
    "chain": (set_at("chain", "head", to="0" * 64), "behind its last event"),
    "signature": (set_at("signature", "value", to=base64.b64encode(bytes(64)).decode()), "signature does not hold"),
    "no form": (set_at("events", 0, to={}), "has not the form"),
    "no text": (set_at("signature", "value", to="?"), "has not the form"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_every_change_is_found(document: Any, change: str, tmp_path: Path) -> None:
    changed = copy.deepcopy(document)
    act, told = CHANGES[change]
    act(changed)
    with pytest.raises(CliError, match=told):
        verify(changed, tmp_path)


def test_another_order_of_members_and_other_spaces_are_no_change(document: Any, tmp_path: Path) -> None:
    file = tmp_path / "export.json"
    file.write_text(json.dumps(document, indent=4, sort_keys=True))
    assert export_verify.run(Namespace(file=file, key=None)) == 0


def test_key_that_is_asked_for_must_be_that_of_the_signature(document: Any, tmp_path: Path) -> None:
    other = base64.b64encode(AuditKey(tmp_path).signer().sign(b"").public_key).decode()
    with pytest.raises(CliError, match="signed by key"):
        verify(document, tmp_path, other)
    unsigned = {name: value for name, value in document.items() if name != "signature"}
    with pytest.raises(CliError, match="not signed"):
        verify(unsigned, tmp_path, other)
    verify(unsigned, tmp_path)
    with pytest.raises(UsageError, match="expected 32 bytes in base64"):
        verify(document, tmp_path, "x")


@pytest.mark.parametrize("text", ["{", "[]", "{}", '{"schema":"penstock.export/2"}', '{"schema":"penstock.export/1"}'])
def test_what_is_no_export_is_refused(text: str, tmp_path: Path) -> None:
    file = tmp_path / "export.json"
    file.write_text(text)
    with pytest.raises(UsageError, match="expected"):
        export_verify.run(Namespace(file=file, key=None))


def test_audit_key_stays_and_is_for_its_owner_alone(tmp_path: Path) -> None:
    first, second = (AuditKey(tmp_path / "data").signer().sign(b"text") for _ in range(2))
    assert first == second
    assert is_genuine(first, b"text") and not is_genuine(first, b"other")
    file = tmp_path / "data" / FILE
    assert file.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in file.parent.iterdir()] == [FILE]


def test_broken_audit_key_is_told_before_the_document_begins(depot: Server, tmp_path: Path) -> None:
    (tmp_path / FILE).write_text("no key\n")
    with pytest.raises(AuditKeyError, match="expected 32 bytes in base64"):
        AuditKey(tmp_path).signer()
    execution_id = fulfilled(depot)
    file = depot.data_dir / FILE
    kept = file.read_text() if file.exists() else None
    file.write_text("no key\n")
    try:
        answer = depot.request("GET", f"/invocations/v1/executions/{execution_id}:export?signed=true")
        assert refusal(answer)[0] == 409
    finally:
        file.unlink() if kept is None else file.write_text(kept)
