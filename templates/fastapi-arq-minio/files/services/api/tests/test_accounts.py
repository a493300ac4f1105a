from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from app.models import Session, User
from app.settings import settings
from service_kit.rows import now
from tests.conftest import PASSWORD, Application, use_csrf

ADA = {"email": "Ada@Example.com", "password": PASSWORD}


async def test_an_account_is_made_and_used(application: Application) -> None:
    async with application.visitor() as client:
        await use_csrf(client)
        assert (await client.get("/auth/me/")).status_code == 401
        assert (await client.post("/auth/register/", json=ADA)).status_code == 202
        login = await client.post("/auth/login/", json=ADA)
        assert login.status_code == 200
        assert login.json()["email"] == "ada@example.com"
        assert login.headers["Cache-Control"] == "no-store"
        me = await client.get("/auth/me")  # without the last slash
        assert me.json()["email"] == "ada@example.com"
        client.headers["X-CSRFToken"] = login.json()["csrf_token"]
        assert (await client.post("/auth/logout/")).status_code == 204
        assert (await client.get("/auth/me/")).status_code == 401


async def test_cookies_say_what_browsers_may_do(application: Application) -> None:
    async with application.visitor() as client:
        await use_csrf(client)
        await client.post("/auth/register/", json=ADA)
        cookies = (await client.post("/auth/login/", json=ADA)).headers.get_list("Set-Cookie")
    session = next(cookie for cookie in cookies if cookie.startswith("sessionid="))
    csrf = next(cookie for cookie in cookies if cookie.startswith("csrftoken="))
    assert "HttpOnly" in session and "SameSite=lax" in session and "Path=/" in session
    assert "HttpOnly" not in csrf


async def test_over_https_the_cookie_is_for_this_host_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HTTPS", "true")
    settings.cache_clear()
    assert settings().session_cookie == "__Host-sessionid"


async def test_a_known_address_gets_the_same_answer_and_keeps_its_password(
    application: Application,
) -> None:
    async with application.visitor() as client:
        await use_csrf(client)
        first = await client.post("/auth/register/", json=ADA)
        second = await client.post("/auth/register/", json={**ADA, "password": "another-pass-word"})
        assert (first.status_code, first.json()) == (second.status_code, second.json())
        assert (await client.post("/auth/login/", json=ADA)).status_code == 200


@pytest.mark.parametrize(
    ("field", "value", "says"),
    [
        ("password", "short", "At least 12 characters."),
        ("password", "1234567890123", "Not digits only."),
        ("password", "aaaaaaaaaaaaaa", "At least five different characters."),
        ("password", "my-name-is-grace-1", "Not with the email address in it."),
        ("password", "x" * 129, "128"),
        ("email", "nobody", "valid email"),
    ],
)
async def test_what_is_weak_is_refused_by_field(
    application: Application, field: str, value: str, says: str
) -> None:
    async with application.visitor() as client:
        await use_csrf(client)
        data = {"email": "grace@example.com", "password": PASSWORD, field: value}
        answer = await client.post("/auth/register/", json=data)
    assert answer.status_code == 400
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json()["code"] == "invalid"
    assert says in " ".join(answer.json()["errors"][field])


@pytest.mark.parametrize("email", ["ada@example.com", "nobody@example.com"])
async def test_a_wrong_password_and_an_unknown_address_are_the_same(
    application: Application, email: str
) -> None:
    async with application.visitor() as client:
        await use_csrf(client)
        await client.post("/auth/register/", json=ADA)
        answer = await client.post("/auth/login/", json={"email": email, "password": "wrong"})
    assert answer.status_code == 401
    assert answer.json()["code"] == "invalid_credentials"


async def test_a_body_that_is_no_json_is_a_problem_too(application: Application) -> None:
    async with application.visitor() as client:
        await use_csrf(client)
        answer = await client.post("/auth/login/", content=b"{")
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")


async def test_an_account_that_was_locked_is_out_at_once(application: Application) -> None:
    async with application.member() as client:
        async with application.resources.database.transaction() as session:
            await session.execute(update(User).values(active=False))
        assert (await client.get("/auth/me/")).status_code == 401
        assert (await client.post("/auth/login/", json=ADA)).status_code == 401


async def test_a_session_ends_by_itself(application: Application) -> None:
    async with application.member() as client:
        async with application.resources.database.transaction() as session:
            await session.execute(update(Session).values(expires_at=now() - timedelta(seconds=1)))
        assert (await client.get("/auth/me/")).status_code == 401
    await application.resources.accounts.clear_expired_sessions(now())
    async with application.resources.database.transaction() as session:
        assert await session.scalar(select(func.count()).select_from(Session)) == 0


async def test_the_token_itself_is_not_stored(application: Application) -> None:
    async with application.member() as client:
        token = client.cookies["sessionid"]
    async with application.resources.database.transaction() as session:
        stored = (await session.scalars(select(Session.token_hash))).all()
    assert len(stored) == 1
    assert token not in stored


class TestCsrf:
    async def test_a_change_needs_the_header(self, application: Application) -> None:
        async with application.visitor() as client:
            await client.get("/auth/csrf/")
            answer = await client.post("/auth/login/", json=ADA)
        assert (answer.status_code, answer.json()["code"]) == (403, "csrf_failed")

    async def test_a_header_without_the_cookie_is_nothing(self, application: Application) -> None:
        async with application.visitor() as client:
            answer = await client.post("/auth/login/", json=ADA, headers={"X-CSRFToken": "made-up"})
        assert answer.status_code == 403

    async def test_a_page_of_another_origin_is_refused(self, application: Application) -> None:
        async with application.visitor() as client:
            await use_csrf(client)
            elsewhere = await client.post(
                "/auth/login/", json=ADA, headers={"Origin": "https://evil.example"}
            )
            here = await client.post(
                "/auth/login/", json=ADA, headers={"Origin": "http://localhost"}
            )
        assert elsewhere.status_code == 403
        assert here.status_code == 401


class TestLimits:
    async def test_passwords_are_tried_ten_times_a_minute(self, application: Application) -> None:
        async with application.visitor() as client:
            await use_csrf(client)
            answers = [await client.post("/auth/login/", json=ADA) for _ in range(11)]
        assert [answer.status_code for answer in answers[:10]] == [401] * 10
        last = answers[-1]
        assert last.status_code == 429
        assert last.json()["code"] == "rate_limited"
        assert int(last.headers["Retry-After"]) >= 1
        assert last.headers["X-RateLimit-Remaining"] == "0"

    async def test_refused_requests_count(self, application: Application) -> None:
        async with application.visitor() as client:
            answers = [await client.post("/auth/login/", json=ADA) for _ in range(11)]
        assert [answer.status_code for answer in answers] == [403] * 10 + [429]

    async def test_members_are_counted_by_account_whatever_they_claim(
        self, application: Application
    ) -> None:
        async with (
            application.member() as ada,
            application.member("b@example.com") as bob,
        ):
            first = await ada.get("/auth/me/")
            again = await ada.get(
                "/auth/me/", headers={"X-Forwarded-For": "198.51.100.1", "X-User-Id": "7"}
            )
            other = await bob.get("/auth/me/")
        left = [int(answer.headers["X-RateLimit-Remaining"]) for answer in (first, again, other)]
        assert left == [99, 98, 99]

    async def test_without_redis_nobody_is_shut_out(
        self, application: Application, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        async def broken(key: str, seconds: int) -> int:
            raise ConnectionError("gone")

        monkeypatch.setattr(application.resources.limits._counter, "increment", broken)
        async with application.visitor() as client:
            answer = await client.get("/auth/csrf/")
        assert answer.status_code == 200
        assert "X-RateLimit-Limit" not in answer.headers
