"""The files of TLS: read together, read again when they change, refused with a reason."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import grpc
import pytest
from cryptography.hazmat.primitives import serialization

from penstock.engine.rpc.server import _credentials
from penstock.wire.tls import Tls, TlsError, TlsFiles
from tests.tls.authority import Authority, Pair


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


@pytest.fixture
def pair(authority: Authority) -> Pair:
    return authority.issue("one")


def test_files_are_read_again_when_they_change(authority: Authority, pair: Pair) -> None:
    tls = Tls(TlsFiles(pair.certificate, pair.key))
    before = tls.current()
    assert before.certificate == pair.certificate.read_bytes()
    assert tls.current() is before
    authority.issue("two", pair)
    assert tls.current().certificate == pair.certificate.read_bytes() != before.certificate


def test_files_that_do_not_belong_together_are_told_and_not_used(
    authority: Authority, pair: Pair, caplog: pytest.LogCaptureFixture
) -> None:
    tls = Tls(TlsFiles(pair.certificate, pair.key))
    before, key = tls.current(), pair.key.read_bytes()
    pair.key.write_bytes(authority.issue("two").key.read_bytes())
    with caplog.at_level(logging.ERROR):
        assert tls.current() is before
        assert tls.current() is before
    [record] = caplog.records
    assert "the TLS files that were read before stay in use" in record.getMessage()
    pair.key.write_bytes(key + b"\n")
    assert tls.current() is not before


def test_file_that_is_away_for_a_moment_is_found_again(authority: Authority, pair: Pair) -> None:
    tls = Tls(TlsFiles(pair.certificate, pair.key))
    before = tls.current()
    pair.certificate.unlink()
    assert tls.current() is before
    authority.issue("two", pair)
    assert tls.current().certificate == pair.certificate.read_bytes()


def test_grpc_is_given_files_only_when_they_changed(
    authority: Authority, pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever it is given it puts in place of what other handshakes use at that moment, which it does not survive."""
    given: list[Any] = []
    make = grpc.dynamic_ssl_server_credentials

    def watched(first: Any, fetch: Callable[[], Any], **options: bool) -> grpc.ServerCredentials:
        given.append(fetch)
        return make(first, fetch, **options)

    monkeypatch.setattr(grpc, "dynamic_ssl_server_credentials", watched)
    credentials = _credentials(Tls(TlsFiles(pair.certificate, pair.key)))
    [fetch] = given
    assert credentials is not None
    assert [fetch(), fetch()] == [None, None]
    authority.issue("two", pair)
    assert fetch() is not None
    assert fetch() is None


def _without(files: TlsFiles) -> None:
    files.key.unlink()


def _with_words(files: TlsFiles) -> None:
    files.certificate.write_text("not a certificate")


def _with_password(files: TlsFiles) -> None:
    key = serialization.load_pem_private_key(files.key.read_bytes(), None)
    encryption = serialization.BestAvailableEncryption(b"secret")
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, encryption)
    files.key.write_bytes(pem)


def _with_empty_authority(files: TlsFiles) -> None:
    assert files.client_ca is not None
    files.client_ca.write_text("")


@pytest.mark.parametrize(
    ("spoil", "problem"),
    [
        (_without, "one.key: No such file or directory"),
        (_with_words, "expected a PEM certificate and its key"),
        (_with_password, "the key has a password"),
        (_with_empty_authority, "authority.pem: expected PEM certificates"),
    ],
    ids=lambda each: each.__name__ if callable(each) else "",
)
def test_files_that_cannot_be_used_are_named(authority: Authority, pair: Pair, spoil, problem: str) -> None:  # type: ignore[no-untyped-def]
    files = TlsFiles(pair.certificate, pair.key, authority.certificate)
    spoil(files)
    with pytest.raises(TlsError, match=problem):
        Tls(files)
