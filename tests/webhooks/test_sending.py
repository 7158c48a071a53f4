"""One request over real sockets: where it goes, where it does not, and what is made of the answer."""

from __future__ import annotations

import gzip
import socket
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from pathlib import Path

import pytest
from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from penstock.engine.storage.postgres.webhooks import RESPONSE_BYTES_MAX
from penstock.engine.webhooks.egress import LOOPBACK, EgressPolicy
from penstock.engine.webhooks.resolving import LookUp, system_look_up
from penstock.engine.webhooks.retries import Answer
from penstock.engine.webhooks.sending import Sender
from penstock.engine.webhooks.settings import WebhookSettings
from tests.webhooks.receiver import Receiver, answers, breaks, hangs

NAME = "receiver.example"
REFUSED = Answer(None, "the host is not on the public internet: webhooks may not reach it")
SETTINGS = WebhookSettings(EgressPolicy(LOOPBACK))
ONE_ALLOWED = WebhookSettings(EgressPolicy((ip_network("127.0.0.2/32"),)))


@asynccontextmanager
async def sender(settings: WebhookSettings = SETTINGS, look_up: LookUp = system_look_up) -> AsyncIterator[Sender]:
    made = Sender(settings, look_up)
    yield made
    await made.close()


class Names:
    """A name server whose answer is another one each time."""

    def __init__(self, *answers: list[str]) -> None:
        self.answers = list(answers)

    def __call__(self, host: str, port: int) -> list[str]:
        assert host == NAME
        return self.answers.pop(0)


@pytest.fixture
async def neighbour(receiver: Receiver) -> AsyncIterator[Receiver]:
    """A receiver on the same port of 127.0.0.2."""
    neighbour = Receiver("127.0.0.2", receiver.port)
    await neighbour.start()
    yield neighbour
    await neighbour.close()


async def test_body_and_headers_arrive_as_they_are(receiver: Receiver) -> None:
    receiver.replies = [answers(200, "ok", {"Retry-After": "5"})]
    async with sender() as one:
        answer = await one.send(f"{receiver.url}?a=%2Fb%7e", {"X-Mine": "1", "User-Agent": "mine"}, b'{"a": 1}')
    assert answer == Answer(200, "", b"ok", "5")
    [received] = receiver.received
    assert (received.path, received.body) == ("/hook?a=%2Fb%7e", b'{"a": 1}')
    assert received.headers == {
        "host": f"127.0.0.1:{receiver.port}",
        "x-mine": "1",
        "user-agent": "mine",
        "accept": "*/*",
        "accept-encoding": "identity",
        "content-length": "8",
        "content-type": "application/octet-stream",
        "connection": "close",
    }


async def test_proxies_and_cookies_of_the_environment_are_not_used(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    receiver.replies = [answers(200, headers={"Set-Cookie": "a=b"})]
    async with sender() as one:
        assert [(await one.send(receiver.url, {}, b"")).status_code for _ in range(2)] == [200, 200]
    assert "cookie" not in receiver.received[1].headers


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (204, ""),
        (301, "the receiver sent it elsewhere: redirects are not followed"),
        (404, "the receiver answered 404"),
        (503, "the receiver answered 503"),
    ],
)
async def test_the_status_decides(receiver: Receiver, status: int, error: str) -> None:
    receiver.replies = [answers(status, headers={"Location": receiver.url})]
    async with sender() as one:
        answer = await one.send(receiver.url, {}, b"")
    assert (answer.status_code, answer.error, len(receiver.received)) == (status, error, 1)


async def test_of_the_answer_only_the_beginning_is_read(receiver: Receiver) -> None:
    async def endless(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        while True:
            await response.write(b"x" * 65_536)

    packed = gzip.compress(b"0" * 1_000_000)

    async def bomb(_: web.Request) -> web.StreamResponse:
        return web.Response(body=packed, headers={"Content-Encoding": "gzip"})

    receiver.replies = [endless, bomb]
    async with sender() as one:
        assert await one.send(receiver.url, {}, b"") == Answer(200, "", b"x" * RESPONSE_BYTES_MAX)
        assert await one.send(receiver.url, {}, b"") == Answer(200, "", packed[:RESPONSE_BYTES_MAX])


async def test_an_answer_whose_body_never_comes_counts_by_its_status(receiver: Receiver) -> None:
    async def stalls(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        await response.write(b"begin")
        return await hangs(request)

    receiver.replies = [stalls]
    async with sender(replace(SETTINGS, total_s=0.3)) as one:
        assert await one.send(receiver.url, {}, b"") == Answer(200, "", b"begin")


async def test_a_receiver_that_does_not_answer_or_is_not_there_is_told_by_the_error(receiver: Receiver) -> None:
    receiver.replies = [hangs, breaks]
    async with sender(replace(SETTINGS, total_s=0.3)) as one:
        assert await one.send(receiver.url, {}, b"") == Answer(None, "no answer within 0.3 s")
        assert await one.send(receiver.url, {}, b"") == Answer(None, "Server disconnected")
        await receiver.close()
        assert await one.send(receiver.url, {}, b"") == Answer(None, "cannot connect: connection refused")


@pytest.mark.parametrize(
    "make_url",
    [
        lambda port: f"http://127.0.0.1:{port}/",
        lambda port: f"http://localhost:{port}/",
        lambda port: f"http://[::ffff:127.0.0.1]:{port}/",
        lambda port: f"http://2130706433:{port}/",
        lambda port: f"http://127.1:{port}/",
        lambda port: f"http://ada:secret@127.0.0.1:{port}/",
        lambda port: "http://[::1]:1/",
        lambda port: "http://169.254.169.254/latest/meta-data",
    ],
)
async def test_addresses_that_may_not_be_reached_are_not(receiver: Receiver, make_url: Callable[[int], str]) -> None:
    async with sender(WebhookSettings()) as one:
        assert (await one.send(make_url(receiver.port), {}, b"")).status_code is None
    assert receiver.received == []


async def test_a_name_with_one_address_that_may_not_be_reached_is_not_reached(
    receiver: Receiver, neighbour: Receiver
) -> None:
    async with sender(ONE_ALLOWED, Names(["127.0.0.2", "127.0.0.1"])) as one:
        assert await one.send(f"http://{NAME}:{receiver.port}/", {}, b"") == REFUSED
    assert (receiver.received, neighbour.received) == ([], [])


async def test_a_name_that_stands_for_another_address_a_moment_later_leads_to_the_one_that_was_checked(
    receiver: Receiver, neighbour: Receiver
) -> None:
    url = f"http://{NAME}:{receiver.port}/"
    names = Names(["127.0.0.2"], ["127.0.0.1"], ["127.0.0.2"])
    async with sender(ONE_ALLOWED, names) as one:
        assert (await one.send(url, {}, b"")).status_code == 200
        # It was looked up once: the second answer is that of the next request, which is checked anew.
        assert len(names.answers) == 2
        assert await one.send(url, {}, b"") == REFUSED
        assert (await one.send(url, {}, b"")).status_code == 200
    assert [received.headers["host"] for received in neighbour.received] == [f"{NAME}:{receiver.port}"] * 2
    assert receiver.received == []


async def test_a_name_that_is_not_known_is_told_by_the_error() -> None:
    def nobody(host: str, port: int) -> list[str]:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    async with sender(look_up=nobody) as one:
        answer = await one.send(f"http://{NAME}/", {}, b"")
    assert answer == Answer(None, "cannot connect: Name or service not known")


async def test_over_tls_the_name_of_the_url_is_asked_for_and_checked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate = make_certificate(tmp_path, NAME)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    asked: list[str | None] = []
    context.sni_callback = lambda _, name, __: asked.append(name)
    receiver = Receiver(tls=context)
    await receiver.start()
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    async with sender(look_up=lambda host, port: ["127.0.0.1"]) as one:
        assert (await one.send(f"https://{NAME}:{receiver.port}/", {}, b"")).status_code == 200
        other = await one.send(f"https://other.example:{receiver.port}/", {}, b"")
    await receiver.close()
    assert asked == [NAME, "other.example"]
    why = "Hostname mismatch, certificate is not valid for 'other.example'."
    assert other == Answer(None, f"the certificate is not good: {why}")


async def test_certificates_that_nobody_signed_are_refused(tmp_path: Path) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(make_certificate(tmp_path, NAME))
    receiver = Receiver(tls=context)
    await receiver.start()
    async with sender(look_up=lambda host, port: ["127.0.0.1"]) as one:
        answer = await one.send(f"https://{NAME}:{receiver.port}/", {}, b"")
    await receiver.close()
    assert answer.error.startswith("the certificate is not good: self")
    assert receiver.received == []


def make_certificate(folder: Path, name: str) -> Path:
    """A file with a certificate for a name, signed by itself, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = folder / "certificate.pem"
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    file.write_bytes(private + certificate.public_bytes(Encoding.PEM))
    return file
