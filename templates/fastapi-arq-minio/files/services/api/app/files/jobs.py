"""The job of a file: read it back, compare, look inside, write down what was found."""

import logging
import time
from uuid import UUID

from app.files import rows
from app.files.processing import Reading, look_inside, read_all
from app.models import StoredFile
from app.resources import Resources
from app.storage import ObjectMissing

logger = logging.getLogger(__name__)

TOUCH_SECONDS = 5.0
PROGRESS_SECONDS = 1.0


class GoneMeanwhile(Exception):  # noqa: N818 - nothing went wrong
    """Somebody deleted the file while it was read."""


async def process(resources: Resources, file_id: UUID) -> str:
    """Safe to run twice, and to be killed anywhere: each step is decided by the row."""
    file = await rows.claim(resources.database, file_id)
    if file is None:
        return "nothing to do"
    await rows.announce(resources, file, progress=0)
    try:
        reading = await _read(resources, file)
    except ObjectMissing:
        return await _fail(resources, file, "The stored file is missing.")
    except GoneMeanwhile:
        return "deleted meanwhile"
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
        if thumbnail:  # deleted in this very moment, and the thumbnail after that
            await resources.store.delete(file.thumbnail_key)
        return "deleted meanwhile"
    await rows.announce(resources, done, progress=100)
    return "done"


async def _read(resources: Resources, file: StoredFile) -> Reading:
    reading = Reading(file.content_type)
    touched = told = time.monotonic()
    async with resources.store.read(file.object_key) as chunks:
        async for size in read_all(reading, chunks):
            moment = time.monotonic()
            if moment - touched > TOUCH_SECONDS:
                touched = moment
                if not await rows.touch(resources.database, file.id):
                    raise GoneMeanwhile
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
