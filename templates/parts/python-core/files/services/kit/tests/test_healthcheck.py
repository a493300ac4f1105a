import os
import socket
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from service_kit import healthcheck
from service_kit.heartbeat import beat_heart, heartbeat_path, stop_heart


@pytest.mark.parametrize("role", ["worker", "beat"])
def test_a_role_is_as_healthy_as_its_heartbeat(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], role: str
) -> None:
    monkeypatch.setenv("HEARTBEAT_DIR", str(tmp_path))
    assert healthcheck.main([role]) == 1
    beat_heart(role)
    assert healthcheck.main([role]) == 0
    stale = time.time() - healthcheck.MAX_AGE_SECONDS - 1
    os.utime(heartbeat_path(role), (stale, stale))
    assert healthcheck.main([role]) == 1
    assert "16 s ago" in capsys.readouterr().out
    stop_heart(role)
    stop_heart(role)
    assert not list(tmp_path.iterdir())


class Answer(BaseHTTPRequestHandler):
    status = 200

    def do_GET(self) -> None:
        self.send_response(self.status if self.path == "/api/v1/health/" else 404)
        self.end_headers()
        self.wfile.write(b'{"status": "as it says"}')

    def log_message(self, *_: object) -> None: ...


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[type[Answer]]:
    class Own(Answer):
        pass

    with HTTPServer(("127.0.0.1", 0), Own) as listening:
        monkeypatch.setenv("PORT", str(listening.server_port))
        thread = threading.Thread(target=listening.serve_forever, args=(0.01,))
        thread.start()
        yield Own
        listening.shutdown()
        thread.join()


def test_a_server_is_as_healthy_as_its_answer(
    server: type[Answer], capsys: pytest.CaptureFixture[str]
) -> None:
    assert healthcheck.main(["http"]) == 0
    server.status = 503
    assert healthcheck.main(["http"]) == 1
    assert capsys.readouterr().out.endswith('503 {"status": "as it says"}\n')


def test_nobody_answers_and_nothing_is_asked(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))  # and does not listen
        monkeypatch.setenv("PORT", str(bound.getsockname()[1]))
        assert healthcheck.main(["http"]) == 1
    assert "no answer" in capsys.readouterr().out
    assert healthcheck.main(["nonsense"]) == healthcheck.main([]) == 2
    assert "usage" in capsys.readouterr().err
