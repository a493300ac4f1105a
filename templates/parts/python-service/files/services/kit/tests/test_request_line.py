import json
import logging
from collections.abc import Awaitable, Callable
from logging.config import DictConfigurator

import pytest
from starlette.responses import PlainTextResponse
from starlette.types import Message, Receive, Scope, Send

from service_kit.middleware import RequestLogMiddleware
from service_kit.request_id import current_request_id
from service_kit.serve import log_settings

type Call = Callable[..., Awaitable[list[Message]]]


def test_what_uvicorn_says_has_no_colours() -> None:
    settings = log_settings()
    formatter = DictConfigurator(settings).configure_formatter(settings["formatters"]["json"])
    record = logging.makeLogRecord({"msg": "Started", "color_message": "\x1b[36mStarted"})
    said = json.loads(formatter.format(record))
    assert (said["message"], said["service"]) == ("Started", "service")
    assert "color_message" not in said


class TestRequestLine:
    async def test_it_has_id_status_and_no_query(
        self, call: Call, caplog: pytest.LogCaptureFixture
    ) -> None:
        seen: list[str | None] = []

        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            seen.append(current_request_id())
            await PlainTextResponse("ok")(scope, receive, send)

        with caplog.at_level(logging.INFO):
            sent = await call(
                RequestLogMiddleware(app), "/x", headers={"X-Request-ID": "trace-4711"}
            )
        assert seen == ["trace-4711"]
        assert (b"x-request-id", b"trace-4711") in sent[0]["headers"]
        (record,) = caplog.records
        assert record.getMessage() == "GET /x 200"
        assert "secret" not in json.dumps(vars(record), default=str)
        assert current_request_id() is None

    async def test_health_is_quiet_while_it_is_good(
        self, call: Call, caplog: pytest.LogCaptureFixture
    ) -> None:
        async def good(scope: Scope, receive: Receive, send: Send) -> None:
            await PlainTextResponse("ok")(scope, receive, send)

        async def bad(scope: Scope, receive: Receive, send: Send) -> None:
            await PlainTextResponse("no", 503)(scope, receive, send)

        with caplog.at_level(logging.INFO):
            await call(RequestLogMiddleware(good), "/api/v1/health/")
            assert caplog.records == []
            await call(RequestLogMiddleware(bad), "/api/v1/health/")
        assert len(caplog.records) == 1

    async def test_a_defect_is_answered_and_told_once(
        self, call: Call, caplog: pytest.LogCaptureFixture
    ) -> None:
        async def broken(scope: Scope, receive: Receive, send: Send) -> None:
            raise KeyError("a defect")

        sent = await call(RequestLogMiddleware(broken))
        assert sent[0]["status"] == 500
        assert json.loads(sent[1]["body"])["code"] == "error"
        assert [one.levelname for one in caplog.records].count("ERROR") == 1
