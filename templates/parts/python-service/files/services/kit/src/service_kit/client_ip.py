"""The address of the client of an ASGI request."""

from starlette.requests import HTTPConnection

from service_kit.addresses import address_of
from service_kit.environment import env_int


def client_ip(connection: HTTPConnection) -> str:
    """Believes as many entries of the header as NUM_PROXIES says, from the right."""
    remote = connection.client.host if connection.client else ""
    forwarded_for = connection.headers.get("x-forwarded-for", "")
    return address_of(remote, forwarded_for, env_int("NUM_PROXIES", 1))
