"""New signing keys, and the sessions of the old ones (`ops.signing_keys`), as requests see them."""

from collections.abc import Callable
from typing import Any

from django.contrib.auth import middleware
from django.http import HttpRequest, HttpResponse
from django.utils.functional import SimpleLazyObject

from ops.signing_keys import refresh_signing_keys


class SigningKeysMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        refresh_signing_keys()
        return self._get_response(request)


class AuthenticationMiddleware(middleware.AuthenticationMiddleware):
    """Django's own, except that a session keeps its name when it gets the signature of a new key.

    Django would rename it, and whatever else this browser has under way, with the name that it
    knows, would be logged out. Sessions are rows with random names: knowing an old signing key
    helps nobody to one.
    """

    def process_request(self, request: HttpRequest) -> None:
        super().process_request(request)
        request.user = SimpleLazyObject(lambda: _user_of(request))  # type: ignore[assignment]


def _user_of(request: HttpRequest) -> Any:
    request.session.cycle_key = lambda: None  # type: ignore[method-assign]
    try:
        return middleware.get_user(request)
    finally:
        del request.session.cycle_key
