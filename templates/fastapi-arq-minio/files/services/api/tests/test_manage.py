import io
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest

from app import manage
from app.settings import settings
from service_kit.commands import check_database
from service_kit.rows import now
from tests.conftest import PASSWORD, Application, Upload


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{PASSWORD}\n" * 3))


async def test_the_models_and_the_migrations_agree(
    application: Application, capsys: pytest.CaptureFixture[str]
) -> None:
    assert await manage.SCHEMA.show(manage._database()) == 0
    assert "database: 0001, newest: 0001" in capsys.readouterr().out


async def test_the_database_says_what_it_is(
    application: Application, capsys: pytest.CaptureFixture[str]
) -> None:
    assert await check_database(manage._database()) == 0
    assert "Database connection successful" in capsys.readouterr().out


async def test_a_database_that_is_away_has_a_next_step(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    secret = tmp_path / "db_app_password"
    secret.write_text("a-password-of-tests")
    monkeypatch.setenv("DB_HOST", "127.0.0.1")
    monkeypatch.setenv("DB_PORT", "9")
    monkeypatch.setenv("DB_PASSWORD_FILE", str(secret))
    assert await check_database(manage._database()) == 1
    said = capsys.readouterr().err
    assert "Next: The database is not up yet" in said
    assert "a-password-of-tests" not in said


async def test_an_operator_makes_and_closes_accounts(
    application: Application, typed: None, capsys: pytest.CaptureFixture[str]
) -> None:
    accounts = application.resources.accounts
    assert await manage.create_user("Ada@Example.com") == 0
    assert await accounts.authenticate("ada@example.com", PASSWORD) is not None
    assert await manage.create_user("ada@example.com") == 1
    assert await manage.set_active("ada@example.com", active=False) == 0
    assert await accounts.authenticate("ada@example.com", PASSWORD) is None
    assert await manage.set_active("ada@example.com", active=True) == 0
    assert await manage.set_password("ada@example.com") == 0
    assert await manage.set_active("nobody@example.com", active=True) == 1
    assert "To make one: create_user" in capsys.readouterr().err


async def test_a_new_password_signs_everybody_out(application: Application, typed: None) -> None:
    async with application.member() as client:
        assert await manage.set_password("ada@example.com") == 0
        assert (await client.get("/auth/me/")).status_code == 401


async def test_a_weak_password_is_refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("short\n"))
    assert await manage.create_user("ada@example.com") == 1
    assert "At least 12 characters." in capsys.readouterr().err


async def test_objects_without_a_row_are_found(
    application: Application,
    upload: Upload,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    kept = (await upload()).json()["id"]
    await application.settle()
    store = application.resources.store
    lost = f"files/{uuid4()}"
    await store.put(lost, b"x", "text/plain")
    await store.put("files/not-ours", b"x", "text/plain")
    assert await manage.find_orphans(delete=True) == 0
    assert "0 objects" in capsys.readouterr().out  # too young
    monkeypatch.setattr("app.files.orphans.AGE", timedelta(days=-1))
    assert await manage.find_orphans(delete=False) == 0
    assert capsys.readouterr().out == f"{lost}\n1 objects without a row\n"
    assert await manage.find_orphans(delete=True) == 0
    left = [key async for key in store.keys("files/", before=now() + timedelta(days=1))]
    assert sorted(left) == sorted([f"files/{kept}", "files/not-ours"])


def test_commands_are_explained(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        manage.main(["--help"])
    assert "create_user" in capsys.readouterr().out
    settings.cache_clear()
