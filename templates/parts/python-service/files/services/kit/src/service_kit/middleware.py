"""Gives each request its id, its one log line, and its place in the metrics."""

import logging
import time

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service_kit.client_ip import client_ip
from service_kit.metrics import RequestMetrics, metrics_port
from service_kit.problems import internal_error
from service_kit.request_id import HEADER, accept_or_make, set_request_id

logger = logging.getLogger("service_kit.request")

HEALTH_PREFIX = "/api/v1/health"


class RequestLogMiddleware:
    """Plain ASGI, since a response may be a stream that lasts for minutes."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._metrics = RequestMetrics() if metrics_port() else None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = accept_or_make(Headers(scope=scope).get(HEADER))
        set_request_id(request_id)
        started = time.perf_counter()
        status, seconds = 0, None

        async def send_with_id(message: Message) -> None:
            nonlocal status, seconds
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                headers[HEADER] = request_id
                if headers.get("content-type", "").startswith("text/event-stream"):
                    # It lasts as long as somebody listens, which says nothing about us.
                    seconds = time.perf_counter() - started
            await send(message)

        try:
            await self._app(scope, receive, send_with_id)
        except Exception:
            # Frameworks answer what they know; what arrives here is a defect of ours.
            logger.exception("unhandled error")
            if status == 0:
                await internal_error()(scope, receive, send_with_id)
        finally:
            lasted = time.perf_counter() - started
            if self._metrics is not None:
                self._metrics.observe(scope, status or 499, lasted if seconds is None else seconds)
            self._log(scope, status, lasted * 1000)
            set_request_id(None)

    def _log(self, scope: Scope, status: int, duration_ms: float) -> None:
        # A passing probe every few seconds says nothing; a failing one is worth its line.
        quiet = scope["path"].startswith(HEALTH_PREFIX) and 0 < status < 400
        logger.log(
            logging.DEBUG if quiet else logging.INFO,
            "%s %s %s",
            scope["method"],
            scope["path"],
            status or "no answer",
            extra={
                "method": scope["method"],
                # Never the query string: searches and signatures do not belong in logs.
                "path": scope["path"],
                "status": status,
                "duration_ms": round(duration_ms, 1),
                "user_id": scope.get("state", {}).get("user_id"),
                "client_ip": client_ip(HTTPConnection(scope)),
            },
        )
