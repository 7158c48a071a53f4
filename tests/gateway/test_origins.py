"""Where a call came from: who is believed when they say that they speak for somebody."""

from __future__ import annotations

from ipaddress import ip_network

import pytest
from aiohttp.test_utils import make_mocked_request

from penstock.cli.errors import UsageError
from penstock.cli.serving.proxy_settings import VARIABLE, trusted_proxies
from penstock.gateway.origins import Networks, origin_of

PROXIES = (ip_network("10.0.0.0/8"), ip_network("::1"))


@pytest.mark.parametrize(
    ("remote", "forwarded", "trusted", "address"),
    [
        ("192.0.2.1", "203.0.113.9", PROXIES, "192.0.2.1"),
        ("10.0.0.1", "203.0.113.9", (), "10.0.0.1"),
        ("10.0.0.1", "203.0.113.9", PROXIES, "203.0.113.9"),
        ("10.0.0.1", "198.51.100.1, 203.0.113.9, 10.1.1.1", PROXIES, "203.0.113.9"),
        ("10.0.0.1", "203.0.113.9, nonsense, 10.1.1.1", PROXIES, "10.1.1.1"),
        ("::1", "2001:db8::7", PROXIES, "2001:db8::7"),
        ("10.0.0.1", "", PROXIES, "10.0.0.1"),
        ("10.0.0.1", "10.0.0.2", PROXIES, "10.0.0.2"),
    ],
)
def test_only_trusted_proxies_are_believed(remote: str, forwarded: str, trusted: Networks, address: str) -> None:
    headers = {"X-Forwarded-For": forwarded} if forwarded else {}
    http = make_mocked_request("POST", "/", headers=headers).clone(remote=remote)
    assert origin_of(http, trusted).address == address


def test_setting_takes_networks_and_addresses(monkeypatch: pytest.MonkeyPatch) -> None:
    assert trusted_proxies() == ()
    monkeypatch.setenv(VARIABLE, " 10.0.0.0/8, ::1 ")
    assert trusted_proxies() == PROXIES
    monkeypatch.setenv(VARIABLE, "localhost")
    with pytest.raises(UsageError, match=VARIABLE):
        trusted_proxies()
