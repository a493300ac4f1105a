"""Jobs that run at once, in the process that asks for them: for a laptop without Redis."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

logger = logging.getLogger(__name__)


class InlineQueue:
    def __init__(self) -> None:
        self._work: Callable[[str], Awaitable[object]] | None = None
        self._running: set[asyncio.Task[None]] = set()

    def attach(self, work: Callable[[str], Awaitable[object]]) -> None:
        """What a job does with its first argument."""
        self._work = work

    async def send(self, job: str, *arguments: str, unique: str, request_id: str) -> bool:
        task = asyncio.create_task(self._run(arguments[0]))
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        return True

    async def drain(self) -> None:
        await asyncio.gather(*self._running)

    async def check(self) -> None:
        pass

    async def close(self) -> None:
        await self.drain()

    async def _run(self, argument: str) -> None:
        try:
            if self._work is not None:
                await self._work(argument)
        except Exception:
            logger.exception("job failed")
