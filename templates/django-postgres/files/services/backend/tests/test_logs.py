"""What the lines of Django, gunicorn and Celery are; `service_kit` tests how they are spelled."""

import json
import logging
from typing import Any

import pytest
from django.conf import settings

from ops.logs import WithStack
from tests.conftest import INHERITED, run


def lines_of(code: str, **environment: str) -> list[dict[str, Any]]:
    setup = "import logging, django; django.setup()\n"
    variables = {**INHERITED, "DJANGO_SETTINGS_MODULE": "config.settings", **environment}
    done = run(variables, "-c", setup + code)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.mark.parametrize(
    ("environment", "service", "version"),
    [
        ({}, "backend", "dev"),
        ({"SERVICE_NAME": "worker", "APP_VERSION": "1.2.3"}, "worker", "1.2.3"),
    ],
)
def test_the_fields_of_a_line(environment: dict[str, str], service: str, version: str) -> None:
    code = (
        "from service_kit.request_id import set_request_id; set_request_id('request-0001')\n"
        "logging.getLogger('django').info('hello %s', 'you',"
        " extra={'duration_ms': 1.5, 'status': 200, 'request': '<WSGIRequest>', 'server_time': 1})"
    )
    (parsed,) = lines_of(code, **environment)
    assert len(parsed.pop("timestamp")) == len("2026-01-01T00:00:00.000Z")
    assert parsed == {
        "level": "info",
        "service": service,
        "version": version,
        "request_id": "request-0001",
        "logger": "django",
        "message": "hello you",
        "duration_ms": 1.5,
        "status": 200,
    }


def test_django_says_of_a_request_only_what_broke_it() -> None:
    code = (
        "log = logging.getLogger('django.request')\n"
        "log.error('Service Unavailable')\n"
        "try: 1 / 0\n"
        "except ZeroDivisionError: log.exception('Internal Server Error')\n"
        "logging.getLogger('django.security.DisallowedHost').error('Invalid HTTP_HOST header')"
    )
    (parsed,) = lines_of(code)
    assert parsed["message"] == "Internal Server Error"
    assert "ZeroDivisionError" in parsed["stack"]


def test_what_a_stack_is() -> None:
    assert settings.LOGGING["loggers"]["django.request"]["filters"] == ["with stack"]
    assert not WithStack().filter(logging.makeLogRecord({"msg": "Service Unavailable"}))
