"""Objects without a row: left when the database came back from a backup older than they are."""

from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import UUID

from sqlalchemy import select

from app.models import StoredFile
from app.storage import Store
from service_kit.rows import Database, now

PREFIXES = ("files/", "thumbnails/")
# Younger ones may be uploads under way.
AGE = timedelta(days=1)
BATCH = 500


async def orphans(database: Database, store: Store) -> AsyncIterator[str]:
    for prefix in PREFIXES:
        batch: dict[UUID, str] = {}
        async for key in store.keys(prefix, before=now() - AGE):
            # What is not named by an id is not ours.
            if (file_id := _id_of(key.removeprefix(prefix))) is not None:
                batch[file_id] = key
            if len(batch) == BATCH:
                for lost in await _without_row(database, batch):
                    yield lost
                batch = {}
        for lost in await _without_row(database, batch):
            yield lost


async def _without_row(database: Database, batch: dict[UUID, str]) -> list[str]:
    async with database.transaction() as session:
        known = await session.scalars(select(StoredFile.id).where(StoredFile.id.in_(batch)))
        present = set(known)
    return [key for file_id, key in batch.items() if file_id not in present]


def _id_of(name: str) -> UUID | None:
    try:
        return UUID(name)
    except ValueError:
        return None
