"""The whole application in one process: SQLite, a folder of objects, jobs that run at once.

With DB_HOST or S3_HOST in the environment the same tests run on the real thing, and with REDIS_HOST
those of the worker. Such a database must be one for tests, of the role that runs them: its rows are
deleted.
"""

import asyncio
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from httpx import ASGITransport, AsyncClient, Response
from sqlalchemy import delete

from app.laptop import InlineQueue
from app.main import create_app
from app.manage import SCHEMA
from app.models import Base
from app.resources import Resources
from app.settings import settings
from service_kit import passwords
from service_kit.rows import open_database

PASSWORD = "correct-horse-battery-9"


@pytest.fixture(autouse=True)
def environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATA_DIRECTORY", str(tmp_path))
    monkeypatch.setenv("HEARTBEAT_DIR", str(tmp_path))
    monkeypatch.delenv("REDIS_HOST", raising=False)
    # Real hashes are slow on purpose.
    cheap = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    monkeypatch.setattr(passwords, "_hasher", cheap)
    settings.cache_clear()


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file of SQLite with the schema as the migrations make it."""
    folder = tmp_path_factory.mktemp("schema")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DATA_DIRECTORY", str(folder))
        settings.cache_clear()
        assert (
            asyncio.run(
                SCHEMA.migrate(open_database(production=False, folder=settings().data_directory))
            )
            == 0
        )
    settings.cache_clear()
    return folder / "app.db"


@dataclass(slots=True)
class Application:
    """The application, and the way in for visitors."""

    resources: Resources
    transport: ASGITransport

    def visitor(self) -> AsyncClient:
        return AsyncClient(transport=self.transport, base_url="http://localhost/api/v1")

    @asynccontextmanager
    async def member(self, email: str = "ada@example.com") -> AsyncIterator[AsyncClient]:
        """Somebody who is signed in."""
        async with self.visitor() as client:
            await use_csrf(client)
            credentials = {"email": email, "password": PASSWORD}
            assert (await client.post("/auth/register/", json=credentials)).status_code == 202
            signed_in = await client.post("/auth/login/", json=credentials)
            assert signed_in.status_code == 200, signed_in.text
            client.headers["X-CSRFToken"] = signed_in.json()["csrf_token"]
            yield client

    async def settle(self) -> None:
        """Until all jobs have ended."""
        assert isinstance(self.resources.queue, InlineQueue)
        await self.resources.queue.drain()


async def use_csrf(client: AsyncClient) -> None:
    answer = await client.get("/auth/csrf/")
    client.headers["X-CSRFToken"] = answer.json()["csrf_token"]


@pytest.fixture
async def application(migrated: Path, tmp_path: Path) -> AsyncIterator[Application]:
    if migrated.exists():
        shutil.copy(migrated, tmp_path / "app.db")
    app = create_app()
    async with app.router.lifespan_context(app):
        resources: Resources = app.state.resources
        async with resources.database.transaction() as session:
            for table in reversed(Base.metadata.sorted_tables):
                await session.execute(delete(table))
        yield Application(resources, ASGITransport(app=app, client=("203.0.113.7", 1234)))


@pytest.fixture
async def member(application: Application) -> AsyncIterator[AsyncClient]:
    async with application.member() as client:
        yield client


type Upload = Callable[..., Awaitable[Response]]


@pytest.fixture
def upload(member: AsyncClient) -> Upload:
    async def send(content: bytes = b"one two\nthree", name: str = "a.txt") -> Response:
        return await member.post("/files/", params={"name": name}, content=content)

    return send
