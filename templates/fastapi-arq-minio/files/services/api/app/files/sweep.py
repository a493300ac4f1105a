"""Cron jobs: what was lost on the way is found by its row, and done."""

import logging
from datetime import timedelta

from sqlalchemy import ColumnElement, and_, or_, select, update

from app.files import rows
from app.models import State, StoredFile
from app.resources import Resources
from service_kit.rows import now

logger = logging.getLogger(__name__)


async def sweep(resources: Resources) -> None:
    await resources.accounts.clear_expired_sessions(now())
    await requeue(resources)
    await expire_uploads(resources)
    await finish_deletions(resources)


async def requeue(resources: Resources) -> int:
    """Sends again what was lost: no queue at the time, a full Redis, or a worker that died."""
    moment = now()
    pending = timedelta(seconds=resources.settings.requeue_after_seconds)
    stuck = or_(
        and_(StoredFile.state == State.PENDING, StoredFile.touched_at < moment - pending),
        and_(
            StoredFile.state == State.PROCESSING,
            StoredFile.touched_at < moment - rows.PROCESSING_PATIENCE,
        ),
    )
    # A file that kills its worker each time must not come round for ever.
    for file in await _take(resources, and_(stuck, StoredFile.attempts >= rows.MAX_ATTEMPTS)):
        logger.error("gave up on a file", extra={"file_id": str(file.id)})
        failed = await rows.fail(resources.database, file.id, "Gave up after too many attempts.")
        if failed is not None:
            await rows.announce(resources, failed)
    sent = 0
    for file in await _take(resources, stuck):
        if not await rows.ask_for_job(resources.queue, file):
            break
        sent += 1
    if sent:
        logger.info("requeued %d files", sent)
    return sent


async def expire_uploads(resources: Resources) -> int:
    """Uploads whose API process is gone: their parts take room, and nobody will finish them."""
    idle = timedelta(seconds=resources.settings.upload_idle_seconds)
    expired = await _take(
        resources,
        and_(StoredFile.state == State.UPLOADING, StoredFile.touched_at < now() - idle),
        State.DELETING,
    )
    for file in expired:
        await rows.remove(resources, file)
    if expired:
        logger.info("cleared %d unfinished uploads", len(expired))
    return len(expired)


async def finish_deletions(resources: Resources) -> int:
    left = await _take(
        resources,
        and_(
            StoredFile.state == State.DELETING,
            StoredFile.touched_at < now() - rows.PROCESSING_PATIENCE,
        ),
    )
    for file in left:
        await rows.remove(resources, file)
    return len(left)


async def _take(
    resources: Resources, which: ColumnElement[bool], state: State | None = None
) -> list[StoredFile]:
    """Touches the rows before anything is done for them: another sweep passes them by."""
    values = {"touched_at": now(), **({} if state is None else {"state": state})}
    async with resources.database.transaction() as session:
        chosen = await session.scalars(
            select(StoredFile.id)
            .where(which)
            .order_by(StoredFile.touched_at)
            .limit(rows.SWEEP_BATCH)
            .with_for_update(skip_locked=True)
        )
        taken = await session.scalars(
            update(StoredFile)
            .where(StoredFile.id.in_(chosen.all()))
            .values(**values)
            .returning(StoredFile)
        )
        return list(taken.all())
