"""Runs on PostgreSQL and Redis when DB_HOST and REDIS_HOST are set, else on nothing at all."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.core.cache import caches
from pytest_django import Settings
from rest_framework.test import APIClient

from accounts.models import User
from api import rate_limit
from config.celery import app as celery_app
from service_kit.request_id import set_request_id

ROOT = Path(__file__).resolve().parent.parent
INHERITED = {
    name: os.environ[name]
    for name in ("PATH", "PYTHONDONTWRITEBYTECODE", "PYTHONPATH")
    if name in os.environ
}
PASSWORD = "correct-horse-battery-staple"
BODY = "The quick brown fox. The quick dog! Is it late?"


@pytest.fixture(autouse=True)
def isolation(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    # Counters of other tests, and of other runs on the same Redis, must not add up.
    monkeypatch.setattr(caches["default"], "key_prefix", uuid4().hex)
    monkeypatch.setattr(rate_limit, "_outage_ends", 0.0)
    eager = celery_app.conf.task_always_eager
    celery_app.conf.task_always_eager = True
    yield
    celery_app.conf.task_always_eager = eager
    set_request_id(None)


def run(environment: dict[str, str], *command: str) -> subprocess.CompletedProcess[str]:
    """Python in a process of its own: settings are read once a process."""
    return subprocess.run(  # noqa: S603 - our own interpreter
        [sys.executable, *command],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.fixture
def make_user(db: None) -> Callable[..., User]:
    def make(email: str = "ann@example.org", **fields: Any) -> User:
        return User.objects.create_user(email, PASSWORD, **fields)

    return make


@pytest.fixture
def user(make_user: Callable[..., User]) -> User:
    return make_user()


@pytest.fixture
def visitor() -> APIClient:
    return APIClient()


@pytest.fixture
def api(user: User) -> APIClient:
    return signed_in(user)


def signed_in(user: User) -> APIClient:
    client = APIClient()
    client.force_login(user)
    return client


def assert_problem(response: Any, status: int, code: str) -> dict[str, Any]:
    assert response.status_code == status, response.content
    assert response["Content-Type"] == "application/problem+json"
    body: dict[str, Any] = response.json()
    assert body["status"] == status
    assert body["code"] == code
    assert body["title"]
    assert body["request_id"] == response["X-Request-ID"]
    return body
