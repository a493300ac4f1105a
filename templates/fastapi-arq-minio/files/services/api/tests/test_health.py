import json

import pytest

from app.storage import StorageUnavailable
from service_kit.database import DatabaseUnavailable
from tests.conftest import Application


async def test_it_names_what_works(application: Application) -> None:
    async with application.visitor() as client:
        answer = await client.get("/health")
    assert answer.status_code == 200
    # Spelled with a blank: who looks at it with grep depends on that.
    assert '"status": "healthy"' in answer.text
    assert answer.json() == {
        "status": "healthy",
        "database": "ok",
        "cache": "ok",
        "storage": "ok",
        "version": "dev",
    }
    assert answer.headers["Cache-Control"] == "no-store"


async def test_it_names_what_does_not(
    application: Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away() -> None:
        raise StorageUnavailable("http://minio:9000 refused")

    monkeypatch.setattr(application.resources.store, "check", away)
    async with application.visitor() as client:
        answer = await client.get("/health/")
        alive = await client.get("/health/live/")
    assert answer.status_code == 503
    assert (answer.json()["storage"], answer.json()["failed"]) == ("failed", ["storage"])
    assert "minio" not in answer.text
    assert alive.json()["status"] == "alive"


async def test_a_database_that_is_away_is_said_to_be(
    application: Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object) -> None:
        raise DatabaseUnavailable("connection refused by 10.0.0.7")

    async with application.member() as client:
        monkeypatch.setattr(application.resources.database, "transaction", away)
        answer = await client.get("/files/")
    assert answer.status_code == 503
    assert answer.json()["detail"] == "The database does not answer. Try again shortly."
    assert answer.headers["Retry-After"] == "5"


async def test_a_defect_is_a_problem_with_an_id(
    application: Application, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object) -> None:
        raise KeyError("a defect")

    async with application.member() as client:
        monkeypatch.setattr(application.resources.database, "transaction", broken)
        answer = await client.get("/files/", headers={"X-Request-ID": "trace-4711-abc"})
    assert answer.status_code == 500
    assert json.loads(answer.text)["request_id"] == "trace-4711-abc"
    assert "a defect" not in answer.text
    assert "unhandled error" in caplog.text


async def test_programs_can_read_what_there_is(application: Application) -> None:
    async with application.visitor() as client:
        described = (await client.get("/openapi.json")).json()
    assert "/api/v1/files/{file_id}/content/" in described["paths"]
