"""Request ids and log lines of background jobs."""

import logging
import logging.config
import time
from typing import Any

from celery import signals
from django.conf import settings

from ops.signing_keys import refresh_signing_keys
from service_kit.request_id import accept_or_make, current_request_id, set_request_id

logger = logging.getLogger("ops.task")

HEADER = "request_id"


@signals.setup_logging.connect
def configure_logging(**_: Any) -> None:
    # A receiver here stops Celery from installing its own, plain-text handlers.
    logging.config.dictConfig(settings.LOGGING)


@signals.before_task_publish.connect
def send_request_id(headers: dict[str, Any] | None = None, **_: Any) -> None:
    # Tasks that beat sends belong to no request: their id is born here.
    if headers is not None:
        headers[HEADER] = accept_or_make(current_request_id())


@signals.task_prerun.connect
def take_request_id(task: Any = None, **_: Any) -> None:
    request = task.request
    request.started_counter = time.perf_counter()
    refresh_signing_keys()
    if not request.is_eager:  # an eager task runs inside the request and already has its id
        set_request_id(accept_or_make(request.get(HEADER)))


@signals.task_postrun.connect
def log_task(task: Any = None, task_id: str = "", state: str | None = None, **_: Any) -> None:
    request = task.request
    started = request.get("started_counter")
    duration = None if started is None else round((time.perf_counter() - started) * 1000, 1)
    logger.info(
        "task %s %s",
        task.name,
        (state or "unknown").lower(),
        extra={
            "task": task.name,
            "task_id": task_id,
            "state": state,
            "retries": request.retries,
            "duration_ms": duration,
        },
    )
    if not request.is_eager:
        set_request_id(None)
