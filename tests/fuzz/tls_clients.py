"""Clients of every bad kind for ports in TLS that ask for a certificate, each for one connection."""

from __future__ import annotations

import ssl
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from tests.fuzz.clients import Bad, Behaviour, Reader, Writer
from tests.harness import Server
from tests.tls.authority import Authority, Pair

_HELLOS = 20
_WRITES = 200


class TlsServer(Server):
    """`penstock dev` with a certificate, which hears nobody without one."""

    def __init__(self, data_dir: Path, *paths: Path) -> None:
        super().__init__(data_dir, *paths)
        folder = data_dir.parent / "tls"
        self.authority = Authority(folder)
        self.pair = self.authority.issue("server")
        self.client = self.authority.issue("client")
        self.stranger = Authority(folder, "stranger").issue("other")
        self._contexts: dict[tuple[Pair | None, str], ssl.SSLContext] = {}

    def command(self) -> Sequence[str]:
        files = ("--tls-cert", self.pair.certificate, "--tls-key", self.pair.key)
        return [*super().command(), *map(str, files), "--tls-client-ca", str(self.authority.certificate)]

    def context(self, client: Pair | None, protocol: str = "http/1.1") -> ssl.SSLContext:
        """What a client shakes hands with. Made once: it takes longer than the handshake."""
        if (known := self._contexts.get((client, protocol))) is not None:
            return known
        context = ssl.create_default_context(cafile=self.authority.certificate)
        context.set_alpn_protocols([protocol])
        if client is not None:
            context.load_cert_chain(client.certificate, client.key)
        self._contexts[client, protocol] = context
        return context


class _Hands:
    """A handshake whose every flight can be seen before it is sent."""

    def __init__(self, bad: Bad, client: Pair | None, reader: Reader, writer: Writer) -> None:
        assert isinstance(bad.server, TlsServer)
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        context = bad.server.context(client, "h2")
        self.tls = context.wrap_bio(self._incoming, self._outgoing, server_hostname="127.0.0.1")
        self._reader, self._writer = reader, writer

    def flight(self) -> bytes:
        """What the client says next."""
        with suppress(ssl.SSLWantReadError):
            self.tls.do_handshake()
        return self._outgoing.read()

    async def send(self, data: bytes) -> None:
        self._writer.write(data)
        await self._writer.drain()

    async def hear(self) -> None:
        self._incoming.write(await self._reader.read(1 << 16))

    async def shake(self) -> None:
        await self.send(self.flight())
        while self.tls.version() is None or not self._is_done():
            await self.hear()
            await self.send(self.flight())

    def _is_done(self) -> bool:
        try:
            self.tls.do_handshake()
        except ssl.SSLWantReadError:
            return False
        return True

    async def say(self, data: bytes) -> None:
        self.tls.write(data)
        await self.send(self._outgoing.read())


async def speaks_plain_text(bad: Bad, _: Reader, writer: Writer) -> None:
    writer.write(bad.request("GET", "/flows/v1/flows") + b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
    await writer.drain()


async def says_nothing(_bad: Bad, _: Reader, _writer: Writer) -> None:
    pass


async def half_a_hello(bad: Bad, reader: Reader, writer: Writer) -> None:
    hands = _Hands(bad, None, reader, writer)
    hello = hands.flight()
    await hands.send(hello[: bad.random.randrange(1, len(hello))])


async def stops_after_hello(bad: Bad, reader: Reader, writer: Writer) -> None:
    hands = _Hands(bad, None, reader, writer)
    await hands.send(hands.flight())
    await hands.hear()


async def hello_after_hello(bad: Bad, reader: Reader, writer: Writer) -> None:
    for _ in range(_HELLOS):
        hands = _Hands(bad, None, reader, writer)
        await hands.send(hands.flight())


async def half_a_certificate(bad: Bad, reader: Reader, writer: Writer) -> None:
    assert isinstance(bad.server, TlsServer)
    hands = _Hands(bad, bad.server.client, reader, writer)
    await hands.send(hands.flight())
    await hands.hear()
    last = hands.flight()
    await hands.send(last[: len(last) // 2])


async def no_certificate(bad: Bad, reader: Reader, writer: Writer) -> None:
    hands = _Hands(bad, None, reader, writer)
    with suppress(ssl.SSLError):
        await hands.shake()
        await hands.say(bad.request("GET", "/flows/v1/flows"))


async def certificate_of_a_stranger(bad: Bad, reader: Reader, writer: Writer) -> None:
    assert isinstance(bad.server, TlsServer)
    hands = _Hands(bad, bad.server.stranger, reader, writer)
    with suppress(ssl.SSLError):
        await hands.shake()
        await hands.say(bad.request("GET", "/flows/v1/flows"))


async def noise_after_the_handshake(bad: Bad, reader: Reader, writer: Writer) -> None:
    assert isinstance(bad.server, TlsServer)
    hands = _Hands(bad, bad.server.client, reader, writer)
    await hands.shake()
    await hands.send(bad.random.randbytes(2_000))


async def plain_hello_after_the_handshake(bad: Bad, reader: Reader, writer: Writer) -> None:
    assert isinstance(bad.server, TlsServer)
    hands = _Hands(bad, bad.server.client, reader, writer)
    await hands.shake()
    await hands.send(_Hands(bad, None, reader, writer).flight() * _HELLOS)


async def byte_after_byte_in_records(bad: Bad, reader: Reader, writer: Writer) -> None:
    """A record of its own for each byte of a head that never ends."""
    assert isinstance(bad.server, TlsServer)
    hands = _Hands(bad, bad.server.client, reader, writer)
    await hands.shake()
    for byte in (bad.request("GET", "/flows/v1/flows")[:-2] + b"X: " + b"y" * _WRITES)[:_WRITES]:
        await hands.say(bytes([byte]))


_BEHAVIOURS: tuple[Behaviour, ...] = (
    speaks_plain_text,
    says_nothing,
    half_a_hello,
    stops_after_hello,
    hello_after_hello,
    half_a_certificate,
    no_certificate,
    certificate_of_a_stranger,
    noise_after_the_handshake,
    plain_hello_after_the_handshake,
    byte_after_byte_in_records,
)
TLS_KINDS: tuple[tuple[bool, Behaviour], ...] = tuple(
    (is_http, behave) for behave in _BEHAVIOURS for is_http in (True, False)
)
"""As KINDS is, for a TlsServer."""
