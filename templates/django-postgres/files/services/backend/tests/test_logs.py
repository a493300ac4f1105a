import json
import logging
import sys
from typing import Any

import pytest

from ops.json_logs import REDACTED, JsonFormatter, WithStack, redact
from ops.request_id import set_request_id


def line(message: str, *args: Any, **extra: Any) -> dict[str, Any]:
    logger = logging.getLogger("test")
    record = logger.makeRecord("test", logging.INFO, __file__, 1, message, args, None, extra=extra)
    text = JsonFormatter().format(record)
    assert "\n" not in text
    parsed: dict[str, Any] = json.loads(text)
    return parsed


def test_the_fields_of_a_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SERVICE_NAME", "worker")
    monkeypatch.setenv("APP_VERSION", "1.2.3")
    set_request_id("request-0001")
    parsed = line("hello %s", "you\nthere", duration_ms=1.5, status=200)
    assert parsed["timestamp"].endswith("Z")
    assert len(parsed["timestamp"]) == len("2026-01-01T00:00:00.000Z")
    del parsed["timestamp"]
    assert parsed == {
        "level": "info",
        "service": "worker",
        "version": "1.2.3",
        "request_id": "request-0001",
        "logger": "test",
        "message": "hello you\nthere",
        "duration_ms": 1.5,
        "status": 200,
    }


def test_an_exception_is_one_line_with_its_stack() -> None:
    try:
        raise ValueError("broken redis://app:hunter2@redis:6379/0")
    except ValueError:
        record = logging.makeLogRecord({"msg": "failed", "exc_info": sys.exc_info()})
    text = JsonFormatter().format(record)
    assert "\n" not in text
    assert "Traceback" in json.loads(text)["stack"]
    assert "hunter2" not in text
    assert WithStack().filter(record)
    assert not WithStack().filter(logging.makeLogRecord({"msg": "Service Unavailable"}))


@pytest.mark.parametrize(
    "key",
    ["password", "db_password", "Secret", "csrf_token", "Cookie", "Authorization", "api_key"],
)
def test_secrets_in_fields_are_redacted(key: str) -> None:
    assert redact({"outer": [{key: "hunter2", "harmless": 1}]}) == {
        "outer": [{key: REDACTED, "harmless": 1}]
    }
    assert line("x", **{key: "hunter2"})[key] == REDACTED


@pytest.mark.parametrize(
    "text",
    [
        "login with password=hunter2 failed",
        '{"password": "hunter2"}',
        "{'refresh_token': 'hunter2'}",
        "postgresql://app:hunter2@db:5432/app",
        "Authorization: Bearer hunter2",
        "Cookie: hunter2",
    ],
)
def test_secrets_in_text_are_redacted(text: str) -> None:
    message = line(text)["message"]
    assert "hunter2" not in message
    assert REDACTED in message


def test_ordinary_text_stays_as_it_is() -> None:
    text = "GET /api/v1/auth/login/ 200 in 12:30, see http://db:5432/path"
    assert line(text)["message"] == text
