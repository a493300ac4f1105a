import json
import logging
import logging.config
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from service_kit.json_logs import REDACTED, JsonFormatter, logging_config, redact
from service_kit.request_id import accept_or_make, set_request_id


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
        "{'refresh_token': 'hunter2'}",
        "Cookie: hunter2",
    ],
)
def test_secrets_in_text_are_taken_out(text: str) -> None:
    said = line(text)["message"]
    assert "hunter2" not in said
    assert REDACTED in said


def test_ordinary_text_stays_as_it_is() -> None:
    text = "GET /api/v1/auth/login/ 200 in 12:30, see http://db:5432/path"
    assert line(text)["message"] == text


@pytest.mark.parametrize(
    "key",
    ["password", "db_password", "Secret", "csrf_token", "Cookie", "Authorization", "session_key"],
)
def test_secrets_by_name_are_taken_out(key: str) -> None:
    hidden = {"outer": [{key: REDACTED, "harmless": 1}]}
    assert redact({"outer": [{key: "hunter2", "harmless": 1}]}) == hidden
    assert line(**{key: "hunter2"})[key] == REDACTED


def test_a_stack_is_one_line() -> None:
    try:
        raise ValueError("broken")
    except ValueError:
        text = JsonFormatter().format(
            logging.makeLogRecord({"msg": "x", "exc_info": sys.exc_info()})
        )
    assert "\n" not in text
    assert "ValueError: broken" in json.loads(text)["stack"]


@pytest.fixture
def root() -> Iterator[logging.Logger]:
    logger = logging.getLogger()
    handlers, level = logger.handlers[:], logger.level
    yield logger
    logger.handlers[:] = handlers
    logger.setLevel(level)


def test_the_configuration_of_a_service(
    root: logging.Logger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SERVICE_NAME", raising=False)
    quiet = {"test.noisy": {"level": "WARNING"}}
    logging.config.dictConfig(logging_config("INFO", quiet, service="web", omit=["request"]))
    assert logging.getLogger("test.noisy").level == logging.WARNING
    (formatter,) = [handler.formatter for handler in root.handlers]
    assert formatter is not None
    said = json.loads(formatter.format(logging.makeLogRecord({"msg": "x", "request": "<GET>"})))
    assert said["service"] == "web"
    assert "request" not in said
    monkeypatch.setenv("SERVICE_NAME", "worker")
    assert json.loads(JsonFormatter("web").format(logging.makeLogRecord({})))["service"] == "worker"


@pytest.mark.parametrize(
    ("candidate", "taken"),
    [
        ("abc-123.DEF_9", True),
        ("a" * 64, True),
        ("short", False),
        ("a" * 65, False),
        ('a"quote-in-it', False),
        ("new\nline-123", False),
        (None, False),
    ],
)
def test_request_ids_are_taken_when_they_are_plain(candidate: str | None, taken: bool) -> None:
    assert (accept_or_make(candidate) == candidate) is taken
