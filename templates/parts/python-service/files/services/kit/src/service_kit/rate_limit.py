"""Rate limits counted in Redis, one fixed window a client, told honestly in the headers."""

import hashlib
import logging
import math
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from redis.asyncio import Redis
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

logger = logging.getLogger(__name__)

# After a failure the cache is left alone for a moment, then tried by one request: a Redis that
# hangs must not add its timeout to all of them.
OUTAGE_PAUSE_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Usage:
    limit: int
    used: int
    reset_seconds: int

    @property
    def exceeded(self) -> bool:
        return self.used > self.limit

    def headers(self) -> dict[str, str]:
        return {
            "X-RateLimit-Limit": str(self.limit),
            "X-RateLimit-Remaining": str(max(0, self.limit - self.used)),
            "X-RateLimit-Reset": str(self.reset_seconds),
        }


class Counter(Protocol):
    async def increment(self, key: str, seconds: int) -> int: ...


class RedisCounter:
    def __init__(self, redis: "Redis") -> None:
        self._redis = redis

    async def increment(self, key: str, seconds: int) -> int:
        async with self._redis.pipeline(transaction=True) as pipeline:
            pipeline.set(key, 0, ex=seconds + 1, nx=True)
            pipeline.incr(key)
            answers = await pipeline.execute()
        return int(answers[1])


class LocalCounter:
    """Counts in this process: for a laptop, and for a service that has one process and no Redis."""

    MOST_KEYS = 50_000

    def __init__(self) -> None:
        self._counts: dict[str, tuple[float, int]] = {}

    async def increment(self, key: str, seconds: int) -> int:
        moment = time.monotonic()
        ends, used = self._counts.get(key, (moment + seconds + 1, 0))
        self._counts[key] = (ends, used + 1)
        if len(self._counts) > self.MOST_KEYS:
            # A window has its number in its key: what is over is never asked for again.
            self._counts = {name: one for name, one in self._counts.items() if one[0] > moment}
        return used + 1


class RateLimits:
    def __init__(self, counter: Counter, limits: Mapping[str, tuple[int, int]]) -> None:
        self._counter = counter
        self._limits = limits
        self._outage_ends = 0.0

    async def count(self, scope: str, client: str) -> Usage | None:
        """Counts one request; None when Redis does not answer, and then nothing is limited."""
        moment = time.monotonic()
        if moment < self._outage_ends:
            return None
        if self._outage_ends:
            self._outage_ends = moment + OUTAGE_PAUSE_SECONDS
        limit, window = self._limits[scope]
        now = time.time()
        number = int(now // window)
        # Hashed, so that no address lies about in Redis.
        digest = hashlib.sha256(client.encode()).hexdigest()[:32]
        try:
            used = await self._counter.increment(f"rate:{scope}:{digest}:{number}", window)
        except Exception as error:  # noqa: BLE001 - any failure of Redis means the same here
            self._outage_ends = time.monotonic() + OUTAGE_PAUSE_SECONDS
            logger.warning("rate limits are off: Redis does not answer (%s)", error)
            return None
        self._outage_ends = 0.0
        return Usage(limit, used, max(1, math.ceil((number + 1) * window - now)))


class RateLimitHeadersMiddleware:
    """Tells what is left, on whatever answer comes: refusals and streams as well."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_usage(message: Message) -> None:
            usage = scope.get("state", {}).get("rate_limit_usage")
            if message["type"] == "http.response.start" and usage is not None:
                headers = MutableHeaders(scope=message)
                for name, value in usage.headers().items():
                    headers[name] = value
            await send(message)

        await self._app(scope, receive, send_with_usage if scope["type"] == "http" else send)
