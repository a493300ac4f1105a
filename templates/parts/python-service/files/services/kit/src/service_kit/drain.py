"""Reads what is left of a request when the answer is ready before its end.

Closed with unread bytes, a connection is reset, and the proxy in front may lose the answer: what
was a clear "too large" becomes a bad gateway.
"""

import asyncio

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

DRAIN_SECONDS = 10.0


class DrainMiddleware:
    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not _has_body(Headers(scope=scope)):
            await self._app(scope, receive, send)
            return
        arrived = False

        async def receive_noting() -> Message:
            nonlocal arrived
            message = await receive()
            arrived = message["type"] != "http.request" or not message.get("more_body", False)
            return message

        async def drain() -> None:
            while not arrived:
                await receive_noting()
                await asyncio.sleep(0)  # bytes that are there already must not stop the clock

        async def send_then_drain(message: Message) -> None:
            last = message["type"] == "http.response.body" and not message.get("more_body", False)
            if not last or arrived:
                await send(message)
                return
            # The answer goes out now; only its formal end waits.
            await send({**message, "more_body": True})
            try:
                async with asyncio.timeout(DRAIN_SECONDS):
                    await drain()
            except TimeoutError:
                pass  # it is cut off after all: the client goes on sending for too long
            await send({"type": "http.response.body", "body": b"", "more_body": False})

        await self._app(scope, receive_noting, send_then_drain)


def _has_body(headers: Headers) -> bool:
    return headers.get("transfer-encoding") is not None or headers.get("content-length", "0") != "0"
