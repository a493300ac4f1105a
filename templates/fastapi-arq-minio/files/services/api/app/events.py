"""Tells browsers what happened to their files: by Redis from any process, to streams of this one.

Nothing here is kept. Who listens fetches the list first, and again when a stream says "resync".
"""

import asyncio
import json
import logging
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from redis.asyncio import Redis

logger = logging.getLogger(__name__)

CHANNEL = "files:"
RETRY_SECONDS = 2.0
# A browser that reads nothing must not fill the memory.
BACKLOG = 100

type Event = dict[str, Any]
RESYNC: Event = {"event": "resync"}


class Events:
    """With no Redis (a laptop) they reach the streams of this process, which is the only one."""

    def __init__(self, redis: Redis | None) -> None:
        self._redis = redis
        self._listeners: dict[str, set[asyncio.Queue[Event]]] = defaultdict(set)
        self._reader: asyncio.Task[None] | None = None

    async def publish(self, owner: UUID, event: Event) -> None:
        if self._redis is None:
            self._deliver(str(owner), event)
            return
        try:
            await self._redis.publish(f"{CHANNEL}{owner}", json.dumps(event))
        except Exception as error:  # noqa: BLE001 - news that is lost is asked for again
            logger.warning("event not published: %s", error)

    def listen(self) -> None:
        """Once in each process that has streams."""
        if self._redis is not None and self._reader is None:
            self._reader = asyncio.create_task(self._read(self._redis))

    def listeners_of(self, owner: UUID) -> int:
        return len(self._listeners.get(str(owner), ()))

    @contextmanager
    def subscription(self, owner: UUID) -> Iterator[asyncio.Queue[Event]]:
        queue: asyncio.Queue[Event] = asyncio.Queue(BACKLOG)
        self._listeners[str(owner)].add(queue)
        try:
            yield queue
        finally:
            self._listeners[str(owner)].discard(queue)
            if not self._listeners[str(owner)]:
                del self._listeners[str(owner)]

    async def close(self) -> None:
        if self._reader is not None:
            self._reader.cancel()
            await asyncio.gather(self._reader, return_exceptions=True)

    async def _read(self, redis: Redis) -> None:
        while True:
            try:
                async with redis.pubsub(ignore_subscribe_messages=True) as channel:
                    await channel.psubscribe(f"{CHANNEL}*")
                    self._resync()  # whatever was said meanwhile, nobody here has heard it
                    while True:
                        message = await channel.get_message(timeout=5.0)
                        if message is None:
                            await channel.ping()
                        elif message["type"] == "pmessage":
                            owner = message["channel"].decode().removeprefix(CHANNEL)
                            self._deliver(owner, json.loads(message["data"]))
            except Exception as error:  # noqa: BLE001 - it is tried again, whatever it was
                logger.warning("no events from Redis, trying again: %s", error)
            await asyncio.sleep(RETRY_SECONDS)

    def _resync(self) -> None:
        for owner in list(self._listeners):
            self._deliver(owner, RESYNC)

    def _deliver(self, owner: str, event: Event) -> None:
        for queue in self._listeners.get(owner, ()):
            if queue.full():
                while not queue.empty():
                    queue.get_nowait()
                event = RESYNC
            queue.put_nowait(event)
