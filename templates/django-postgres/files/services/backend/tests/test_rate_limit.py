from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.core.cache import caches
from pytest_django import Settings
from rest_framework.test import APIClient

from accounts.models import User
from api import rate_limit
from tests.conftest import assert_problem, signed_in

pytestmark = pytest.mark.django_db
ARTICLES = "/api/v1/articles/"
LOGIN = "/api/v1/auth/login/"


@pytest.fixture(autouse=True)
def small_limits(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.RATE_LIMITS = {"api": (3, 60), "auth": (2, 60), "search": (1, 60)}
    # In the middle of a window, so that no test straddles two.
    monkeypatch.setattr("api.rate_limit.time.time", lambda: 1_800_000_020.0)


def login(client: APIClient, forwarded: str) -> Any:
    credentials = {"email": "who@example.org", "password": "wrong"}
    return client.post(LOGIN, credentials, format="json", headers={"X-Forwarded-For": forwarded})


def test_headers_count_down_and_then_429(api: APIClient) -> None:
    for remaining in ("2", "1", "0"):
        answer = api.get(ARTICLES)
        assert answer.status_code == 200
        assert answer["X-RateLimit-Limit"] == "3"
        assert answer["X-RateLimit-Remaining"] == remaining
        assert answer["X-RateLimit-Reset"] == "40"
    answer = api.get(ARTICLES, headers={"X-Request-ID": "limited-0001"})
    problem = assert_problem(answer, 429, "rate_limited")
    assert problem["request_id"] == "limited-0001"
    assert answer["Retry-After"] == "40"
    assert answer["X-RateLimit-Remaining"] == "0"


def test_searches_have_a_tighter_limit_of_their_own(api: APIClient) -> None:
    first = api.get(ARTICLES, {"search": "harbour"})
    assert first.status_code == 200
    assert first["X-RateLimit-Limit"] == "1"
    assert_problem(api.get(ARTICLES, {"search": "harbour"}), 429, "rate_limited")
    assert api.get(ARTICLES).status_code == 200


def test_the_limit_follows_the_user_not_the_address(
    api: APIClient, make_user: Callable[..., User]
) -> None:
    answers = [
        api.get(ARTICLES, headers={"X-Forwarded-For": f"203.0.113.{number}"}) for number in range(4)
    ]
    assert_problem(answers[-1], 429, "rate_limited")
    other = signed_in(make_user("bob@example.org"))
    answer = other.get(ARTICLES, headers={"X-Forwarded-For": "203.0.113.0"})
    assert answer.status_code == 200


def test_visitors_are_counted_although_they_are_refused(visitor: APIClient) -> None:
    for _ in range(3):
        assert_problem(visitor.get(ARTICLES), 401, "not_authenticated")
    assert_problem(visitor.get(ARTICLES), 429, "rate_limited")


def test_a_forged_forwarded_for_changes_nothing(visitor: APIClient) -> None:
    assert login(visitor, "203.0.113.9").status_code == 401
    assert login(visitor, "1.2.3.4, 203.0.113.9").status_code == 401
    assert_problem(login(visitor, "5.6.7.8, 203.0.113.9"), 429, "rate_limited")
    assert login(visitor, "203.0.113.10").status_code == 401


def test_an_ipv6_customer_is_one_client(visitor: APIClient) -> None:
    for host in ("1", "2"):
        assert login(visitor, f"2001:db8:0:1::{host}").status_code == 401
    assert_problem(login(visitor, "2001:db8:0:1:ffff::3"), 429, "rate_limited")
    assert login(visitor, "2001:db8:0:2::1").status_code == 401


def test_guesses_without_a_csrf_token_are_counted() -> None:
    client = APIClient(enforce_csrf_checks=True)
    for _ in range(2):
        assert_problem(login(client, "203.0.113.9"), 403, "csrf_failed")
    assert_problem(login(client, "203.0.113.9"), 429, "rate_limited")


def test_a_new_window_starts_afresh(api: APIClient, monkeypatch: pytest.MonkeyPatch) -> None:
    assert [api.get(ARTICLES).status_code for _ in range(4)] == [200, 200, 200, 429]
    monkeypatch.setattr("api.rate_limit.time.time", lambda: 1_800_000_061.0)
    assert api.get(ARTICLES).status_code == 200


def test_counting_is_atomic() -> None:
    prefix = caches["default"].key_prefix

    def one(_: int) -> int:
        caches["default"].key_prefix = prefix  # caches are one object a thread
        usage = rate_limit.count("api", "ip:203.0.113.1")
        assert usage is not None
        return usage.used

    with ThreadPoolExecutor(8) as pool:
        assert sorted(pool.map(one, range(40))) == list(range(1, 41))


def test_without_a_cache_nothing_is_limited(
    api: APIClient, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    calls = []

    def refuse(*args: Any, **kwargs: Any) -> None:
        calls.append(args)
        raise ConnectionError("connection refused")

    monkeypatch.setattr(caches["default"], "add", refuse)
    for _ in range(5):
        answer = api.get(ARTICLES)
        assert answer.status_code == 200
        assert "X-RateLimit-Limit" not in answer
    assert caplog.text.count("rate limits are off") == 1
    assert len(calls) == 1  # left alone for a moment after the first failure

    monkeypatch.setattr(rate_limit, "_outage_ends", 1.0)  # the moment has passed: one tries
    assert rate_limit.count("api", "ip:203.0.113.1") is None
    assert len(calls) == 2
    assert rate_limit.count("api", "ip:203.0.113.1") is None
    assert len(calls) == 2
    monkeypatch.undo()
    monkeypatch.setattr(rate_limit, "_outage_ends", 1.0)
    assert rate_limit.count("api", "ip:203.0.113.1") is not None
    assert rate_limit._outage_ends == 0.0


def test_health_is_never_limited(visitor: APIClient) -> None:
    for _ in range(5):
        assert visitor.get("/api/v1/health/live/").status_code == 200
