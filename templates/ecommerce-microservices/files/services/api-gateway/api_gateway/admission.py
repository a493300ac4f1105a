"""Customers wait in line before any work is done for them.

More of them than this process can serve would take its time from those who are being served, and
from the services whose requests it passes on: then all would be too late, and all would come again.
Who waits in line costs nothing.
"""

import asyncio

from starlette.types import ASGIApp, Receive, Scope, Send

from service_kit.problems import unavailable

# Longer than that, and most clients are about to give up by themselves.
LINE_SECONDS = 30.0
SHORT_AT_ONCE = 48
# A checkout is held open until its end, and costs little meanwhile.
CHECKOUTS_AT_ONCE = 256


class Admission:
    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._short = asyncio.Semaphore(SHORT_AT_ONCE)
        self._checkouts = asyncio.Semaphore(CHECKOUTS_AT_ONCE)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope.get("path", "")
        # Services and probes never wait behind customers.
        if scope["type"] != "http" or not path.startswith("/api/") or "/health" in path:
            await self._app(scope, receive, send)
            return
        checkout = scope["method"] == "POST" and "/orders" in path
        line = self._checkouts if checkout else self._short
        try:
            async with asyncio.timeout(LINE_SECONDS):
                await line.acquire()
        except TimeoutError:
            await unavailable("shop").response()(scope, receive, send)
            return
        try:
            await self._app(scope, receive, send)
        finally:
            line.release()
