"""Counts requests for Prometheus, in a process that METRICS_PORT asks to."""

import os
import tempfile

from prometheus_client import CollectorRegistry, Histogram, start_http_server
from prometheus_client.multiprocess import MultiProcessCollector
from starlette.types import Scope

from service_kit.environment import env_int, env_list, env_str

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
BUCKETS = (0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class RequestMetrics:
    """Made in each web process, after `prepare_metrics` has said where they meet."""

    def __init__(self) -> None:
        self._requests = Histogram(
            "http_request_duration_seconds",
            "Requests by method, route and status, and how long they took.",
            ("method", "route", "status"),
            buckets=BUCKETS,
            registry=CollectorRegistry(),
        )

    def observe(self, scope: Scope, status: int, seconds: float) -> None:
        route = _route(scope)
        method = scope["method"] if scope["method"] in METHODS else "other"
        self._requests.labels(method, route, str(status)).observe(seconds)


def _route(scope: Scope) -> str:
    """The route, never the path: a client chooses that, and each new value is a series for ever."""
    if "endpoint" not in scope:
        return "none"
    route: str = scope["path"]
    for name, value in scope.get("path_params", {}).items():
        route = route.replace(f"/{value}", f"/{{{name}}}", 1)
    return route


def metrics_port() -> int:
    """0: nobody counts."""
    return env_int("METRICS_PORT", 0)


def prepare_metrics() -> None:
    """Before the web processes start: they then count into files of one folder."""
    if metrics_port():
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = tempfile.mkdtemp(prefix="metrics-")


def serve_metrics() -> None:
    """Shows what all web processes counted, on a thread of the one that started them."""
    if not metrics_port():
        return
    registry = CollectorRegistry()
    MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    for host in env_list("METRICS_LISTEN_HOST", env_str("LISTEN_HOST", "127.0.0.1")):
        start_http_server(metrics_port(), host, registry)
