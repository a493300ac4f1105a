"""The queue, behind a seam of three methods.

ARQ is in maintenance mode upstream: it gets security fixes and nothing else. Everything that the
application knows of it is in this file and in app/worker.py, so another queue is a change of two
files. Jobs are a name and strings, as JSON: nothing in Redis can make a worker run code.
"""

import json
import logging
from typing import Any, Protocol

from arq.connections import ArqRedis

from service_kit.redis_client import redis_pool

logger = logging.getLogger(__name__)

BROKER_DATABASE = 0
TIMEOUT_SECONDS = 3.0


class Queue(Protocol):
    async def send(self, job: str, *arguments: str, unique: str, request_id: str) -> bool:
        """Asks for a job, once for each `unique`; false when the queue does not answer."""
        ...

    async def check(self) -> None: ...

    async def close(self) -> None: ...


def serialise(value: Any) -> bytes:
    return json.dumps(value, default=str).encode()


def arq_redis() -> ArqRedis:
    return ArqRedis(
        redis_pool(BROKER_DATABASE, timeout=TIMEOUT_SECONDS),
        job_serializer=serialise,
        job_deserializer=json.loads,
    )


class ArqQueue:
    def __init__(self, redis: ArqRedis) -> None:
        self._redis = redis

    async def send(self, job: str, *arguments: str, unique: str, request_id: str) -> bool:
        try:
            await self._redis.enqueue_job(job, *arguments, request_id=request_id, _job_id=unique)
        except Exception as error:  # noqa: BLE001 - whatever it was, the queue did not take it
            # No retry: a visitor is waiting, and the sweep sends what is still to be done.
            logger.warning("job %s not queued, it will be later: %s", unique, error)
            return False
        return True

    async def check(self) -> None:
        await self._redis.ping()

    async def close(self) -> None:
        await self._redis.aclose(close_connection_pool=True)
