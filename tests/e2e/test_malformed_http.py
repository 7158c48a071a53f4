"""Callers that no HTTP client would be: half a request, no HTTP at all, nobody there for the answer."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.rawhttp import head, wire
from tests.e2e.support import (
    EXECUTIONS,
    INVOKE,
    eventually,
)
from tests.harness import Server

ORDER: dict[str, Any] = {"order_id": "A-1", "customer": {"name": "Ada"}, "lines": [{"sku": "POT-IRON"}]}


def with_input(given: Any) -> bytes:
    return json.dumps({"flow": "orders", "input": given}).encode()


def is_well(server: Server) -> bool:
    return bool(server.invoke("hello", {"name": "Ada"})["result"]["success"])


def executions(server: Server) -> list[str]:
    found = server.request("GET", f"{EXECUTIONS}?page_size=1000").json["executions"]
    return [execution["execution_id"] for execution in found]


def sockets(server: Server) -> int:
    assert server.process is not None
    count = 0
    for descriptor in Path(f"/proc/{server.process.pid}/fd").iterdir():
        try:
            count += descriptor.readlink().as_posix().startswith("socket:")
        except FileNotFoundError:
            continue  # it was closed meanwhile
    return count


@pytest.mark.parametrize(
    "sent",
    [
        b'Content-Length: 100\r\n\r\n{"flow": "hel',
        b"Content-Length: 100\r\n\r\n",
        b'Transfer-Encoding: chunked\r\n\r\n5\r\n{"flo',
        b"Content-Le",
    ],
)
def test_half_a_request_leaves_nothing_behind(server: Server, sent: bytes) -> None:
    known, before = executions(server), sockets(server)
    with wire(server) as connection:
        connection.sendall(head(server, INVOKE).removesuffix(b"\r\n") + sent)
        assert is_well(server)
    eventually(lambda: sockets(server) <= before)
    assert executions(server)[1:] == known


def test_a_caller_who_leaves_during_a_wait_does_not_end_the_execution(lab: Server, tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    body = {"flow": "wait_for_file", "input": {"text": str(gate)}, "wait": True, "labels": {"left": tmp_path.name}}
    content = json.dumps(body).encode()
    path = f'{EXECUTIONS}?filter=labels.left="{tmp_path.name}"'
    with wire(lab) as connection:
        connection.sendall(head(lab, INVOKE, f"Content-Length: {len(content)}") + content)
        [execution] = eventually(lambda: lab.request("GET", path).json["executions"])
    gate.touch()
    assert lab.wait(execution["execution_id"])["status"] == "COMPLETED"


@pytest.mark.parametrize(
    "garbage",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nContent-Length: x\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"GET / HTTP/1.1\r\nno colon\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"x" * 20_000 + b"\r\n\r\n",
        b"GET /" + b"x" * 20_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET /\x00 HTTP/1.1\r\nHost: x\r\n\r\n",
    ],
)
def test_what_is_not_http_is_refused_and_not_logged(server: Server, garbage: bytes) -> None:
    log = server.log
    with wire(server) as connection:
        connection.sendall(garbage)
        answer = connection.recv(65536)
    assert answer.startswith((b"HTTP/1.1 400 ", b"HTTP/1.0 400 "))
    assert is_well(server)
    assert server.log == log


def test_a_chunk_that_is_broken_is_refused(server: Server) -> None:
    with wire(server) as connection:
        connection.sendall(head(server, INVOKE, "Transfer-Encoding: chunked") + b"2\r\n{}\r\nnonsense\r\n")
        assert connection.recv(65536).startswith((b"HTTP/1.1 400 ", b"HTTP/1.0 400 "))
    assert is_well(server)


def test_a_body_in_chunks_is_read_whole(server: Server) -> None:
    body = b'{"flow":"hello","input":{"name":"Ada"},"wait":true}'
    chunks = b"".join(b"1\r\n%c\r\n" % byte for byte in body) + b"0\r\n\r\n"
    with wire(server) as connection:
        connection.sendall(head(server, INVOKE, "Transfer-Encoding: chunked", "Connection: close") + chunks)
        answer = b""
        while part := connection.recv(65536):
            answer += part
    assert b'"output":{"greeting":"Hello, Ada!"}' in answer


def test_requests_that_stand_behind_each_other_are_answered_in_order(server: Server) -> None:
    def request(name: str) -> bytes:
        content = json.dumps({"flow": "hello", "input": {"name": name}, "wait": True}).encode()
        return head(server, INVOKE, f"Content-Length: {len(content)}") + content

    names = [f"n{number}" for number in range(5)]
    answer = b""
    with wire(server) as connection:
        connection.sendall(b"".join(map(request, names)))
        while b"Hello, n4!" not in answer:
            answer += connection.recv(65536)
    places = [answer.index(f"Hello, {name}!".encode()) for name in names]
    assert places == sorted(places)
    assert answer.count(b"HTTP/1.1 202 Accepted\r\n") == 5


def test_a_refused_request_does_not_hurt_the_next_one_on_its_connection(server: Server) -> None:
    connection = server.connection()
    headers = {"Authorization": f"Bearer {server.key}", "Content-Type": "application/json"}
    with closing(connection):
        for body, status in (b"{", 400), (with_input({"order_id": 7}), 400), (with_input(ORDER), 202):
            connection.request("POST", INVOKE, body, headers)
            answer = connection.getresponse()
            answer.read()
            assert answer.status == status


@pytest.mark.parametrize(
    ("line", "status"),
    [
        (b"Content-Type: application/json\xad\xe3", b"415"),
        (b"Expect: \xad\xe3", b"401"),
        (b"Expect: a miracle", b"401"),
    ],
)
def test_headers_that_are_no_text_are_answered(server: Server, line: bytes, status: bytes) -> None:
    log = server.log
    key = f"Authorization: Bearer {server.key}\r\n".encode() if status == b"415" else b""
    with wire(server) as connection:
        start = f"POST {INVOKE} HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n".encode()
        connection.sendall(start + key + line + b"\r\n\r\n{}")
        assert connection.recv(65536).startswith(b"HTTP/1.1 " + status)
    assert is_well(server)
    assert server.log == log


@pytest.mark.parametrize("line", [b"Accept: */*", b"Expect: 100-contin\xa8\xdfue"])
def test_a_path_with_line_breaks_is_answered_as_any_other(server: Server, line: bytes) -> None:
    log = server.log
    with wire(server) as connection:
        connection.sendall(b"GET /executions/%0D%0Ax:wait HTTP/1.1\r\nHost: x\r\n" + line + b"\r\n\r\n")
        answer = connection.recv(65536)
    assert answer.startswith(b"HTTP/1.1 404 ")
    assert b"no such path" in answer
    assert server.log == log


def test_who_asks_whether_to_go_on_is_told_so(server: Server) -> None:
    body = b'{"flow":"hello","input":{"name":"Ada"},"wait":true}'
    with wire(server) as connection:
        connection.sendall(head(server, INVOKE, f"Content-Length: {len(body)}", "Expect: 100-Continue"))
        assert connection.recv(65536) == b"HTTP/1.1 100 Continue\r\n\r\n"
        connection.sendall(body)
        assert connection.recv(65536).startswith(b"HTTP/1.1 202 ")


def test_a_body_that_was_badly_compressed_is_refused_and_not_logged(server: Server) -> None:
    log = server.log
    with wire(server) as connection:
        connection.sendall(head(server, INVOKE, "Content-Encoding: deflate", "Content-Length: 9") + b"x\x9c nothing")
        assert connection.recv(65536).startswith(b"HTTP/1.1 400 ")
    assert is_well(server)
    assert server.log == log
