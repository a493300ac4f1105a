"""One JSON object a line on stdout, whoever writes it."""

import json
import logging
import os
import re
from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from typing import Any

from service_kit.request_id import current_request_id

REDACTED = "[redacted]"

_SENSITIVE_KEY = re.compile(
    r"pass(word|wd|phrase)|secret|token|cookie|authorization|api_?key|credential|session_?key",
    re.IGNORECASE,
)
_SENSITIVE_TEXT = (
    # user:password@ in URLs, then key=value and "key": "value" in free text.
    (re.compile(r"(://[^:/@\s]*):[^@/\s]+@"), rf"\1:{REDACTED}@"),
    (
        re.compile(
            r"""(?i)\b((?:[a-z0-9_]*(?:password|passwd|secret|token)|api_?key|cookie|authorization)["']?\s*[=:]\s*["']?)"""
            r"""(?:(?:bearer|basic)\s+)?[^\s"',;&}]+"""
        ),
        rf"\1{REDACTED}",
    ),
)
_STANDARD_ATTRIBUTES = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime"}


def redact_text(text: str) -> str:
    for pattern, replacement in _SENSITIVE_TEXT:
        text = pattern.sub(replacement, text)
    return text


def redact(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {
            str(key): REDACTED if _SENSITIVE_KEY.search(str(key)) else redact(item)
            for key, item in value.items()
        }
    if isinstance(value, list | tuple | set | frozenset):
        return [redact(item) for item in value]
    if value is None or isinstance(value, bool | int | float):
        return value
    return redact_text(str(value))


def to_json(value: Mapping[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)


class JsonFormatter(logging.Formatter):
    """`service` is the name when SERVICE_NAME has none; `omit` are attributes that say nothing."""

    def __init__(self, service: str = "service", omit: Collection[str] = ()) -> None:
        super().__init__()
        self._omitted = _STANDARD_ATTRIBUTES | frozenset(omit)
        self._service = os.environ.get("SERVICE_NAME") or service
        self._version = os.environ.get("APP_VERSION") or "dev"

    def format(self, record: logging.LogRecord) -> str:
        moment = datetime.fromtimestamp(record.created, UTC)
        line: dict[str, Any] = {
            "timestamp": moment.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "level": record.levelname.lower(),
            "service": self._service,
            "version": self._version,
            "request_id": getattr(record, "request_id", None) or current_request_id(),
            "logger": record.name,
            "message": redact_text(record.getMessage()),
            "duration_ms": getattr(record, "duration_ms", None),
        }
        for key, value in vars(record).items():
            if key not in self._omitted and key not in line:
                line[key] = REDACTED if _SENSITIVE_KEY.search(key) else redact(value)
        if record.exc_info:
            line["stack"] = redact_text(self.formatException(record.exc_info))
        elif record.stack_info:
            line["stack"] = redact_text(record.stack_info)
        return to_json(line)


def logging_config(
    level: str,
    loggers: Mapping[str, Any],
    service: str = "service",
    omit: Collection[str] = (),
) -> dict[str, Any]:
    """The dictConfig of every process of a service; `service` and `omit` are the formatter's."""
    formatter = {"()": "service_kit.json_logs.JsonFormatter", "service": service, "omit": [*omit]}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"json": formatter},
        "handlers": {
            "stdout": {
                "class": "logging.StreamHandler",
                "stream": "ext://sys.stdout",
                "formatter": "json",
            }
        },
        "root": {"handlers": ["stdout"], "level": level},
        "loggers": dict(loggers),
    }
