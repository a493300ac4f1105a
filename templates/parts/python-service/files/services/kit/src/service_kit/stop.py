"""Tells streams that last as long as their clients that the service is to stop."""

import asyncio
import signal
import threading
from types import FrameType
from typing import Any


class StopSignal:
    """Set by SIGTERM, at once.

    A server waits for its requests before it tells the application that it ends, so an endless
    stream would hold the stop up until it is cut.
    """

    def __init__(self) -> None:
        self._event = asyncio.Event()

    def install(self) -> None:
        """Call it in the application's start, when the server has its own handlers in place."""
        if threading.current_thread() is not threading.main_thread():
            return  # a test client
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            before: Any = signal.getsignal(number)

            def handle(received: int, frame: FrameType | None, before: Any = before) -> None:
                loop.call_soon_threadsafe(self._event.set)
                if callable(before):
                    before(received, frame)

            signal.signal(number, handle)

    def set(self) -> None:
        self._event.set()

    def is_set(self) -> bool:
        return self._event.is_set()

    async def wait(self) -> None:
        await self._event.wait()
