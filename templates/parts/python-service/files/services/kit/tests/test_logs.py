import json
import logging
import logging.config
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from starlette.responses import PlainTextResponse
from starlette.types import Message, Receive, Scope, Send

from service_kit.json_logs import REDACTED, JsonFormatter, logging_config
from service_kit.middleware import RequestLogMiddleware
from service_kit.request_id import accept_or_make, current_request_id, set_request_id

type Call = Callable[..., Awaitable[list[Message]]]


def line(message: str = "hello", **extra: Any) -> dict[str, Any]:
    record = logging.makeLogRecord({"msg": message, "levelname": "INFO", "name": "test", **extra})
    parsed: dict[str, Any] = json.loads(JsonFormatter().format(record))
    return parsed


def test_the_fields_of_every_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SERVICE_NAME", "api")
    monkeypatch.setenv("APP_VERSION", "1.2.3")
    set_request_id("req-12345678")
    one = line(duration_ms=1.5)
    set_request_id(None)
    assert one["timestamp"].endswith("Z") and len(one["timestamp"]) == 24
    assert (one["service"], one["version"], one["level"]) == ("api", "1.2.3", "info")
    assert (one["request_id"], one["message"], one["duration_ms"]) == ("req-12345678", "hello", 1.5)


@pytest.mark.parametrize(
    "text",
    [
        "redis://app:hunter2@redis:6379",
        "password=hunter2",
        '{"token": "hunter2"}',
        "Authorization: Bearer hunter2",
        "s3_secret=hunter2&x=1",
    ],
)
def test_secrets_in_text_are_taken_out(text: str) -> None:
    said = line(text)["message"]
    assert "hunter2" not in said
    assert REDACTED in said


def test_secrets_by_name_are_taken_out() -> None:
    one = line(session_key="hunter2", data={"Password": "hunter2", "list": ["token=hunter2"]})
    assert "hunter2" not in json.dumps(one)


def test_a_stack_is_one_line() -> None:
    try:
        raise ValueError("broken")
    except ValueError:
        import sys

        text = JsonFormatter().format(
            logging.makeLogRecord({"msg": "x", "exc_info": sys.exc_info()})
        )
    assert "\n" not in text
    assert "ValueError: broken" in json.loads(text)["stack"]


def test_the_configuration_is_one() -> None:
    logging.config.dictConfig(logging_config("INFO"))


@pytest.mark.parametrize(
    ("candidate", "taken"),
    [("abc-123.DEF_9", True), ("short", False), ('a"quote-in-it', False), (None, False)],
)
def test_request_ids_are_taken_when_they_are_plain(candidate: str | None, taken: bool) -> None:
    assert (accept_or_make(candidate) == candidate) is taken


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
