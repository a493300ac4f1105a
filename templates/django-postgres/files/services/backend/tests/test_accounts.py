from typing import Any

import pytest
from django.db import IntegrityError
from rest_framework.test import APIClient

from accounts.models import User
from accounts.tasks import clear_expired_sessions
from tests.conftest import PASSWORD, assert_problem

NEW = {"email": "New@Example.org", "password": PASSWORD, "display_name": "New"}

pytestmark = pytest.mark.django_db


def login(client: APIClient, email: str, password: str = PASSWORD, **headers: Any) -> Any:
    return client.post(
        "/api/v1/auth/login/", {"email": email, "password": password}, format="json", **headers
    )


def test_register_login_me_logout(visitor: APIClient) -> None:
    answer = visitor.post("/api/v1/auth/register/", NEW, format="json")
    assert answer.status_code == 202
    assert visitor.get("/api/v1/auth/me/").status_code == 401

    answer = login(visitor, "NEW@example.ORG")
    assert answer.status_code == 200
    assert answer.json()["email"] == "new@example.org"
    assert answer.json()["csrf_token"]
    assert "password" not in answer.json()

    me = visitor.get("/api/v1/auth/me")
    assert me.json()["display_name"] == "New"
    assert "no-store" in me["Cache-Control"]
    assert visitor.post("/api/v1/auth/logout/").status_code == 204
    assert_problem(visitor.get("/api/v1/auth/me/"), 401, "not_authenticated")


def test_register_answers_the_same_for_a_known_address(visitor: APIClient, user: User) -> None:
    known = visitor.post(
        "/api/v1/auth/register/", {**NEW, "email": user.email.upper()}, format="json"
    )
    unknown = visitor.post("/api/v1/auth/register/", NEW, format="json")
    assert (known.status_code, known.json()) == (unknown.status_code, unknown.json())
    assert User.objects.count() == 2
    user.refresh_from_db()
    assert user.check_password(PASSWORD)
    assert user.display_name == ""


def test_login_answers_the_same_for_an_unknown_address(visitor: APIClient, user: User) -> None:
    wrong = assert_problem(login(visitor, user.email, "wrong"), 401, "invalid_credentials")
    unknown = assert_problem(login(visitor, "who@example.org"), 401, "invalid_credentials")
    assert wrong["detail"] == unknown["detail"]


def test_an_inactive_account_cannot_log_in(visitor: APIClient, user: User) -> None:
    User.objects.update(is_active=False)
    assert_problem(login(visitor, user.email), 401, "invalid_credentials")


def test_an_open_session_ends_when_the_account_is_disabled(api: APIClient) -> None:
    User.objects.update(is_active=False)
    assert_problem(api.get("/api/v1/auth/me/"), 401, "not_authenticated")


@pytest.mark.parametrize(
    ("password", "fragment"),
    [
        ("short", "too short"),
        ("123456789012345", "numeric"),
        ("password1234", "too common"),
        ("new@example.org", "too similar"),
    ],
)
def test_weak_passwords_are_refused(visitor: APIClient, password: str, fragment: str) -> None:
    answer = visitor.post("/api/v1/auth/register/", {**NEW, "password": password}, format="json")
    problem = assert_problem(answer, 400, "invalid")
    assert fragment in " ".join(problem["errors"]["password"])
    assert not User.objects.exists()


def test_visitors_need_a_csrf_token_to_log_in(user: User) -> None:
    client = APIClient(enforce_csrf_checks=True)
    assert_problem(login(client, user.email), 403, "csrf_failed")
    token = client.get("/api/v1/auth/csrf/").json()["csrf_token"]
    assert login(client, user.email, headers={"X-CSRFToken": token}).status_code == 200


def test_a_new_session_gets_a_new_key(visitor: APIClient, user: User) -> None:
    session = visitor.session
    session["theme"] = "dark"
    session.save()
    before = session.session_key
    login(visitor, user.email)
    assert visitor.session.session_key != before


def test_the_database_takes_one_spelling_of_an_address(user: User) -> None:
    with pytest.raises(IntegrityError):
        User.objects.bulk_create([User(email=user.email.upper())])


def test_superusers_and_empty_addresses() -> None:
    assert User.objects.create_superuser("ROOT@example.org", PASSWORD).is_staff
    assert User.objects.get_by_natural_key("Root@Example.org").is_superuser
    with pytest.raises(ValueError, match="email"):
        User.objects.create_user("")


def test_expired_sessions_are_cleared(visitor: APIClient, user: User) -> None:
    from django.contrib.sessions.models import Session
    from django.utils import timezone

    login(visitor, user.email)
    Session.objects.update(expire_date=timezone.now())
    clear_expired_sessions()
    assert not Session.objects.exists()
