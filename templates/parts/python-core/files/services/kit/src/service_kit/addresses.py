"""The address of the client, as told by our own proxy."""

import ipaddress


def address_of(remote: str, forwarded_for: str, proxies: int) -> str:
    """Counts `proxies` entries from the right: what stands further left, a client can forge."""
    forwarded = [part.strip() for part in forwarded_for.split(",")]
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
