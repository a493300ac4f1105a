"""Transactions, and a clear answer while the database is away."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy import text
from sqlalchemy.ext.asyncio import (
    AsyncEngine,
    AsyncSession,
    async_sessionmaker,
    create_async_engine,
)

from app.settings import Settings
from service_kit.database import database_engine, database_outages


class Database:
    def __init__(self, engine: AsyncEngine) -> None:
        self.engine = engine
        self._sessions = async_sessionmaker(engine, expire_on_commit=False)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncSession]:
        """Commits at its end. Short: a connection of the pool is held while it lasts."""
        async with database_outages(), self._sessions() as session, session.begin():
            yield session

    async def check(self) -> None:
        async with self.transaction() as session:
            await session.execute(text("SELECT 1"))

    async def close(self) -> None:
        await self.engine.dispose()


def open_database(settings: Settings) -> Database:
    return Database(database_engine(production=settings.production) or laptop_engine(settings))


def laptop_engine(settings: Settings) -> AsyncEngine:
    settings.data_directory.mkdir(parents=True, exist_ok=True)
    # One at a time: SQLite knows no other way to write, and would refuse instead of waiting.
    return create_async_engine(
        f"sqlite+aiosqlite:///{settings.data_directory / 'app.db'}",
        hide_parameters=True,
        pool_size=1,
        max_overflow=0,
        pool_timeout=60,
    )
