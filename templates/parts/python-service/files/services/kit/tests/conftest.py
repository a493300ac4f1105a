from collections.abc import Awaitable, Callable

import pytest
from starlette.types import ASGIApp, Message, Scope


@pytest.fixture
def call() -> Callable[..., Awaitable[list[Message]]]:
    """Calls an ASGI application without a server, and returns all that it sent."""

    async def call_it(
        app: ASGIApp,
        path: str = "/",
        *,
        method: str = "GET",
        headers: dict[str, str] | None = None,
        body: list[Message] | None = None,
    ) -> list[Message]:
        scope: Scope = {
            "type": "http",
            "method": method,
            "path": path,
            "query_string": b"q=secret",
            "headers": [(k.lower().encode(), v.encode()) for k, v in (headers or {}).items()],
            "client": ("192.0.2.1", 1),
            "state": {},
        }
        arriving = body or [{"type": "http.request", "body": b"", "more_body": False}]
        sent: list[Message] = []

        async def receive() -> Message:
            return arriving.pop(0) if arriving else {"type": "http.disconnect"}

        async def send(message: Message) -> None:
            sent.append(message)

        await app(scope, receive, send)
        return sent

    return call_it
