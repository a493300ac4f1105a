"""Rate limits counted in the cache, one fixed window a client, told honestly in the headers."""

import hashlib
import logging
import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.cache import caches
from django.http import HttpRequest, HttpResponse
from rest_framework.throttling import BaseThrottle

from ops.client_ip import client_ip
from service_kit.addresses import network_of

if TYPE_CHECKING:  # the view class imports this module, by way of the settings
    from rest_framework.request import Request
    from rest_framework.views import APIView

logger = logging.getLogger(__name__)

# After a failure the cache is left alone for a moment, then tried by one request: a Redis that
# hangs must not add its timeout to all of them.
OUTAGE_PAUSE_SECONDS = 10.0

_outage_ends = 0.0


@dataclass(frozen=True, slots=True)
class Usage:
    limit: int
    used: int
    reset_seconds: int

    @property
    def exceeded(self) -> bool:
        return self.used > self.limit

    @property
    def remaining(self) -> int:
        return max(0, self.limit - self.used)


def count(scope: str, client: str) -> Usage | None:
    """Counts one request; None when the cache does not answer, and then nothing is limited."""
    global _outage_ends  # noqa: PLW0603 - one circuit breaker a process
    moment = time.monotonic()
    if moment < _outage_ends:
        return None
    if _outage_ends:
        _outage_ends = moment + OUTAGE_PAUSE_SECONDS
    limit, window = settings.RATE_LIMITS[scope]
    now = time.time()
    number = int(now // window)
    # Hashed, so that no address lies about in Redis.
    digest = hashlib.sha256(client.encode()).hexdigest()[:32]
    key = f"rate:{scope}:{digest}:{number}"
    cache = caches["default"]
    try:
        cache.add(key, 0, timeout=window + 1)
        used = cache.incr(key)
    except Exception as error:  # noqa: BLE001 - any failure of the cache means the same here
        _outage_ends = time.monotonic() + OUTAGE_PAUSE_SECONDS
        logger.warning("rate limits are off: the cache does not answer (%s)", error)
        return None
    _outage_ends = 0.0
    return Usage(limit, used, max(1, math.ceil((number + 1) * window - now)))


class _RateLimit(BaseThrottle):
    scope: str

    def __init__(self) -> None:
        self._usage: Usage | None = None

    def client(self, request: "Request") -> str:
        return f"ip:{network_of(client_ip(request._request))}"

    def allow_request(self, request: "Request", view: "APIView") -> bool:
        self._usage = count(self.scope, self.client(request))
        if self._usage is None:
            return True
        request._request.rate_limit_usage = self._usage  # type: ignore[attr-defined]
        return not self._usage.exceeded

    def wait(self) -> float | None:
        return None if self._usage is None else float(self._usage.reset_seconds)


class ApiRateLimit(_RateLimit):
    """Per signed-in user, else per address. Never by a header that a client may write."""

    scope = "api"

    def client(self, request: "Request") -> str:
        if request.user.is_authenticated:
            return f"user:{request.user.pk}"
        return super().client(request)


class SearchRateLimit(ApiRateLimit):
    """Like the API's, and tighter, for requests that search: each reads every row it may see."""

    scope = "search"

    def allow_request(self, request: "Request", view: "APIView") -> bool:
        if not request.query_params.get("search"):
            return True
        return super().allow_request(request, view)


class AuthRateLimit(_RateLimit):
    """Per address, for the paths where passwords are tried."""

    scope = "auth"


class RateLimitHeadersMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self._get_response(request)
        usage = getattr(request, "rate_limit_usage", None)
        if usage is not None:
            response["X-RateLimit-Limit"] = str(usage.limit)
            response["X-RateLimit-Remaining"] = str(usage.remaining)
            response["X-RateLimit-Reset"] = str(usage.reset_seconds)
        return response
