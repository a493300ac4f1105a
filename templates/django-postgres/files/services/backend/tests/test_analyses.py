import hashlib
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from celery.exceptions import SoftTimeLimitExceeded
from django.db import OperationalError
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import User
from articles import analyses, tasks
from articles.models import Analysis, Article
from articles.text_analysis import analyse
from tests.conftest import BODY

pytestmark = pytest.mark.django_db
State = Analysis.State


@pytest.fixture
def article(user: User) -> Article:
    article = Article.objects.create(owner=user, title="First", body=BODY)
    analyses.request_analysis(article)
    return article


def stored() -> Analysis:
    return Analysis.objects.get()


def age(seconds: int, **values: Any) -> None:
    Analysis.objects.update(touched_at=timezone.now() - timedelta(seconds=seconds), **values)


def test_counts() -> None:
    result = analyse(BODY)
    assert (result.word_count, result.sentence_count, result.reading_time_seconds) == (10, 3, 3)
    assert result.top_terms[0] == {"term": "quick", "count": 2}
    assert result.body_sha256 == hashlib.sha256(BODY.encode()).hexdigest()


def test_counts_of_odd_texts() -> None:
    assert analyse("").word_count == 0
    assert analyse("... !!! 123 ---").sentence_count == 0
    assert analyse("No full stop").sentence_count == 1
    assert analyse("Version 3.14 came. Then\n\nA heading\n\nAnd a text…").sentence_count == 4
    assert analyse("Isn’t that l'été well-known").word_count == 4
    ties = analyse("beta alpha gamma alpha beta gamma").top_terms
    assert [term["term"] for term in ties] == ["alpha", "beta", "gamma"]


def test_an_article_is_analysed_after_its_commit(
    api: APIClient, django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        answer = api.post("/api/v1/articles/", {"title": "T", "body": BODY}, format="json")
        assert answer.json()["analysis"]["state"] == "pending"
        assert not Analysis.objects.filter(state=State.DONE).exists()
    url = f"/api/v1/articles/{answer.json()['id']}/"
    analysis = api.get(url).json()["analysis"]
    assert analysis["state"] == "done"
    assert (analysis["word_count"], analysis["article_version"]) == (10, 1)

    with django_capture_on_commit_callbacks(execute=True):
        api.patch(url, {"body": "Two words.", "version": 1}, format="json")
    analysis = api.get(url).json()["analysis"]
    assert (analysis["word_count"], analysis["article_version"]) == (2, 2)


def test_the_broker_may_be_down(
    api: APIClient,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    django_capture_on_commit_callbacks: Callable[..., Any],
) -> None:
    def refuse(*args: Any, **kwargs: Any) -> None:
        raise ConnectionError("connection refused")

    with monkeypatch.context() as broken:
        broken.setattr(tasks.analyse_article, "apply_async", refuse)
        with django_capture_on_commit_callbacks(execute=True):
            answer = api.post("/api/v1/articles/", {"title": "T", "body": BODY}, format="json")
        assert answer.status_code == 201
        assert "not queued" in caplog.text
        age(120)
        assert tasks.requeue_stuck_analyses() == 0
    assert stored().state == State.PENDING

    age(120)
    assert tasks.requeue_stuck_analyses() == 1
    assert stored().state == State.DONE


def test_running_a_job_twice_changes_nothing(article: Article) -> None:
    key = str(article.pk)
    assert tasks.analyse_article(key, 1) == "done"
    first = stored()
    assert tasks.analyse_article(key, 1) == "superseded"
    assert (stored().attempts, stored().finished_at) == (1, first.finished_at)


def test_a_redelivered_job_takes_over_a_running_one(article: Article) -> None:
    assert analyses.claim(article.pk, 1) is not None
    assert tasks.analyse_article(str(article.pk), 1) == "done"
    assert stored().attempts == 2


def test_a_stale_result_never_overwrites_a_newer_version(article: Article) -> None:
    slow = analyses.claim(article.pk, 1)
    assert slow is not None
    Article.objects.update(version=2, body="Only three words.")
    article.refresh_from_db()
    analyses.request_analysis(article)

    assert analyses.finish(article.pk, 1, analyse(slow.body)) is False
    assert (stored().state, stored().word_count) == (State.PENDING, None)
    assert tasks.analyse_article(str(article.pk), 2) == "done"
    assert analyses.finish(article.pk, 1, analyse(slow.body)) is False
    assert analyses.fail(article.pk, 1, "late") is False
    assert (stored().state, stored().word_count) == (State.DONE, 3)
    assert tasks.analyse_article(str(article.pk), 1) == "superseded"


def test_a_job_for_a_deleted_article_does_nothing(article: Article) -> None:
    key = str(article.pk)
    article.delete()
    assert tasks.analyse_article(key, 1) == "superseded"


@pytest.mark.parametrize(
    ("error", "reason"),
    [(SoftTimeLimitExceeded(), "too long"), (RuntimeError("boom"), "could not be analysed")],
)
def test_failures_are_shown_without_their_details(
    article: Article, monkeypatch: pytest.MonkeyPatch, error: Exception, reason: str
) -> None:
    def explode(body: str) -> None:
        raise error

    monkeypatch.setattr(tasks, "analyse", explode)
    assert tasks.analyse_article(str(article.pk), 1) == "failed"
    assert stored().state == State.FAILED
    assert reason in stored().error
    assert "boom" not in stored().error


def test_a_lost_database_is_retried_with_backoff(
    article: Article, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = iter([OperationalError("gone"), OperationalError("gone")])
    claim = analyses.claim

    def flaky(*args: Any) -> Any:
        for error in answers:
            raise error
        return claim(*args)

    monkeypatch.setattr(analyses, "claim", flaky)
    outcome = tasks.analyse_article.apply(args=(str(article.pk), 1))
    assert outcome.get() == "done"
    assert tasks.analyse_article.max_retries == 5
    assert tasks.analyse_article.acks_late is True


def test_only_what_is_stuck_is_requeued(article: Article, monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[Any] = []

    def send(*job: Any) -> bool:
        sent.append(job)
        return True

    monkeypatch.setattr(analyses, "enqueue", send)
    assert analyses.requeue_stuck() == 0  # fresh
    age(90, state=State.RUNNING)
    assert analyses.requeue_stuck() == 0  # still within the time limit of a task
    age(3600, state=State.DONE)
    assert analyses.requeue_stuck() == 0
    age(3600, state=State.RUNNING)
    assert analyses.requeue_stuck() == 1
    assert sent == [(article.pk, 1)]
    assert stored().state == State.PENDING
    assert analyses.requeue_stuck() == 0  # it was just sent


def test_a_job_that_kills_its_workers_is_given_up(article: Article) -> None:
    age(3600, state=State.RUNNING, attempts=analyses.MAX_ATTEMPTS)
    assert analyses.requeue_stuck() == 0
    assert stored().state == State.FAILED
    assert "attempts" in stored().error
