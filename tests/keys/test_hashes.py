"""What is kept of a key, with master keys and without."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path

import pytest

from penstock.engine.storage.key_hashes import KeyHasher
from penstock.engine.storage.master_keys import MasterKeyError, MasterKeys

ONE, TWO = (base64.b64encode(bytes([number]) * 32).decode() for number in (1, 2))
ID, SECRET = "0123456789ab", "5ec2e7"


def hasher(folder: Path, variable: str = "", *, is_alone: bool = False) -> KeyHasher:
    return KeyHasher(MasterKeys(folder, variable), is_alone=is_alone)


@pytest.mark.parametrize(("variable", "is_alone"), [(ONE, False), (ONE, True), ("", True)])
def test_a_hash_is_keyed_where_all_servers_know_the_master_key(tmp_path: Path, variable: str, is_alone: bool) -> None:
    keyed = hasher(tmp_path, variable, is_alone=is_alone)
    made = keyed.make(ID, SECRET)
    assert made.master_key_id is not None
    assert made.value != hashlib.sha256(SECRET.encode()).digest()
    assert keyed.matches(ID, SECRET, made)
    assert not keyed.matches(ID, f"{SECRET}0", made)
    assert not keyed.matches("ba9876543210", SECRET, made)


def test_servers_that_share_a_database_alone_make_hashes_that_each_can_verify(tmp_path: Path) -> None:
    one, other = hasher(tmp_path / "one"), hasher(tmp_path / "other")
    made = one.make(ID, SECRET)
    assert made.master_key_id is None
    assert other.matches(ID, SECRET, made)
    assert not (tmp_path / "one").exists()


def test_a_key_that_there_is_not_matches_nothing(tmp_path: Path) -> None:
    assert not hasher(tmp_path).matches(ID, SECRET, None)


def test_another_master_key_goes_on_with_what_the_one_before_it_hashed(tmp_path: Path) -> None:
    made = hasher(tmp_path, ONE).make(ID, SECRET)
    both = hasher(tmp_path, f"{TWO},{ONE}")
    assert both.matches(ID, SECRET, made)
    assert both.is_to_be_renewed(made)
    renewed = both.make(ID, SECRET)
    assert not both.is_to_be_renewed(renewed)
    assert hasher(tmp_path, TWO).matches(ID, SECRET, renewed)
    assert not both.is_to_be_renewed(hasher(tmp_path / "none").make(ID, SECRET))


def test_a_master_key_that_is_gone_is_named(tmp_path: Path) -> None:
    made = hasher(tmp_path, ONE).make(ID, SECRET)
    with pytest.raises(MasterKeyError) as raised:
        hasher(tmp_path, TWO).matches(ID, SECRET, made)
    assert made.master_key_id is not None
    assert raised.value.facts == {"master_key_id": made.master_key_id.hex()}
    assert SECRET not in str(raised.value)
