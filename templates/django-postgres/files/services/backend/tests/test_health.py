import io
import time
from pathlib import Path
from typing import Any
from unittest.mock import MagicMock

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import OperationalError, connection, connections
from rest_framework.test import APIClient

from ops import health
from ops.beat import HeartbeatScheduler
from ops.celery_health import BrokerHeartbeat
from service_kit import heartbeat
from tests.conftest import assert_problem

URL = "/api/v1/health/"


@pytest.fixture
def hearts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HEARTBEAT_DIR", str(tmp_path))
    return tmp_path


def fail(*args: Any, **kwargs: Any) -> None:
    raise RuntimeError("secret host name")


@pytest.mark.django_db(transaction=True)
def test_healthy(visitor: APIClient) -> None:
    answer = visitor.get(URL)
    assert answer.status_code == 200
    assert answer.json() == {
        "status": "healthy",
        "database": "ok",
        "cache": "ok",
        "version": settings.APP_VERSION,
    }
    assert "no-store" in answer["Cache-Control"]
    assert visitor.get("/api/v1/health").status_code == 200


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("broken", ["database", "cache"])
def test_unhealthy_says_what_failed_and_no_more(
    visitor: APIClient, monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    monkeypatch.setattr(health, f"check_{broken}", fail)
    answer = visitor.get(URL)
    assert answer.status_code == 503
    assert answer.json()["status"] == "unhealthy"
    assert answer.json()[broken] == "failed"
    assert answer.json()["failed"] == [broken]
    assert "secret host name" not in answer.content.decode()
    assert visitor.get(f"{URL}live/").status_code == 200


@pytest.mark.django_db(transaction=True)
def test_a_check_that_hangs_times_out(visitor: APIClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "DEADLINE_SECONDS", 0.2)
    monkeypatch.setattr(health, "check_cache", lambda: time.sleep(1))
    started = time.monotonic()
    answer = visitor.get(URL)
    assert time.monotonic() - started < 0.9
    assert answer.status_code == 503
    assert answer.json()["cache"] == "timeout"


@pytest.mark.django_db
def test_a_lost_database_is_a_503_problem(api: APIClient, monkeypatch: pytest.MonkeyPatch) -> None:
    from articles.views import ArticleViewSet

    def lose(self: Any) -> None:
        raise OperationalError("server closed the connection unexpectedly")

    monkeypatch.setattr(ArticleViewSet, "get_queryset", lose)
    answer = api.get("/api/v1/articles/")
    problem = assert_problem(answer, 503, "service_unavailable")
    assert "server closed" not in problem["detail"]
    assert answer["Retry-After"] == "5"


def test_the_worker_step_beats_only_while_the_broker_answers(
    hearts: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Client:
        answers = True

        def ping(self) -> None:
            if not self.answers:
                raise ConnectionError("refused")

        def close(self) -> None: ...

    client = Client()
    consumer = MagicMock()
    monkeypatch.setattr("ops.celery_health.Redis.from_url", lambda *args, **kwargs: client)
    step = BrokerHeartbeat(consumer)
    step.start(consumer)
    assert heartbeat.heartbeat_path("worker").exists()
    heartbeat.stop_heart("worker")
    client.answers = False
    step._beat()
    assert not heartbeat.heartbeat_path("worker").exists()
    client.answers = True
    step._beat()
    assert heartbeat.heartbeat_path("worker").exists()
    step.stop(consumer)
    consumer.timer.call_repeatedly.return_value.cancel.assert_called_once_with()
    assert not heartbeat.heartbeat_path("worker").exists()


def test_beat_beats_with_each_tick(hearts: Path, tmp_path: Path) -> None:
    from config.celery import app

    scheduler = HeartbeatScheduler(app=app, schedule_filename=str(tmp_path / "schedule"))
    assert scheduler.max_interval == 5
    assert sorted(scheduler.schedule) == ["clear expired sessions", "requeue stuck analyses"]
    assert not heartbeat.heartbeat_path("beat").exists()
    assert scheduler.tick() <= 5
    assert heartbeat.heartbeat_path("beat").exists()
    scheduler.close()


@pytest.mark.django_db
def test_check_database_names_the_database() -> None:
    out = io.StringIO()
    call_command("check_database", stdout=out)
    lines = out.getvalue().splitlines()
    assert lines[0] == "Database connection successful"
    server = "PostgreSQL" if connection.vendor == "postgresql" else "SQLite"
    assert server in out.getvalue()


@pytest.mark.parametrize(
    ("reason", "step"),
    [
        ("FATAL: password authentication failed for user", "secret file"),
        ("connection refused", "not up yet"),
        ("failed to resolve host 'db'", "on no network"),
        ("something new", "docker compose logs db"),
    ],
)
def test_check_database_says_what_to_do(
    monkeypatch: pytest.MonkeyPatch, reason: str, step: str
) -> None:
    def lose(*args: Any, **kwargs: Any) -> None:
        raise OperationalError(reason)

    monkeypatch.setattr(connections["default"], "cursor", lose)
    with pytest.raises(CommandError) as caught:
        call_command("check_database")
    assert reason in str(caught.value)
    assert step in str(caught.value)
    assert caught.value.returncode == 1
