"""What Django, gunicorn and Celery write of the lines that `service_kit` makes JSON of."""

import logging
from typing import Any

from service_kit import json_logs

LOGGERS: dict[str, dict[str, Any]] = {
    "django": {"handlers": [], "propagate": True},
    # Statuses are in the request line already; only a stack is worth a second one.
    "django.request": {"level": "ERROR", "filters": ["with stack"]},
    # Scanners try any host name; the 400 in the request line is enough.
    "django.security.DisallowedHost": {"level": "CRITICAL"},
    "django.server": {"handlers": [], "propagate": True, "level": "WARNING"},
    "django.db.backends": {"level": "INFO"},
    "gunicorn.error": {"handlers": [], "propagate": True},
    "gunicorn.access": {"handlers": [], "propagate": True},
    # ops.celery_signals writes one line a task, with its duration.
    "celery.app.trace": {"level": "WARNING"},
    "celery.worker.strategy": {"level": "WARNING"},
    "amqp": {"level": "WARNING"},
}
# Django attaches the request object itself; its repr says nothing that the request line does not.
OMITTED = ("request", "server_time")


class WithStack(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        return bool(record.exc_info)


def logging_config(level: str) -> dict[str, Any]:
    """The dictConfig of every process of this code base."""
    return {
        **json_logs.logging_config(level, LOGGERS, service="backend", omit=OMITTED),
        "filters": {"with stack": {"()": "ops.logs.WithStack"}},
    }
