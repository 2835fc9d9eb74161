"""May the product itself connect to this number? Only where it is an address of the public net.

Whoever owns a name says what it resolves to, also to a number inside: written as IPv6 that holds an
IPv4 address (mapped, 6to4, NAT64, Teredo), as a site-local or a multicast address. So of IPv6 only
global unicast is public (RFC 4291, 2.4), and none of it that carries an IPv4 address.
"""

from ipaddress import IPv6Address, IPv6Network, ip_address

UNICAST = IPv6Network("2000::/3")
CARRIERS = (IPv6Network("2001::/32"), IPv6Network("2002::/16"))  # Teredo, 6to4


def is_public(number: str) -> bool:
    """Say whether an IP address, as `getaddrinfo` gives it, is one of the public net."""
    address = ip_address(number)
    if isinstance(address, IPv6Address) and (
        address not in UNICAST or any(address in carrier for carrier in CARRIERS)
    ):
        return False
    return address.is_global and not address.is_multicast and not address.is_reserved
