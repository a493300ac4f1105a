"""The address of the client, as told by our own proxy."""

import ipaddress

from starlette.requests import HTTPConnection

from service_kit.environment import env_int


def client_ip(connection: HTTPConnection) -> str:
    """Counts `NUM_PROXIES` entries from the right: what stands further left, a client can forge."""
    remote = connection.client.host if connection.client else ""
    proxies = env_int("NUM_PROXIES", 1)
    forwarded = [part.strip() for part in connection.headers.get("x-forwarded-for", "").split(",")]
    if proxies < 1 or len(forwarded) < proxies:
        return remote
    try:
        return str(ipaddress.ip_address(forwarded[-proxies]))
    except ValueError:
        return remote


def network_of(address: str) -> str:
    """One IPv6 customer owns a /64, so that is what is counted as one client."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return "unknown"
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped is not None:
            return str(parsed.ipv4_mapped)
        return str(ipaddress.ip_network((parsed, 64), strict=False))
    return str(parsed)
