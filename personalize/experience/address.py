"""From which address does somebody sign in? (L5) Behind proxies, what the nearest trusted one saw.

Every proxy adds the address it was asked from to X-Forwarded-For, and anybody may send that header
along: so it is read from the right, and only as far as `settings.TRUSTED_PROXIES` reaches.
"""

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

from django.conf import settings
from django.http import HttpRequest

HEADER = "X-Forwarded-For"

Address = IPv4Address | IPv6Address
Networks = tuple[IPv4Network | IPv6Network, ...]


def client_address(request: HttpRequest) -> str | None:
    """Return the address of the client; None where nothing says it, as on a Unix socket."""
    hops = [part.strip() for part in request.headers.get(HEADER, "").split(",") if part.strip()]
    hops.append(request.META.get("REMOTE_ADDR", ""))
    trusted = settings.TRUSTED_PROXIES
    seen: Address | None = None
    for place, hop in enumerate(reversed(hops)):
        address = _address(hop)
        if address is None and hop:
            break  # a proxy never writes what is no address: the rest was made up
        seen = address or seen
        if not _is_proxy(address, place, trusted):
            break
    return str(seen) if seen is not None else None


def _address(text: str) -> Address | None:
    try:
        return ip_address(text)
    except ValueError:
        return None


def _is_proxy(address: Address | None, place: int, trusted: int | Networks) -> bool:
    """Say whether a hop is a trusted proxy's, also a proxy at a Unix socket, which has no address.

    Places are counted from the hop nearest to us.
    """
    if isinstance(trusted, int):
        return place < trusted
    if address is None:
        return bool(trusted)
    return any(address in network for network in trusted)
