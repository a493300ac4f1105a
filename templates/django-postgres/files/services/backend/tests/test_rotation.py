"""Secrets that change while the process runs."""

from pathlib import Path

import psycopg
import pytest
from django.conf import settings as django_settings
from django.core import signing
from django.test import Client
from pytest_django import Settings

from accounts.models import User
from config.redis import FileCredentials
from ops import signing_keys
from ops.postgresql.connection import PasswordFileConnection, connect_with_file
from ops.signing_keys import refresh_signing_keys
from tests.conftest import PASSWORD


class Server:
    """Takes one password, as a role of PostgreSQL does."""

    def __init__(self, password: str) -> None:
        self.password = password
        self.asked: list[str] = []

    def connect(self, password: str) -> str:
        self.asked.append(password)
        if password != self.password:
            raise psycopg.OperationalError('FATAL: password authentication failed for user "app"')
        return "connected"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "secret"
    path.write_text("old")
    return path


def test_before_and_after_the_change_one_login_is_enough(file: Path) -> None:
    for content, valid in (("old", "old"), ("old\nnew", "old"), ("new\nnew", "new")):
        file.write_text(content)
        server = Server(valid)
        assert connect_with_file(str(file), server.connect) == "connected"
        assert server.asked == [valid]


def test_at_the_moment_of_the_change_the_second_line_gets_in(file: Path) -> None:
    file.write_text("old\nnew")
    server = Server("new")
    assert connect_with_file(str(file), server.connect) == "connected"
    assert server.asked == ["old", "new"]


def test_a_file_that_changes_meanwhile_is_read_again(file: Path) -> None:
    server = Server("new")

    def connect(password: str) -> str:
        file.write_text("new")
        return server.connect(password)

    assert connect_with_file(str(file), connect) == "connected"


def test_a_pooler_refuses_in_other_words(file: Path) -> None:
    def connect(password: str) -> str:
        if password == "old":
            raise psycopg.OperationalError("FATAL:  SASL authentication failed")
        return password

    file.write_text("old\nnew")
    assert connect_with_file(str(file), connect) == "new"


def test_a_wrong_password_and_other_failures_are_said_at_once(file: Path) -> None:
    server = Server("else")
    with pytest.raises(psycopg.OperationalError, match="authentication failed"):
        connect_with_file(str(file), server.connect)
    assert server.asked == ["old"]

    def refused(password: str) -> str:
        raise psycopg.OperationalError("connection refused")

    file.write_text("old\nnew")
    with pytest.raises(psycopg.OperationalError, match="connection refused"):
        connect_with_file(str(file), refused)
    file.write_text("\n")
    with pytest.raises(psycopg.OperationalError, match="is empty"):
        connect_with_file(str(file), server.connect)


def test_connections_of_the_pool_read_the_file(file: Path) -> None:
    with pytest.raises(psycopg.OperationalError):
        PasswordFileConnection.connect(
            "host=127.0.0.1 port=1 connect_timeout=1", password_file=str(file), password="stale"
        )
    with pytest.raises(FileNotFoundError):
        PasswordFileConnection.connect("host=127.0.0.1 port=1", password_file="/nowhere/secret")


def test_redis_is_told_the_password_of_now(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REDIS_PASSWORD_FILE", str(file))
    assert FileCredentials().get_credentials() == ("app", "old")
    file.write_text("new\nnew")
    assert FileCredentials().get_credentials() == ("app", "new")


@pytest.fixture
def keys(file: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(signing_keys, "_seen", None)
    settings.SECRET_KEY = "old"
    settings.SECRET_KEY_FALLBACKS = []
    settings.SIGNING_KEYS_FILE = file
    refresh_signing_keys()
    return file


def test_a_new_key_is_believed_before_it_signs_and_the_old_one_until_it_is_retired(
    keys: Path,
) -> None:
    by_old = signing.dumps("session")
    keys.write_text("old\nnew")
    refresh_signing_keys()
    assert signing.loads(signing.dumps("session", key="new")) == "session"
    keys.write_text("new\nold")
    refresh_signing_keys()
    by_new = signing.dumps("session")
    assert signing.loads(by_old) == signing.loads(by_new) == "session"
    keys.write_text("new")
    refresh_signing_keys()
    assert signing.loads(by_new) == "session"
    with pytest.raises(signing.BadSignature):
        signing.loads(by_old)


@pytest.mark.django_db
def test_a_session_survives_the_new_key_under_its_own_name(keys: Path, user: User) -> None:
    client = Client()
    client.force_login(user)
    names = [client.cookies[django_settings.SESSION_COOKIE_NAME].value]
    for content in ("old\nnew", "new\nold", "new"):
        keys.write_text(content)
        assert client.get("/api/v1/articles/").status_code == 200
        names.append(client.cookies[django_settings.SESSION_COOKIE_NAME].value)
    assert len(set(names)) == 1


@pytest.mark.django_db
def test_a_login_still_gives_the_session_another_name(keys: Path, user: User) -> None:
    client = Client()
    before = client.session.session_key  # a visitor's, which somebody may have planted
    client.get("/api/v1/auth/me/")
    client.post(
        "/api/v1/auth/login/",
        {"email": user.email, "password": PASSWORD},
        content_type="application/json",
    )
    assert client.cookies[django_settings.SESSION_COOKIE_NAME].value != before


def test_a_key_file_that_vanishes_or_is_empty_changes_nothing(
    keys: Path, settings: Settings
) -> None:
    keys.write_text("\n")
    refresh_signing_keys()
    keys.unlink()
    refresh_signing_keys()
    assert settings.SECRET_KEY == "old"
    settings.SIGNING_KEYS_FILE = None
    refresh_signing_keys()
