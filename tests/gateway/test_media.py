"""Accept and Content-Type are read as RFC 9110 says."""

from __future__ import annotations

import pytest

from penstock.gateway.media import is_protobuf, wants_protobuf
from penstock.wire.status import RpcError


@pytest.mark.parametrize(
    ("accept", "protobuf"),
    [
        (None, False),
        ("", False),
        ("*/*", False),
        ("text/html,application/xhtml+xml,*/*;q=0.8", False),
        ("application/x-protobuf", True),
        ("Application/X-Protobuf", True),
        ("application/x-protobuf, */*", True),
        ("application/x-protobuf;q=0.5, */*", False),
        ("application/x-protobuf;q=0.5, */*;q=0.1", True),
        ("application/json, application/x-protobuf", False),
        ("application/x-protobuf, application/json", True),
        ("application/x-protobuf, application/json;q=0.9", True),
        ("application/json;q=0.1, application/*", True),
        ("application/x-protobuf;q=0", False),
        ("application/x-protobuf;q=nonsense", False),
    ],
)
def test_protobuf_is_the_answer_when_it_is_liked_better(accept: str | None, protobuf: bool) -> None:
    assert wants_protobuf(accept) is protobuf


@pytest.mark.parametrize(
    ("content_type", "protobuf"),
    [
        (None, False),
        ("application/json", False),
        ("application/json; charset=UTF-8", False),
        ('APPLICATION/JSON;charset="utf-8"', False),
        ("application/x-protobuf", True),
        ("application/x-protobuf; messageType=x", True),
    ],
)
def test_a_body_is_json_or_protobuf(content_type: str | None, protobuf: bool) -> None:
    assert is_protobuf(content_type) is protobuf


@pytest.mark.parametrize(
    "content_type", ["text/plain", "application/xml", "application/json; charset=latin-1", "", "json"]
)
def test_a_body_of_another_type_is_refused(content_type: str) -> None:
    with pytest.raises(RpcError) as caught:
        is_protobuf(content_type)
    assert caught.value.http_status == 415
    assert caught.value.message == (
        f"Content-Type: expected application/json or application/x-protobuf, got {content_type}"
    )
