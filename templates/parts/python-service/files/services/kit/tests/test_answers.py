"""Problems, limits, health, and what is left of a body."""

import asyncio
import json
from collections.abc import Awaitable, Callable

import pytest
from starlette.applications import Starlette
from starlette.requests import HTTPConnection, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import Message, Receive, Scope, Send

from service_kit import drain, health
from service_kit.client_ip import client_ip
from service_kit.drain import DrainMiddleware
from service_kit.health import collect_health, health_response
from service_kit.problems import Problem, add_problem_handlers, invalid, too_many, unavailable
from service_kit.rate_limit import LocalCounter, RateLimitHeadersMiddleware, RateLimits

type Call = Callable[..., Awaitable[list[Message]]]


class Gone(Exception):  # noqa: N818 - the state of a service in these tests
    pass


def raising(error: Exception) -> Starlette:
    async def view(_: Request) -> Response:
        raise error

    app = Starlette(routes=[Route("/", view)])
    add_problem_handlers(app, {Gone: "database"})
    return app


@pytest.mark.parametrize(
    ("error", "status", "code", "header"),
    [
        (Problem(409, "conflict", "Twice."), 409, "conflict", None),
        (invalid({"name": ["Too long."]}), 400, "invalid", None),
        (too_many(1.2), 429, "rate_limited", b"2"),
        (unavailable("storage"), 503, "service_unavailable", b"5"),
        (Gone("10.0.0.1 refused"), 503, "service_unavailable", b"5"),
    ],
)
async def test_an_error_is_a_problem(
    call: Call, error: Exception, status: int, code: str, header: bytes | None
) -> None:
    sent = await call(raising(error))
    headers = dict(sent[0]["headers"])
    body = json.loads(sent[1]["body"])
    assert (sent[0]["status"], body["status"], body["code"]) == (status, status, code)
    assert headers[b"content-type"] == b"application/problem+json"
    assert headers.get(b"retry-after") == header
    assert "10.0.0.1" not in sent[1]["body"].decode()


async def test_an_unknown_path_is_one_too(call: Call) -> None:
    sent = await call(raising(Gone()), "/nowhere")
    assert json.loads(sent[1]["body"])["code"] == "not_found"


class TestLimits:
    async def test_what_is_left_is_told(self, call: Call) -> None:
        limits = RateLimits(LocalCounter(), {"api": (2, 60)})
        used = [await limits.count("api", "user:1") for _ in range(3)]
        assert [one.exceeded for one in used if one] == [False, False, True]

        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            scope["state"]["rate_limit_usage"] = used[0]
            await PlainTextResponse("ok")(scope, receive, send)

        headers = dict((await call(RateLimitHeadersMiddleware(app)))[0]["headers"])
        assert (headers[b"x-ratelimit-limit"], headers[b"x-ratelimit-remaining"]) == (b"2", b"1")

    async def test_after_an_outage_one_request_tries_again(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        tries = 0

        class Broken:
            async def increment(self, key: str, seconds: int) -> int:
                nonlocal tries
                tries += 1
                raise ConnectionError("gone")

        limits = RateLimits(Broken(), {"api": (2, 60)})
        assert [await limits.count("api", "user:1") for _ in range(5)] == [None] * 5
        assert tries == 1
        monkeypatch.setattr(
            "service_kit.rate_limit.time.monotonic", lambda: limits._outage_ends + 1
        )
        assert await limits.count("api", "user:1") is None
        assert tries == 2


@pytest.mark.parametrize(("proxies", "expected"), [("1", "203.0.113.9"), ("0", "192.0.2.1")])
def test_the_address_is_the_one_that_our_proxy_saw(
    monkeypatch: pytest.MonkeyPatch, proxies: str, expected: str
) -> None:
    monkeypatch.setenv("NUM_PROXIES", proxies)
    headers = [(b"x-forwarded-for", b"198.51.100.1, 203.0.113.9")]
    scope = {"type": "http", "client": ("192.0.2.1", 1), "headers": headers}
    assert client_ip(HTTPConnection(scope)) == expected


async def test_checks_have_a_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "DEADLINE_SECONDS", 0.05)

    async def good() -> None: ...

    async def bad() -> None:
        raise OSError("no route to 10.0.0.7")

    async def silent() -> None:
        await asyncio.sleep(10)

    states = await collect_health({"database": good, "cache": bad, "storage": silent})
    assert states == {"database": "ok", "cache": "failed", "storage": "timeout"}
    answer = health_response(states)
    assert answer.status_code == 503
    assert b'"failed": ["cache", "storage"]' in bytes(answer.body)
    assert b"10.0.0.7" not in bytes(answer.body)


class TestDrain:
    """An answer before the end of a body."""

    @staticmethod
    async def refuse(scope: Scope, receive: Receive, send: Send) -> None:
        await PlainTextResponse("too large", 413)(scope, receive, send)

    async def test_the_rest_is_read_after_the_answer_is_out(self, call: Call) -> None:
        body: list[Message] = [{"type": "http.request", "body": b"x", "more_body": True}] * 3
        body.append({"type": "http.request", "body": b"x", "more_body": False})
        sent = await call(DrainMiddleware(self.refuse), headers={"Content-Length": "4"}, body=body)
        assert body == []
        assert [message.get("more_body") for message in sent] == [None, True, False]
        assert sent[1]["body"] == b"too large"

    async def test_not_for_ever(self, call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(drain, "DRAIN_SECONDS", 0.05)

        class Endless(list[Message]):
            def pop(self, index: object = 0) -> Message:
                return {"type": "http.request", "body": b"x", "more_body": True}

        endless = Endless([{}])
        sent = await call(
            DrainMiddleware(self.refuse), headers={"Transfer-Encoding": "chunked"}, body=endless
        )
        assert sent[-1]["more_body"] is False

    async def test_a_request_without_a_body_is_left_alone(self, call: Call) -> None:
        sent = await call(DrainMiddleware(self.refuse))
        assert len(sent) == 2
