"""Both ports in TLS, as callers see them: `penstock serve`, a gateway apart, curl's and grpcurl's libraries."""

from __future__ import annotations

import http.client
import shutil
import socket
import ssl
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from queue import Queue

import grpc
import pytest
from cryptography import x509

from penstock.wire.gen.package_service_pb2 import ListPackagesRequest
from penstock.wire.gen.package_service_pb2_grpc import PackageServiceStub
from tests.harness import LINE_S_MAX, ROOT, START_S_MAX, STOP_S_MAX, _read_lines, open_folder
from tests.tls.authority import Authority, Pair

PLACES = ("--http", "127.0.0.1:0", "--grpc", "127.0.0.1:0")


class Started:
    """A command of the server's kind, from its first line to its stop."""

    def __init__(self, arguments: Sequence[str], wait_s: float = START_S_MAX) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "penstock.cli", *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            cwd=ROOT,
        )
        lines: Queue[str] = Queue()
        threading.Thread(target=_read_lines, args=(self.process.stdout, lines), daemon=True).start()
        self.line = lines.get(timeout=wait_s).strip()
        if self.line.startswith("penstock: HTTP on "):
            self.http, _, rest = self.line.removeprefix("penstock: HTTP on ").partition(", ")
            self.grpc = rest.partition(" ")[2].removeprefix("on ")


@contextmanager
def started(*arguments: str) -> Iterator[Started]:
    command = Started(arguments)
    try:
        yield command
    finally:
        command.process.terminate()
        command.process.wait(STOP_S_MAX)


class Stage:
    """A server that wants certificates of clients, and what it takes to call it."""

    def __init__(self, folder: Path) -> None:
        self.authority = Authority(folder)
        self.pair = self.authority.issue("server")
        self.client = self.authority.issue("client")
        self.data_dir = folder / "data"

    @property
    def files(self) -> tuple[str, ...]:
        pair = self.pair
        return ("--tls-cert", str(pair.certificate), "--tls-key", str(pair.key))

    @property
    def with_client_ca(self) -> tuple[str, ...]:
        return (*self.files, "--tls-client-ca", str(self.authority.certificate))

    def context(self, client: Pair | None) -> ssl.SSLContext:
        context = ssl.create_default_context(cafile=self.authority.certificate)
        if client is not None:
            context.load_cert_chain(client.certificate, client.key)
        return context

    def credentials(self, client: Pair | None) -> grpc.ChannelCredentials:
        key, chain = (None, None) if client is None else (client.key.read_bytes(), client.certificate.read_bytes())
        return grpc.ssl_channel_credentials(self.authority.certificate.read_bytes(), key, chain)


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    folder = open_folder()
    yield Stage(folder)
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def server(stage: Stage) -> Iterator[Started]:
    with started("serve", *PLACES, "--data-dir", str(stage.data_dir), *stage.with_client_ca) as command:
        yield command


@pytest.fixture(scope="module")
def key(server: Started, stage: Stage) -> str:
    made = subprocess.run(
        [sys.executable, "-m", "penstock.cli", "keys", "create", "tls", "--data-dir", str(stage.data_dir)],
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=True,
    )
    return made.stdout.strip()


def over_http(url: str, context: ssl.SSLContext, key: str) -> int:
    """The status of an answer. Raises OSError when there is none."""
    connection = http.client.HTTPSConnection(url.removeprefix("https://"), timeout=LINE_S_MAX, context=context)
    with closing(connection):
        connection.request("GET", "/packages/v1/packages", headers={"Authorization": f"Bearer {key}"})
        return connection.getresponse().status


def over_grpc(address: str, credentials: grpc.ChannelCredentials, key: str) -> int:
    with grpc.secure_channel(address, credentials) as channel:
        metadata = (("authorization", f"Bearer {key}"),)
        answer = PackageServiceStub(channel).ListPackages(ListPackagesRequest(), metadata=metadata, timeout=LINE_S_MAX)
        return len(answer.packages)


def subject(address: str, stage: Stage, protocol: str) -> str:
    """Whose certificate a port shows."""
    host, _, port = address.removeprefix("https://").rpartition(":")
    context = stage.context(stage.client)
    context.set_alpn_protocols([protocol])
    with context.wrap_socket(socket.create_connection((host, int(port))), server_hostname=host) as connection:
        shown = connection.getpeercert(binary_form=True)
    assert shown is not None
    return x509.load_der_x509_certificate(shown).subject.rfc4514_string()


def test_who_has_a_certificate_and_a_key_is_answered(server: Started, stage: Stage, key: str) -> None:
    assert server.http.startswith("https://127.0.0.1:")
    assert over_http(server.http, stage.context(stage.client), key) == 200
    assert over_grpc(server.grpc, stage.credentials(stage.client), key) == 0


def test_certificate_stands_for_no_key(server: Started, stage: Stage) -> None:
    assert over_http(server.http, stage.context(stage.client), "psk_none_such") == 401


def test_who_has_no_certificate_is_not_heard(server: Started, stage: Stage, key: str) -> None:
    stranger = Authority(stage.data_dir.parent, "stranger").issue("other")
    for client in (None, stranger):
        with pytest.raises(OSError):  # of TLS, or of the connection: it depends on who is faster
            over_http(server.http, stage.context(client), key)
        with pytest.raises(grpc.RpcError) as refused:
            over_grpc(server.grpc, stage.credentials(client), key)
        assert refused.value.code() is grpc.StatusCode.UNAVAILABLE  # type: ignore[attr-defined]


def test_plain_text_is_not_answered(server: Started) -> None:
    connection = http.client.HTTPConnection(server.http.removeprefix("https://"), timeout=LINE_S_MAX)
    with closing(connection), pytest.raises((OSError, http.client.BadStatusLine)):
        connection.request("GET", "/healthz")
        connection.getresponse()
    with grpc.insecure_channel(server.grpc) as channel, pytest.raises(grpc.RpcError) as refused:
        PackageServiceStub(channel).ListPackages(ListPackagesRequest(), timeout=LINE_S_MAX)
    assert refused.value.code() is grpc.StatusCode.UNAVAILABLE  # type: ignore[attr-defined]


def test_command_line_and_a_gateway_apart_speak_tls(server: Started, stage: Stage, key: str) -> None:
    client, ca = stage.client, str(stage.authority.certificate)
    to_engine = ("--engine-ca", ca, "--engine-cert", str(client.certificate), "--engine-key", str(client.key))
    address = server.grpc
    with started("gateway", "--http", "127.0.0.1:0", "--engine", address, *to_engine, *stage.files) as gateway:
        assert over_http(gateway.http, stage.context(None), key) == 200
        for url in (gateway.http, server.http):
            listed = subprocess.run(
                [sys.executable, "-m", "penstock.cli", "artifacts", "list", "--output", "json"],
                capture_output=True,
                text=True,
                cwd=ROOT,
                env={
                    "PATH": "",
                    "PENSTOCK_URL": url,
                    "PENSTOCK_API_KEY": key,
                    "PENSTOCK_CA": ca,
                    "PENSTOCK_CLIENT_CERT": str(client.certificate),
                    "PENSTOCK_CLIENT_KEY": str(client.key),
                },
            )
            assert (listed.returncode, listed.stderr) == (0, "")


def test_files_that_change_are_shown_from_the_next_connection_on(server: Started, stage: Stage, key: str) -> None:
    before = (server.http, "http/1.1"), (server.grpc, "h2")
    assert [subject(address, stage, protocol) for address, protocol in before] == ["CN=server"] * 2
    stage.authority.issue("renewed", stage.pair)
    assert [subject(address, stage, protocol) for address, protocol in before] == ["CN=renewed"] * 2
    assert over_grpc(server.grpc, stage.credentials(stage.client), key) == 0


@pytest.mark.parametrize(
    ("arguments", "problem", "status"),
    [
        (("serve", "--http", "0.0.0.0:0"), "--tls-cert and --tls-key, or --plain-text where a proxy does TLS", 1),
        (("serve", "--grpc", "[::]:0"), "[::]:0 is more than this machine", 1),
        (("serve", "--processes", "2", "--http", "0.0.0.0:0"), "0.0.0.0:0 is more than this machine", 1),
        (("dev", "--http", "0.0.0.0:0"), "0.0.0.0:0 is more than this machine", 1),
        (("gateway", "--engine", "engine.example:50051"), "give --engine-ca, or --plain-text", 1),
        (("serve", "--tls-cert", "a.pem"), "--tls-cert and --tls-key: expected both", 2),
        (("serve", "--tls-cert", "a.pem", "--tls-key", "a.key"), "a.pem: No such file or directory", 1),
        (("gateway", "--engine-key", "a.key"), "expected --engine-ca as well", 2),
        (("gateway", "--engine-ca", "no.pem"), "no.pem: No such file or directory", 1),
    ],
    ids=lambda each: " ".join(each) if isinstance(each, tuple) else "",
)
def test_what_would_be_unsafe_or_cannot_be_is_refused(
    tmp_path: Path, arguments: tuple[str, ...], problem: str, status: int
) -> None:
    places = () if arguments[0] == "gateway" else ("--data-dir", str(tmp_path / "data"))
    ran = subprocess.run(
        [sys.executable, "-m", "penstock.cli", *arguments, *places],
        capture_output=True,
        text=True,
        cwd=ROOT,
        timeout=START_S_MAX,
    )
    assert ran.returncode == status, ran.stderr
    assert problem in ran.stderr
    assert len(ran.stderr.splitlines()) == 1
