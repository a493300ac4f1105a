"""The job of a file: read it back, compare, look inside, write down what was found."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from uuid import UUID

from app.files import rows
from app.files.processing import Reading, look_inside, read_all
from app.models import StoredFile
from app.resources import Resources
from app.storage import ObjectMissing, StorageUnavailable
from service_kit.database import DatabaseUnavailable

logger = logging.getLogger(__name__)

TOUCH_SECONDS = 5.0
PROGRESS_SECONDS = 1.0


class TakenAway(Exception):  # noqa: N818 - nothing went wrong
    """The row is no longer in the hands of this run: deleted, or ended by another run."""


async def process(resources: Resources, file_id: UUID, pause: timedelta = timedelta()) -> str:
    """Safe to run twice, and to be killed anywhere: each step is decided by the row.

    `pause`: how long it is to the next try when storage does not answer.
    """
    file = await rows.claim(resources.database, file_id)
    if file is None:
        return "nothing to do"
    await rows.announce(resources, file, progress=0)
    try:
        async with _touching(resources, file_id) as taken_away:
            return await _process(resources, file, taken_away)
    except StorageUnavailable:
        waiting = await rows.put_back(resources.database, file_id, pause)
        if waiting is not None:
            await rows.announce(resources, waiting)
        raise


async def _process(resources: Resources, file: StoredFile, taken_away: asyncio.Event) -> str:
    try:
        reading = await _read(resources, file, taken_away)
    except ObjectMissing:
        return await _fail(resources, file, "The stored file is missing.")
    except TakenAway:
        return await _leave(resources, file)
    if (reading.size, reading.sha256) != (file.size, file.sha256):
        return await _fail(resources, file, "The stored bytes are not those that were uploaded.")
    facts, thumbnail = await look_inside(reading)
    if thumbnail:
        await resources.store.put(file.thumbnail_key, thumbnail, "image/webp")
    done = await rows.finish(
        resources.database,
        file.id,
        result={"sha256": reading.sha256, "size": reading.size, **reading.facts(), **facts},
        has_thumbnail=bool(thumbnail),
    )
    if done is None:
        return await _leave(resources, file)
    await rows.announce(resources, done, progress=100)
    return "done"


async def _leave(resources: Resources, file: StoredFile) -> str:
    if await rows.find(resources.database, file.id) is not None:
        return "done by another"  # and the thumbnail is that one's as well
    # Who deleted the file may have been faster than the thumbnail of this run.
    await resources.store.delete(file.thumbnail_key)
    return "deleted meanwhile"


@asynccontextmanager
async def _touching(resources: Resources, file_id: UUID) -> AsyncIterator[asyncio.Event]:
    """From first to last, also while others look inside: the sweep takes a silent job for dead."""
    taken_away, ended = asyncio.Event(), asyncio.Event()

    async def touch() -> None:
        while not taken_away.is_set():
            with suppress(TimeoutError):
                await asyncio.wait_for(ended.wait(), TOUCH_SECONDS)
                return
            try:
                if not await rows.touch(resources.database, file_id):
                    taken_away.set()
            except DatabaseUnavailable as error:
                # The job itself ends with the same if it is still so when it needs the database.
                logger.warning("row not touched, it will be later: %s", error)

    touching = asyncio.create_task(touch())
    try:
        yield taken_away
    finally:
        # Not cancelled: that would cost the connection which it has to the database.
        ended.set()
        await asyncio.wait({touching})


async def _read(resources: Resources, file: StoredFile, taken_away: asyncio.Event) -> Reading:
    reading = Reading(file.content_type)
    told = time.monotonic()
    async with resources.store.read(file.object_key) as chunks:
        async for size in read_all(reading, chunks):
            if taken_away.is_set():
                raise TakenAway
            moment = time.monotonic()
            if moment - told > PROGRESS_SECONDS and file.size:
                told = moment
                await rows.announce(resources, file, progress=min(99, size * 100 // file.size))
    return reading


async def _fail(resources: Resources, file: StoredFile, reason: str) -> str:
    logger.error("file failed: %s", reason, extra={"file_id": str(file.id)})
    failed = await rows.fail(resources.database, file.id, reason)
    if failed is not None:
        await rows.announce(resources, failed)
    return "failed"
