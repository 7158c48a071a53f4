"""Sealed values: opened by who has the master key, for what they were sealed for, and by nobody else."""

from __future__ import annotations

import base64
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from penstock.engine.storage.master_keys import FILE, MasterKeyError, MasterKeys
from penstock.engine.storage.sealing import Sealer, binding

CONTEXT = binding("secrets", "ada", "stripe_key")
FIRST, SECOND = (base64.b64encode(bytes([number]) * 32).decode() for number in (1, 2))


def sealer(folder: Path, variable: str = "") -> Sealer:
    return Sealer(MasterKeys(folder, variable))


@pytest.mark.parametrize("plain", [b"", b"s3cret", b"\0" * 16_384])
def test_value_opens_for_what_it_was_sealed_for(tmp_path: Path, plain: bytes) -> None:
    assert sealer(tmp_path, FIRST).open(sealer(tmp_path, FIRST).seal(plain, CONTEXT), CONTEXT) == plain


def test_same_value_never_looks_the_same(tmp_path: Path) -> None:
    box = sealer(tmp_path, FIRST)
    assert box.seal(b"s3cret", CONTEXT) != box.seal(b"s3cret", CONTEXT)


def test_sealed_value_shows_nothing_of_it(tmp_path: Path) -> None:
    assert b"s3cret" not in sealer(tmp_path, FIRST).seal(b"s3cret", CONTEXT)


@pytest.mark.parametrize("other", [("secrets", "bob", "stripe_key"), ("secrets", "ada", "other"), ("x", "ada", "y")])
def test_value_that_was_moved_does_not_open(tmp_path: Path, other: tuple[str, ...]) -> None:
    box = sealer(tmp_path, FIRST)
    with pytest.raises(MasterKeyError, match="sealed for another account or name"):
        box.open(box.seal(b"s3cret", CONTEXT), binding(*other))


def test_parts_of_a_context_do_not_run_together() -> None:
    assert binding("a", "bc") != binding("ab", "c")


def test_changed_byte_anywhere_is_found(tmp_path: Path) -> None:
    box = sealer(tmp_path, FIRST)
    sealed = box.seal(b"s3cret", CONTEXT)
    for index in range(len(sealed)):
        changed = sealed[:index] + bytes([sealed[index] ^ 1]) + sealed[index + 1 :]
        with pytest.raises(MasterKeyError):
            box.open(changed, CONTEXT)
        with pytest.raises(MasterKeyError):
            box.open(sealed[:index], CONTEXT)


def test_first_key_seals_and_all_open(tmp_path: Path) -> None:
    old = sealer(tmp_path, FIRST).seal(b"s3cret", CONTEXT)
    both = sealer(tmp_path, f"{SECOND}, {FIRST}")
    assert both.open(old, CONTEXT) == b"s3cret"
    assert sealer(tmp_path, SECOND).open(both.seal(b"new", CONTEXT), CONTEXT) == b"new"


def test_unknown_key_says_which_and_what_to_do(tmp_path: Path) -> None:
    sealed = sealer(tmp_path, FIRST).seal(b"s3cret", CONTEXT)
    with pytest.raises(MasterKeyError) as raised:
        sealer(tmp_path, SECOND).open(sealed, CONTEXT)
    key_id = sealed[1:9].hex()
    assert str(raised.value) == (
        f"it was sealed by master key {key_id}, which this server does not know: put that key into PENSTOCK_MASTER_KEY"
        f" (behind a comma) or as a line of {tmp_path / FILE}, or put the value anew"
    )
    assert FIRST not in str(raised.value)


def test_reseal_changes_the_key_and_not_the_value(tmp_path: Path) -> None:
    old = sealer(tmp_path, FIRST).seal(b"s3cret", CONTEXT)
    both = sealer(tmp_path, f"{SECOND},{FIRST}")
    anew = both.reseal(old, CONTEXT)
    assert anew is not None
    assert sealer(tmp_path, SECOND).open(anew, CONTEXT) == b"s3cret"
    assert both.reseal(anew, CONTEXT) is None
    with pytest.raises(MasterKeyError):
        sealer(tmp_path, FIRST).open(anew, CONTEXT)


@pytest.mark.parametrize(
    ("variable", "problem"),
    [
        ("not base64!", "expected 32 bytes in base64, got other text"),
        (base64.b64encode(b"short").decode(), "expected 32 bytes in base64, got 5 bytes"),
        (f"{FIRST},x", "expected 32 bytes in base64, got other text"),
    ],
)
def test_variable_that_holds_no_key_is_refused_without_showing_it(tmp_path: Path, variable: str, problem: str) -> None:
    with pytest.raises(MasterKeyError) as raised:
        MasterKeys(tmp_path, variable)
    assert str(raised.value) == f"PENSTOCK_MASTER_KEY: {problem}: `openssl rand -base64 32` makes one"


def test_environment_is_looked_at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PENSTOCK_MASTER_KEY", FIRST)
    assert MasterKeys(tmp_path).first() == MasterKeys(tmp_path, FIRST).first()
    assert list(tmp_path.iterdir()) == []


def test_file_is_made_at_the_first_need_for_its_owner_alone(tmp_path: Path) -> None:
    keys = MasterKeys(tmp_path / "data", "")
    assert not (tmp_path / "data").exists()
    keys.first()
    file = tmp_path / "data" / FILE
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert len(base64.b64decode(file.read_text())) == 32
    assert [path.name for path in file.parent.iterdir()] == [FILE]


def test_keys_of_the_file_open_when_the_variable_seals(tmp_path: Path) -> None:
    sealed = sealer(tmp_path).seal(b"s3cret", CONTEXT)
    assert sealer(tmp_path, FIRST).open(sealed, CONTEXT) == b"s3cret"
    assert sealer(tmp_path, FIRST).reseal(sealed, CONTEXT) is not None


def test_key_that_was_put_into_the_file_since_opens(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text(f"{FIRST}\n")
    box = sealer(tmp_path)
    box.seal(b"x", CONTEXT)
    (tmp_path / FILE).write_text(f"{SECOND}\n{FIRST}\n")
    sealed = sealer(tmp_path).seal(b"s3cret", CONTEXT)
    assert box.open(sealed, CONTEXT) == b"s3cret"
    assert sealer(tmp_path, SECOND).open(sealed, CONTEXT) == b"s3cret"


@pytest.mark.parametrize("content", ["\n", "no key", "é"])
def test_file_that_holds_no_key_is_refused(tmp_path: Path, content: str) -> None:
    (tmp_path / FILE).write_text(content, encoding="utf-8")
    with pytest.raises(MasterKeyError, match=FILE):
        MasterKeys(tmp_path, "").first()
    assert (tmp_path / FILE).read_text(encoding="utf-8") == content


def test_processes_that_need_it_at_once_agree_on_one_key(tmp_path: Path) -> None:
    script = (
        "import sys, pathlib; from penstock.engine.storage.master_keys import MasterKeys;"
        "keys = MasterKeys(pathlib.Path(sys.argv[1]), ''); sys.stdin.readline(); print(keys.first().key_id.hex())"
    )
    command = [sys.executable, "-c", script, str(tmp_path)]
    processes = [subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(4)]
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
    ids = {process.communicate(timeout=60)[0] for process in processes}
    assert ids == {f"{MasterKeys(tmp_path, '').first().key_id.hex()}\n"}
