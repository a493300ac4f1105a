"""The network of the tests: brings a request to the application of its host, or has an accident."""

import asyncio
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import httpx
from starlette.types import ASGIApp

# lost: it never arrives. unanswered: it is done, and nobody learns of it. killed, killed_after:
# so as well, and the caller is dead.
type Kind = Literal["lost", "unanswered", "killed", "killed_after"]


@dataclass(slots=True)
class Accident:
    caller: str
    pattern: str
    kind: Kind
    # Which of the requests that match; the ones after that, too, when it is for good.
    number: int = 1
    lasting: bool = False
    seen: int = field(default=0, init=False)

    def strikes(self, caller: str, line: str) -> bool:
        if caller != self.caller or not re.search(self.pattern, line):
            return False
        self.seen += 1
        return self.seen == self.number or (self.lasting and self.seen > self.number)


@dataclass(slots=True)
class Network:
    apps: dict[str, ASGIApp] = field(default_factory=dict)
    accidents: list[Accident] = field(default_factory=list)
    # "caller METHOD /path", in the order in which they were sent.
    sent: list[str] = field(default_factory=list)
    headers: list[Mapping[str, str]] = field(default_factory=list)

    def seen_by(self, caller: str, routes: dict[str, str]) -> httpx.AsyncBaseTransport:
        return _View(self, caller, routes)


class _View(httpx.AsyncBaseTransport):
    def __init__(self, network: Network, caller: str, routes: dict[str, str]) -> None:
        self._network = network
        self._caller = caller
        self._routes = routes

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        line = f"{request.method} {request.url.path}"
        self._network.sent.append(f"{self._caller} {line}")
        self._network.headers.append(dict(request.headers))
        struck = [one for one in self._network.accidents if one.strikes(self._caller, line)]
        kinds = {one.kind for one in struck}
        if "killed" in kinds:
            raise asyncio.CancelledError
        if "lost" in kinds:
            raise httpx.ConnectError("lost", request=request)
        callee = self._routes[request.url.host]
        # A task of its own: the callee goes on when its caller is dead.
        working = asyncio.create_task(self._arrive(callee, request))
        answer = await asyncio.shield(working)
        if "killed_after" in kinds:
            raise asyncio.CancelledError
        if "unanswered" in kinds:
            raise httpx.ReadTimeout("unanswered", request=request)
        return answer

    async def _arrive(self, callee: str, request: httpx.Request) -> httpx.Response:
        transport = httpx.ASGITransport(
            app=self._network.apps[callee], client=("10.0.0.9", 1), raise_app_exceptions=False
        )
        answer = await transport.handle_async_request(request)
        body = await answer.aread()
        return httpx.Response(
            answer.status_code, headers=answer.headers, content=body, request=request
        )
