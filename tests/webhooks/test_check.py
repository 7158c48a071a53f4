"""Which webhooks are refused when they are given, and with which words."""

from __future__ import annotations

import pytest

from penstock.engine.domain.errors import InvalidArgument
from penstock.engine.webhooks.check import check_webhook
from penstock.engine.webhooks.egress import LOOPBACK, EgressPolicy
from penstock.wire.gen.webhook_pb2 import Webhook

URL = "https://example.com/hook"


def refusal(policy: EgressPolicy | None = None, url: str = URL, **headers: str) -> tuple[str, str]:
    with pytest.raises(InvalidArgument) as raised:
        check_webhook(Webhook(url=url, headers=headers), policy or EgressPolicy())
    error = raised.value
    assert error.message.startswith(f"{error.field}: expected ")
    return error.field, error.message.partition(", got ")[2]


@pytest.mark.parametrize(
    "url",
    [
        URL,
        "HTTPS://Example.COM",
        "http://example.com:8080/a/b?c=d&e=%20",
        "http://xn--mnchen-3ya.example./x",
        "http://my_host",
        "http://8.8.8.8/",
        "http://[2606:4700:4700::1111]:443/x#y",
        "https://example.com/" + "x" * 2028,
    ],
)
def test_urls_of_receivers_are_taken(url: str) -> None:
    check_webhook(Webhook(url=url), EgressPolicy())


@pytest.mark.parametrize(
    ("url", "got"),
    [
        ("", "none"),
        ("https://example.com/" + "x" * 2029, "2,049"),
        ("example.com/hook", "'example.com/hook'"),
        ("ftp://example.com", "'ftp://example.com'"),
        ("file:///etc/passwd", "'file:///etc/passwd'"),
        ("//example.com", "'//example.com'"),
        ("http://", "''"),
        ("http:///path", "''"),
        ("https://example..com", "'example..com'"),
        ("https://-a.example", "'-a.example'"),
        ("https://" + "a" * 64 + ".example", repr("a" * 64 + ".example")),
        ("https://example.com:0/", "0"),
        ("https://example.com:65536/", "'https://example.com:65536/'"),
        ("https://example.com:x/", "'https://example.com:x/'"),
        ("https://ada:secret@example.com/", "one with them"),
        ("https://ada@example.com/", "one with them"),
        ("https://exam ple.com/", "'https://exam ple.com/'"),
        ("https://example.com/\n", "'https://example.com/\\n'"),
        ("https://example.com\\@127.0.0.1/", "'https://example.com\\\\@127.0.0.1/'"),
        ("https://münchen.example/", "'https://münchen.example/'"),
        ("http://[::1", "'http://[::1'"),
        ("http://[fe80::1%25eth0]/", "'fe80::1%25eth0'"),
        # Old ways to write 127.0.0.1, and one to hide it.
        ("http://127.1/", "'127.1'"),
        ("http://2130706433/", "'2130706433'"),
        ("http://0x7f.0.0.0x1/", "'0x7f.0.0.0x1'"),
        ("http://0177.0.0.1/", "'0177.0.0.1'"),
        ("http://%31%32%37.0.0.1/", "'%31%32%37.0.0.1'"),
    ],
)
def test_what_is_no_url_of_a_receiver_is_refused(url: str, got: str) -> None:
    assert refusal(url=url) == ("webhook.url", got)


@pytest.mark.parametrize("host", ["127.0.0.1", "10.0.0.1", "169.254.169.254", "[::1]", "[::ffff:10.0.0.1]"])
def test_addresses_that_may_not_be_reached_are_refused_at_once(host: str) -> None:
    assert refusal(url=f"http://{host}:8080/") == ("webhook.url", host.strip("[]"))


def test_addresses_that_are_allowed_are_taken() -> None:
    check_webhook(Webhook(url="http://127.0.0.1:8080/"), EgressPolicy(LOOPBACK))
    assert refusal(EgressPolicy(LOOPBACK), "http://10.0.0.1/") == ("webhook.url", "10.0.0.1")


def test_headers_of_ones_own_are_taken() -> None:
    headers = {f"X-{number}": "v" for number in range(30)} | {"Authorization": "Bearer ~ \t!", "User-Agent": ""}
    check_webhook(Webhook(url=URL, headers=headers), EgressPolicy())


@pytest.mark.parametrize(
    "name",
    [
        *("webhook-id", "Webhook-Timestamp", "WEBHOOK-SIGNATURE", "webhook-anything", "Host", "content-length"),
        *("Content-Type", "Transfer-Encoding", "connection", "Proxy-Authorization", "TE", "Upgrade", "Expect"),
    ],
)
def test_headers_that_penstock_sets_are_refused(name: str) -> None:
    assert refusal(**{name: "x"}) == (f"webhook.headers.{name}", "one that Penstock sets itself")


@pytest.mark.parametrize("name", ["", "a b", "a:b", "ä", "a\r\nb", "a" * 129])
def test_what_is_no_name_of_a_header_is_refused(name: str) -> None:
    assert refusal(**{name: "x"}) == ("webhook.headers", repr(name[:128]))


@pytest.mark.parametrize("value", ["a\r\nX-Evil: 1", "a\nb", "a\0b", "ä"])
def test_values_that_http_does_not_carry_are_refused_and_not_shown(value: str) -> None:
    assert refusal(**{"X-A": value}) == ("webhook.headers.X-A", "other characters")


def test_too_many_and_too_long_headers_are_refused() -> None:
    assert refusal(**{f"X-{number}": "v" for number in range(33)}) == ("webhook.headers", "33")
    assert refusal(**{"X-A": "v" * 16_382}) == ("webhook.headers", "16,385")
    field, got = refusal(**{"X-A": "1", "x-a": "2"})
    assert (field.lower(), got) == ("webhook.headers.x-a", "it again in another spelling")
