from collections.abc import Callable
from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.models import User
from articles.models import Article
from tests.conftest import BODY, assert_problem, signed_in

pytestmark = pytest.mark.django_db
URL = "/api/v1/articles/"


def create(client: APIClient, title: str = "First", body: str = BODY) -> dict[str, Any]:
    answer = client.post(URL, {"title": title, "body": body}, format="json")
    assert answer.status_code == 201, answer.content
    assert answer["ETag"] == '"1"'
    article: dict[str, Any] = answer.json()
    return article


def test_create_and_read(api: APIClient, user: User) -> None:
    article = create(api)
    assert article["version"] == 1
    assert article["analysis"]["state"] == "pending"
    assert article["analysis"]["word_count"] is None
    again = api.get(f"{URL}{article['id']}")  # without the last slash
    assert again.json() == article
    assert Article.objects.get().owner == user


def test_list_is_paginated_searched_and_ordered(api: APIClient) -> None:
    for title in ("Bees", "Ants", "Wasps"):
        create(api, title, f"All about {title.lower()}.")
    page = api.get(URL, {"ordering": "title", "page_size": "2"}).json()
    assert page["count"] == 3
    assert [row["title"] for row in page["results"]] == ["Ants", "Bees"]
    assert page["next"] is not None
    assert "body" not in page["results"][0]
    assert page["results"][0]["analysis"]["state"] == "pending"
    assert [row["title"] for row in api.get(URL).json()["results"]] == ["Wasps", "Ants", "Bees"]
    found = api.get(URL, {"search": "about wasps"}).json()["results"]
    assert [row["title"] for row in found] == ["Wasps"]
    assert_problem(api.get(URL, {"page": "9"}), 404, "not_found")


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ({"body": "x"}, "title"),
        ({"title": " ", "body": "x"}, "title"),
        ({"title": "x" * 201, "body": "x"}, "title"),
        ({"title": "x", "body": ""}, "body"),
        ({"title": "x", "body": "x" * 100_001}, "body"),
        ({"title": "x", "body": "nul \x00"}, "body"),
    ],
)
def test_invalid_articles_are_refused(api: APIClient, data: dict[str, str], field: str) -> None:
    problem = assert_problem(api.post(URL, data, format="json"), 400, "invalid")
    assert list(problem["errors"]) == [field]
    assert not Article.objects.exists()


def test_clients_cannot_set_what_is_not_theirs(
    api: APIClient, make_user: Callable[..., User], user: User
) -> None:
    other = make_user("bob@example.org")
    answer = api.post(
        URL, {"title": "t", "body": "b", "owner": other.pk, "version": 7}, format="json"
    )
    assert answer.json()["version"] == 1
    assert Article.objects.get().owner == user


def test_update_needs_the_version_that_was_read(api: APIClient) -> None:
    url = f"{URL}{create(api)['id']}/"
    assert_problem(api.patch(url, {"title": "x"}, format="json"), 428, "precondition_required")
    for wrong in ("1", 0, -1, True, 1.5):
        answer = api.patch(url, {"title": "x", "version": wrong}, format="json")
        assert_problem(answer, 400, "invalid")

    answer = api.put(url, {"title": "Two", "body": "New.", "version": 1}, format="json")
    assert answer.status_code == 200
    assert answer.json()["version"] == 2
    assert answer["ETag"] == '"2"'
    assert answer.json()["updated_at"] > answer.json()["created_at"]

    problem = assert_problem(
        api.patch(url, {"title": "Lost", "version": 1}, format="json"), 409, "conflict"
    )
    assert problem["current_version"] == 2
    assert api.get(url).json()["title"] == "Two"


@pytest.mark.parametrize("tag", ['"1"', 'W/"1"'])
def test_if_match_works_like_the_version(api: APIClient, tag: str) -> None:
    url = f"{URL}{create(api)['id']}/"
    headers = {"If-Match": tag}
    assert api.patch(url, {"title": "A"}, format="json", headers=headers).status_code == 200
    answer = api.patch(url, {"title": "B"}, format="json", headers=headers)
    assert_problem(answer, 409, "conflict")
    answer = api.patch(url, {"title": "B"}, format="json", headers={"If-Match": "*"})
    assert_problem(answer, 400, "parse_error")


def test_the_write_itself_checks_the_version(
    api: APIClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two clients read version 1 at once; the second one's write comes between read and write."""
    from articles import views

    article = create(api)

    def overtaken(request: Any) -> int:
        Article.objects.update(version=2, title="Overtaken")
        return 1

    monkeypatch.setattr(views, "expected_version", overtaken)
    answer = api.patch(f"{URL}{article['id']}/", {"title": "Late"}, format="json")
    assert_problem(answer, 409, "conflict")
    assert Article.objects.get().title == "Overtaken"


def test_delete(api: APIClient) -> None:
    url = f"{URL}{create(api)['id']}/"
    assert api.delete(url).status_code == 204
    assert_problem(api.get(url), 404, "not_found")


def test_other_peoples_articles_do_not_exist(
    api: APIClient, make_user: Callable[..., User]
) -> None:
    article = create(api)
    url = f"{URL}{article['id']}/"
    stranger = signed_in(make_user("bob@example.org"))
    change = {"title": "Mine now", "body": "b", "version": 1}
    assert stranger.get(URL).json()["count"] == 0
    for answer in (
        stranger.get(url),
        stranger.put(url, change, format="json"),
        stranger.patch(url, change, format="json"),
        stranger.delete(url),
    ):
        assert_problem(answer, 404, "not_found")
    assert api.get(url).json() == article


def test_visitors_get_nothing(visitor: APIClient) -> None:
    assert_problem(visitor.get(URL), 401, "not_authenticated")
    assert_problem(visitor.post(URL, {}, format="json"), 401, "not_authenticated")


def test_every_error_is_a_problem(api: APIClient) -> None:
    assert_problem(api.get("/api/v1/nowhere/"), 404, "not_found")
    assert_problem(api.delete(URL), 405, "method_not_allowed")
    broken = api.post(URL, "{", content_type="application/json")
    assert_problem(broken, 400, "parse_error")
    form = api.post(URL, "a=b", content_type="application/x-www-form-urlencoded")
    assert_problem(form, 415, "unsupported_media_type")
    assert_problem(api.get(URL, headers={"Host": "evil.example"}), 400, "bad_request")
