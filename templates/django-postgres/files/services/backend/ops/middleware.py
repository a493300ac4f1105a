"""Gives each request its id and its one log line."""

import logging
import time
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils.functional import SimpleLazyObject

from ops.client_ip import client_ip
from ops.metrics import observe
from service_kit.request_id import HEADER, accept_or_make, set_request_id

logger = logging.getLogger("ops.request")

HEALTH_PREFIX = "/api/v1/health/"


class RequestLogMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request_id = accept_or_make(request.headers.get(HEADER))
        set_request_id(request_id)
        started = time.perf_counter()
        try:
            response = self._get_response(request)
            response[HEADER] = request_id
            seconds = time.perf_counter() - started
            observe(request, response.status_code, seconds)
            self._log(request, response, seconds * 1000)
        finally:
            set_request_id(None)
        return response

    def _log(self, request: HttpRequest, response: HttpResponse, duration_ms: float) -> None:
        # A passing probe every few seconds says nothing; a failing one is worth its line.
        quiet = request.path.startswith(HEALTH_PREFIX) and response.status_code < 400
        logger.log(
            logging.DEBUG if quiet else logging.INFO,
            "%s %s %d",
            request.method,
            request.path,
            response.status_code,
            extra={
                "method": request.method,
                # Never the query string: searches and tokens do not belong in logs.
                "path": request.path,
                "status": response.status_code,
                "duration_ms": round(duration_ms, 1),
                "user_id": _known_user_id(request),
                "client_ip": client_ip(request),
            },
        )


def _known_user_id(request: HttpRequest) -> str | None:
    # `request.user` is lazy: asking it here would cost requests that never needed it a query.
    user = request.__dict__.get("user")
    if isinstance(user, SimpleLazyObject):
        user = getattr(request, "_cached_user", None)
    if user is None or not user.is_authenticated:
        return None
    return str(user.pk)
