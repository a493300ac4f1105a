import logging
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from celery import signals
from celery.app.trace import build_tracer
from rest_framework.test import APIClient

from articles import analyses
from articles.models import Article
from articles.tasks import analyse_article
from config.celery import app
from service_kit.request_id import current_request_id, set_request_id
from tests.conftest import BODY


@pytest.mark.parametrize("good", ["0123abcd", "a" * 64, "A-b_c-1234", "req.2026.0001"])
def test_well_formed_ids_are_kept(visitor: APIClient, good: str) -> None:
    answer = visitor.get("/api/v1/health/live/", headers={"X-Request-ID": good})
    assert answer["X-Request-ID"] == good


@pytest.mark.parametrize("bad", ["", "short", 'x"},{"y":"12345'])
def test_others_are_replaced(visitor: APIClient, bad: str) -> None:
    answer = visitor.get("/api/v1/health/live/", headers={"X-Request-ID": bad})
    assert answer["X-Request-ID"] != bad
    assert len(answer["X-Request-ID"]) == 32


def test_the_request_line(visitor: APIClient, db: None, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, logger="ops.request"):
        visitor.get("/api/v1/articles/?search=private", headers={"X-Request-ID": "request-0001"})
    record: Any = caplog.records[-1]
    assert record.getMessage() == "GET /api/v1/articles/ 401"
    assert record.status == 401
    assert record.user_id is None
    assert record.duration_ms > 0
    assert "private" not in str(vars(record))
    assert current_request_id() is None


def test_the_request_line_knows_the_user(
    api: APIClient, user: Any, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, logger="ops.request"):
        api.get("/api/v1/auth/me/")
    record: Any = caplog.records[-1]
    assert record.user_id == str(user.pk)


def published_header(**message: Any) -> str:
    """Publishes without a broker, up to the point where the message would leave."""
    headers: dict[str, Any] = {}
    signals.before_task_publish.send(sender="any", headers=headers, body=(), **message)
    return str(headers["request_id"])


def test_jobs_carry_the_id_of_their_request() -> None:
    set_request_id("request-0002")
    assert published_header() == "request-0002"
    set_request_id(None)
    assert len(published_header()) == 32  # beat: no request, an id of its own


def test_the_worker_takes_the_id_from_the_message(
    api: APIClient, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    seen: list[str | None] = []
    monkeypatch.setattr(analyses, "claim", lambda *args: seen.append(current_request_id()))
    task_id = uuid4().hex
    request = {"id": task_id, "request_id": "request-0003", "delivery_info": {}, "retries": 0}
    tracer = build_tracer(analyse_article.name, analyse_article, app=app)
    with caplog.at_level(logging.INFO, logger="ops.task"):
        tracer(task_id, [str(uuid4()), 1], {}, request)
    assert seen == ["request-0003"]
    record: Any = caplog.records[-1]
    assert record.task == "articles.analyse_article"
    assert record.state == "SUCCESS"
    assert record.duration_ms >= 0
    assert current_request_id() is None


def test_from_a_request_to_its_job(
    api: APIClient,
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: Callable[..., Any],
) -> None:
    """The publisher runs for real, on the in-memory transport."""
    sent: list[dict[str, Any]] = []

    def catch(headers: dict[str, Any] | None = None, **_: Any) -> None:
        sent.append(dict(headers or {}))

    app.conf.task_always_eager = False
    signals.before_task_publish.connect(catch)
    try:
        with app.connection_for_write("memory://") as connection:
            producer = app.amqp.Producer(connection)
            publish = analyse_article.apply_async
            monkeypatch.setattr(
                analyse_article,
                "apply_async",
                lambda **options: publish(**options, producer=producer),
            )
            with django_capture_on_commit_callbacks() as callbacks:
                headers = {"X-Request-ID": "request-0004"}
                data = {"title": "T", "body": BODY}
                api.post("/api/v1/articles/", data, format="json", headers=headers)
            # On a real commit this runs inside the request; a test's transaction ends later.
            set_request_id("request-0004")
            for callback in callbacks:
                callback()
    finally:
        signals.before_task_publish.disconnect(catch)
    assert [message["request_id"] for message in sent] == ["request-0004"]
    assert sent[0]["argsrepr"] == repr((str(Article.objects.get().pk), 1))
