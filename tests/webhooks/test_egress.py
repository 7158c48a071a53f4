"""Which addresses webhooks may reach."""

from __future__ import annotations

from ipaddress import ip_address, ip_network

import pytest

from penstock.engine.webhooks.egress import LOOPBACK, EgressPolicy, parse_allow


@pytest.mark.parametrize(
    "address",
    [
        *("1.1.1.1", "8.8.8.8", "172.15.255.255", "172.32.0.0", "100.128.0.1", "223.255.255.255", "192.0.1.1"),
        *("2606:4700:4700::1111", "2a00:1450::1", "::ffff:8.8.8.8", "64:ff9b::808:808"),
    ],
)
def test_public_addresses_are_permitted(address: str) -> None:
    assert EgressPolicy().permits(ip_address(address))


@pytest.mark.parametrize(
    "address",
    [
        # This host, private networks, carrier-grade NAT.
        *("0.0.0.0", "0.1.2.3", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.0.1", "100.64.0.1"),
        # Loopback; link-local, where clouds keep their metadata.
        *("127.0.0.1", "127.255.255.254", "169.254.169.254"),
        # Protocol assignments, documentation, 6to4 relays, benchmarks.
        *("192.0.0.8", "192.0.2.1", "198.51.100.7", "203.0.113.9", "192.88.99.1", "198.19.0.1"),
        # Multicast, reserved, broadcast.
        *("224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255"),
        # The same of IPv6.
        *("::", "::1", "fe80::1", "fe80::1%1", "fc00::1", "fd12:3456::1", "fec0::1", "ff02::1", "100::1", "5f00::1"),
        *("2001:db8::1", "3fff::1", "2001:2::1", "2001:10::1"),
        # IPv4 within IPv6: mapped, compatible, NAT64, 6to4, Teredo.
        *("::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "::127.0.0.1"),
        *("64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::1", "2002:7f00:1::1", "2001:0:7f00:1::1"),
    ],
)
def test_other_addresses_are_not(address: str) -> None:
    assert not EgressPolicy().permits(ip_address(address))


def test_one_address_that_is_not_public_is_enough_to_refuse() -> None:
    policy = EgressPolicy()
    assert policy.permits_all(["8.8.8.8", "2606:4700::1"])
    assert not policy.permits_all(["8.8.8.8", "10.0.0.1"])
    assert not policy.permits_all(["8.8.8.8", "no address"])


def test_what_is_allowed_may_be_reached_and_its_neighbours_not() -> None:
    policy = EgressPolicy(parse_allow("10.1.0.0/16, fd00::/8"))
    permitted = ["10.1.2.3", "::ffff:10.1.2.3", "fd00::1", "8.8.8.8"]
    assert [text for text in permitted if not policy.permits(ip_address(text))] == []
    assert not any(policy.permits(ip_address(text)) for text in ("10.2.0.1", "::ffff:10.2.0.1", "fe80::1", "127.0.0.1"))
    loopback = EgressPolicy(LOOPBACK)
    assert all(loopback.permits(ip_address(text)) for text in ("127.0.0.1", "::1", "::ffff:127.0.0.1"))
    assert not loopback.permits(ip_address("10.0.0.1"))


def test_allowed_networks_are_read_from_text() -> None:
    assert parse_allow("") == ()
    assert parse_allow(" 10.0.0.0/8,::1 , 192.168.1.7") == tuple(
        map(ip_network, ("10.0.0.0/8", "::1/128", "192.168.1.7/32"))
    )


@pytest.mark.parametrize("text", ["localhost", "10.0.0.1/8", "10.0.0.0/8 10.1.0.0/16", "*"])
def test_what_is_no_network_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"expected networks such as 10\.1\.0\.0/16 with commas between them, got "):
        parse_allow(text)
