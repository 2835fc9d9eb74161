"""Which numbers may the product connect to? None that leads inside, however it is written."""

from ipaddress import IPv4Address, IPv6Address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signals.data import is_public

INSIDE = st.sampled_from(
    [IPv4Address(one) for one in ("127.0.0.1", "10.0.0.1", "169.254.169.254", "192.168.1.1")]
)


@pytest.mark.parametrize(
    "number",
    [
        "0.0.0.0",  # noqa: S104  nothing is bound to it
        "10.1.2.3",
        "100.64.0.1",
        "127.0.0.1",
        "169.254.169.254",
        "172.16.0.1",
        "192.168.0.1",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "fe80::1",
        "fe80::1%eth0",
        "fc00::1",
        "fec0::1",
        "ff02::1",
        "2001:db8::1",
        "64:ff9b::a9fe:a9fe",
        "::ffff:10.0.0.1",
        "::7f00:1",
        "2002:7f00:1::",
        "2001:0:7f00:1::",
    ],
)
def test_what_is_not_of_the_public_net(number: str) -> None:
    assert not is_public(number)


@pytest.mark.parametrize("number", ["93.184.216.34", "1.1.1.1", "2606:4700::1111", "2a00:1450::1"])
def test_what_is(number: str) -> None:
    assert is_public(number)


@given(INSIDE, st.sampled_from((0, 0xFFFF << 32, 0x64FF9B << 96)))
def test_no_ipv6_that_ends_in_an_address_inside(inside: IPv4Address, before: int) -> None:
    assert not is_public(str(IPv6Address(before | int(inside))))
