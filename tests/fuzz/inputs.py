"""What is thrown at the ports: each input follows from the number of its campaign, its own, and what an account has."""

from __future__ import annotations

import gzip
import json
import re
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Any
from urllib.parse import quote, urlencode

from google.protobuf import json_format

from penstock.gateway.docs import ARTIFACT_PAGE_PATHS, ASSETS_PATH, DOCUMENT_PATH, PAGE_PATH
from penstock.gateway.gen.routes import ROUTES
from penstock.gateway.route import Route
from penstock.openapi.artifact.documents import KINDS
from penstock.wire.gen import relay_service_pb2
from penstock.wire.gen.services import SERVICES
from penstock.wire.typed import OPTIONS_METADATA, REQUEST_ID_METADATA
from tests.fuzz.messages import Stock, fill
from tests.fuzz.values import changed_bytes, changed_json, odd_json, text

METHODS = [method for service in SERVICES for method in service.methods]
STEERING = ("LimitService", "PolicyService", "RetentionService", "UsageService")
"""Services that may have an account refused everything: they are tried in an account of their own."""

_TYPED = ("hello.Hello", "hello.v1.Hello", "spell.v1.Spell", "pay_rent.PayRent", "nobody.v9.Nobody", "..", "")
_TYPED_METHODS = ("Invoke", "Stream", "Start", "Approve", "Resume", "GetState", "Signal", "Cancel", "X", "")
_RELAY = "/penstock.v1.RelayService/Relay"
_REFLECTION = (
    "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo",
    "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo",
)
_HEALTH = "/grpc.health.v1.Health/Check"


@dataclass(frozen=True, slots=True)
class HttpInput:
    """`may_wait`: it is allowed to be answered late, or for ever."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes | None
    may_wait: bool
    of_steering: bool = False


@dataclass(frozen=True, slots=True)
class GrpcInput:
    """`messages` are sent one after the other; more than one over a method that takes a stream."""

    path: str
    messages: tuple[bytes, ...]
    metadata: tuple[tuple[str, str | bytes], ...]
    takes_stream: bool = False
    may_wait: bool = False
    of_steering: bool = False


@dataclass(frozen=True, slots=True)
class RawInput:
    """Bytes for the HTTP port."""

    data: bytes = field(repr=True)


Input = HttpInput | GrpcInput | RawInput


def make_input(seed: str, number: int, stock: Stock) -> Input:
    random = Random(f"{seed}:{number}")
    makers: tuple[Callable[[Random, Stock], Input], ...] = (_http, _fixed, _page, _typed, _stream, _raw)
    return random.choices(makers, (40, 40, 4, 6, 4, 6))[0](random, stock)


# HTTP.


def _http(random: Random, stock: Stock) -> HttpInput:
    route = random.choice(ROUTES)
    request = route.request()
    fill(random, request, stock)
    members = _members(request)
    path = _path(random, route, members)
    for name, _ in route.path_fields:
        members.pop(name, None)
    if route.input_payload is not None:
        members.pop(route.input_payload.field, None)
        members[route.input_payload.member] = random.choice(({"text": "x"}, odd_json(random)))
    headers = _headers(random)
    for name, _ in route.headers:
        if random.random() < 0.4:
            headers[name] = random.choice(("0", "1", "3", "-1", "1:2", "99999999999999999999", _line(random)))
    body: bytes | None = None
    if route.body:
        inner = members if route.body == "*" else members.pop(route.body, {})
        body = _body(random, inner, headers)
        members = {} if route.body == "*" else members
    query = _query(random, members)
    waits = route.server_streaming or "timeout_seconds" in request.DESCRIPTOR.fields_by_name
    return HttpInput(route.http_method, path + query, headers, body, waits, route.service in STEERING)


def _members(request: Any) -> dict[str, Any]:
    try:
        made = json_format.MessageToDict(request, preserving_proto_field_name=True)
    except (ValueError, TypeError, json_format.Error):
        return {}  # a time or a mask of no text
    assert isinstance(made, dict)
    return made


def _path(random: Random, route: Route, members: Mapping[str, Any]) -> str:
    fields = dict(route.path_fields)

    def value(match: re.Match[str]) -> str:
        found: Any = members
        for part in fields[match[1]].split("."):
            found = found.get(part, "") if isinstance(found, dict) else ""
        return _quoted(str(found) if found and random.random() < 0.9 else text(random)[:2_000])

    return re.sub(r"{(\w+)(?::[^}]*(?:{[^}]*}[^}]*)*)?}", value, route.pattern)


def _quoted(part: str) -> str:
    return quote(part.encode("utf-8", "surrogatepass"), safe="*@:")


def _query(random: Random, members: Mapping[str, Any]) -> str:
    pairs = []
    for name, value in members.items():
        flat = value if isinstance(value, list) else [value]
        for each in flat[:5]:
            shown = str(each) if not isinstance(each, dict) else json.dumps(each)
            pairs.append((name + random.choice(("", "", "", "", ".x", "[]")), shown[:3_000]))
    if random.random() < 0.15:
        pairs.append((text(random)[:100], text(random)[:300]))
    return "?" + urlencode(pairs, errors="surrogatepass") if pairs else ""


def _body(random: Random, members: Any, headers: dict[str, str]) -> bytes:
    changed = changed_json(random, members) if random.random() < 0.6 else members
    try:
        raw = json.dumps(changed).encode()
    except RecursionError:
        raw = b"[" * 2_000
    if random.random() < 0.25:
        raw = changed_bytes(random, raw)
    match random.randrange(20):
        case 0:
            headers["Content-Encoding"] = "gzip"
            raw = gzip.compress(raw + b" " * random.choice((0, 100_000)), 1)
        case 1:
            headers["Content-Encoding"] = random.choice(("gzip", "deflate", "br", "identity", "x", "gzip, gzip"))
        case 2:
            headers["Content-Encoding"] = "deflate"
            raw = changed_bytes(random, zlib.compress(raw))
    return raw


def _headers(random: Random) -> dict[str, str]:
    headers = {"Content-Type": "application/json"}
    if random.random() < 0.25:
        name = random.choice(
            (
                "Accept",
                "Content-Type",
                "Range",
                "If-None-Match",
                "traceparent",
                "X-Request-Id",
                "X-Forwarded-For",
                "Origin",
            )
        )
        values = ("*/*", "application/x-protobuf", "text/event-stream", "a/b;q=x", "bytes=-5", "bytes=9-1,0-", "", "*")
        headers[name] = random.choice((*values, _line(random)))
    return headers


def _line(random: Random) -> str:
    """A text that may stand in a header."""
    return "".join(letter for letter in text(random)[:500] if " " <= letter < "\x7f")


def _page(random: Random, stock: Stock) -> HttpInput:
    """Documents, pages, health and paths that are nowhere."""
    artifact = f"/flows/v1/artifacts/{random.choice((*stock['graph_id'], 'hello', _quoted(text(random)[:300])))}"
    fixed = (DOCUMENT_PATH, PAGE_PATH, "/metrics", "/healthz", "/readyz", "/", "//", "/flows/v1/flows/")
    paths = (
        *fixed,
        *(f"{artifact}/{kind}" for kind in KINDS),
        f"{artifact}/sdk/{_quoted(text(random)[:50])}",
        *(re.sub(r"{.*?}", _quoted(text(random)[:100]), path) for path in ARTIFACT_PAGE_PATHS),
        ASSETS_PATH + _quoted(text(random)[:100]),
        "/" + _quoted(text(random)[:500]),
    )
    method = random.choice(("GET", "GET", "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "X"))
    return HttpInput(method, random.choice(paths), _headers(random), None, False)


def _raw(random: Random, stock: Stock) -> RawInput:
    """A request that is nearly one."""
    made = _http(random, stock)
    lines = [
        f"{made.method} {made.path} HTTP/1.1",
        "Host: x",
        *(f"{name}: {value}" for name, value in made.headers.items()),
    ]
    lines += random.choice(
        ([], ["Transfer-Encoding: chunked"], ["Connection: upgrade", "Upgrade: h2c"], ["Expect: 100-continue"])
    )
    body = made.body or b""
    if random.random() < 0.7:
        lines.append(f"Content-Length: {random.choice((len(body), len(body) + 1, 0, -1, 10**12, 'x'))}")
    return RawInput(changed_bytes(random, "\r\n".join([*lines, "", ""]).encode("utf-8", "replace") + body))


# gRPC.


def _fixed(random: Random, stock: Stock) -> GrpcInput:
    method = random.choice(METHODS)
    request = method.request()
    fill(random, request, stock)
    raw = request.SerializeToString()
    if random.random() < 0.5:
        raw = changed_bytes(random, raw)
    waits = method.server_streaming or "timeout_seconds" in request.DESCRIPTOR.fields_by_name
    of_steering = any(f".{service}/" in method.path for service in STEERING)
    return GrpcInput(method.path, (raw,), _metadata(random), may_wait=waits, of_steering=of_steering)


def _typed(random: Random, stock: Stock) -> GrpcInput:
    path = f"/flows.{random.choice(_TYPED)}/{random.choice(_TYPED_METHODS)}"
    raw = changed_bytes(random, random.choice((b"\x0a\x01x", b"", b"\x0a\x04\xff\xfe\xfd\xfc")))
    return GrpcInput(path, (raw,), _metadata(random), may_wait=True)


def _stream(random: Random, stock: Stock) -> GrpcInput:
    """Methods that take a stream, and that of health."""
    path = random.choice((_RELAY, *_REFLECTION, _HEALTH))
    if path == _RELAY:
        messages = []
        for _ in range(random.randrange(1, 6)):
            request = relay_service_pb2.RelayRequest()
            fill(random, request, {**stock, "id": (1, 2, 3), "method": [method.path for method in METHODS]})
            messages.append(changed_bytes(random, request.SerializeToString()))
        return GrpcInput(path, tuple(messages), _metadata(random), takes_stream=True, may_wait=True)
    raw = [changed_bytes(random, b"\x22\x0dflows.hello.X") for _ in range(random.randrange(1, 4))]
    streams = path != _HEALTH
    return GrpcInput(path, tuple(raw) if streams else tuple(raw[:1]), _metadata(random), streams, may_wait=True)


def _metadata(random: Random) -> tuple[tuple[str, str | bytes], ...]:
    if random.random() < 0.75:
        return ()
    names = ("traceparent", "x-request-id", "grpc-accept-encoding", "x", REQUEST_ID_METADATA, "authorization-2")
    made: list[tuple[str, str | bytes]] = [(random.choice(names), _line(random))]
    if random.random() < 0.5:
        made.append((OPTIONS_METADATA, random.randbytes(random.randrange(50))))
    return tuple(made)
