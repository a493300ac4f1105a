"""Counts requests for Prometheus, in a process that METRICS_PORT asks to."""

import os
from functools import partial

from django.conf import settings
from django.http import HttpRequest
from prometheus_client import Histogram, values

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
BUCKETS = (0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)

if "METRICS_SLOT" in os.environ:
    # A file for each slot of gunicorn's, not for each process: workers are replaced for ever, and
    # their files would fill /tmp. Whoever takes a slot over goes on counting where it stopped.
    slot = partial(os.environ.__getitem__, "METRICS_SLOT")
    values.ValueClass = values.MultiProcessValue(slot)  # type: ignore[no-untyped-call]

REQUESTS = Histogram(
    "http_request_duration_seconds",
    "Requests by method, route and status, and how long they took.",
    ("method", "route", "status"),
    buckets=BUCKETS,
)


def observe(request: HttpRequest, status: int, seconds: float) -> None:
    if not settings.METRICS_PORT:
        return
    # The route, never the path: a client chooses that one, and each new value is a series for ever.
    route = request.resolver_match.route if request.resolver_match else "none"
    method = request.method if request.method in METHODS else "other"
    REQUESTS.labels(method, route, str(status)).observe(seconds)
