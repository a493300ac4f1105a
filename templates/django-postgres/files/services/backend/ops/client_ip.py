"""The address of the client of a request to Django."""

from django.conf import settings
from django.http import HttpRequest

from service_kit.addresses import address_of


def client_ip(request: HttpRequest) -> str:
    remote: str = request.META.get("REMOTE_ADDR", "")
    return address_of(remote, request.headers.get("X-Forwarded-For", ""), settings.NUM_PROXIES)
