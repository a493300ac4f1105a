"""Transactions, a clear answer while the database is away, and a column type for moments."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import DateTime, Dialect, TypeDecorator, text
from sqlalchemy.ext.asyncio import (
    AsyncEngine,
    AsyncSession,
    async_sessionmaker,
    create_async_engine,
)

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


def open_database(*, production: bool, folder: Path, pooled: bool = True) -> Database:
    """What DB_* describes; on a laptop without DB_HOST a file of SQLite in `folder`."""
    engine = database_engine(production=production, pooled=pooled)
    return Database(engine or laptop_engine(folder))


def laptop_engine(folder: Path) -> AsyncEngine:
    folder.mkdir(parents=True, exist_ok=True)
    # One at a time: SQLite knows no other way to write, and would refuse instead of waiting.
    return create_async_engine(
        f"sqlite+aiosqlite:///{folder / 'app.db'}",
        hide_parameters=True,
        pool_size=1,
        max_overflow=0,
        pool_timeout=60,
    )


class UtcDateTime(TypeDecorator[datetime]):
    """SQLite forgets the zone; everything here is UTC."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_result_value(self, value: datetime | None, _: Dialect) -> datetime | None:
        return value.replace(tzinfo=UTC) if value is not None and value.tzinfo is None else value


def now() -> datetime:
    return datetime.now(UTC)
