"""The server for real: it listens, counts, and stops although somebody listens to a stream."""

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from service_kit import healthcheck

APPLICATION = """
import asyncio
from contextlib import asynccontextmanager

from service_kit.middleware import RequestLogMiddleware
from service_kit.serve import serve
from service_kit.stop import StopSignal
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse, StreamingResponse
from starlette.routing import Route

stop = StopSignal()


@asynccontextmanager
async def lifespan(app):
    stop.install()
    yield


async def health(request):
    return PlainTextResponse("fine")


async def stream(request):
    async def lines():
        yield "begun\\n"
        await stop.wait()
        yield "ended\\n"

    return StreamingResponse(lines(), media_type="text/event-stream")


app = Starlette(
    lifespan=lifespan,
    routes=[Route("/api/v1/health/", health), Route("/stream", stream)],
    middleware=[Middleware(RequestLogMiddleware)],
)

if __name__ == "__main__":
    serve("served:app", lambda: None)
"""


def free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        port: int = listening.getsockname()[1]
        return port


@pytest.fixture
def served(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[int, int, subprocess.Popen[bytes]]]:
    (tmp_path / "served.py").write_text(APPLICATION)
    port, metrics = free_port(), free_port()
    environment = {
        **os.environ,
        "PORT": str(port),
        "METRICS_PORT": str(metrics),
        "WEB_CONCURRENCY": "2",
        "PYTHONPATH": str(tmp_path),
    }
    monkeypatch.setenv("PORT", str(port))
    server = subprocess.Popen(
        [sys.executable, "-m", "served"], env=environment, cwd=tmp_path, stdout=subprocess.PIPE
    )
    try:
        deadline = time.monotonic() + 60
        while not healthcheck.check_http()[0]:
            assert time.monotonic() < deadline, "the server did not come up"
            time.sleep(0.2)
        yield port, metrics, server
    finally:
        server.kill()
        server.communicate()


@contextmanager
def get(port: int, path: str) -> Iterator[http.client.HTTPResponse]:
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=20)) as connection:
        connection.request("GET", path)
        with connection.getresponse() as response:
            yield response


def test_it_serves_counts_and_stops(served: tuple[int, int, subprocess.Popen[bytes]]) -> None:
    port, metrics, server = served
    with get(port, "/api/v1/health/") as answer:
        assert answer.read() == b"fine"
    with get(metrics, "/metrics") as answer:
        figures = answer.read().decode()
    assert (
        'http_request_duration_seconds_count{method="GET",route="/api/v1/health/",status="200"}'
        in figures
    )
    with get(port, "/stream") as stream:
        assert stream.readline() == b"begun\n"
        started = time.monotonic()
        server.send_signal(signal.SIGTERM)
        assert stream.read() == b"ended\n"
    assert server.wait(20) == 0
    assert time.monotonic() - started < 15
