"""The life of a file: uploading, pending, processing, done or failed; deleting.

Each step is one conditional UPDATE. A worker that comes late, or twice, changes no row and so does
no harm. The row is also the outbox: a job that the queue lost is asked for again by the sweep.
"""

import logging
from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, select, update

from app.models import VISIBLE, State, StoredFile
from app.queue import Queue
from app.resources import Resources
from service_kit.request_id import accept_or_make, current_request_id
from service_kit.rows import Database, now

logger = logging.getLogger(__name__)

JOB = "process_file"
MAX_ATTEMPTS = 10
# The worker touches the row of a job every few seconds, from its first to its last.
PROCESSING_PATIENCE = timedelta(seconds=30)
SWEEP_BATCH = 200


async def begin(database: Database, file: StoredFile) -> None:
    file.request_id = current_request_id() or ""
    async with database.transaction() as session:
        session.add(file)


async def note_upload(database: Database, file_id: UUID, upload: str) -> None:
    await _change(database, file_id, {State.UPLOADING}, upload_id=upload)


async def touch(database: Database, file_id: UUID) -> bool:
    return await _change(database, file_id, {State.UPLOADING, State.PROCESSING}) is not None


async def stored(database: Database, file_id: UUID, *, size: int, sha256: str) -> StoredFile | None:
    return await _change(
        database,
        file_id,
        {State.UPLOADING},
        state=State.PENDING,
        size=size,
        sha256=sha256,
        upload_id=None,
    )


async def claim(database: Database, file_id: UUID) -> StoredFile | None:
    """Marks the job as running; None when there is nothing left to do."""
    return await _change(
        database,
        file_id,
        # Processing as well: a second message means that the first worker died.
        {State.PENDING, State.PROCESSING},
        state=State.PROCESSING,
        attempts=StoredFile.attempts + 1,
    )


async def put_back(database: Database, file_id: UUID, pause: timedelta) -> StoredFile | None:
    """A try that found no storage says nothing about the file, and does not count as one of its."""
    return await _change(
        database,
        file_id,
        {State.PROCESSING},
        state=State.PENDING,
        attempts=StoredFile.attempts - 1,
        # The queue holds the next try: the sweep is to think of it only when that is overdue.
        touched_at=now() + pause,
    )


async def finish(
    database: Database, file_id: UUID, *, result: dict[str, Any], has_thumbnail: bool
) -> StoredFile | None:
    return await _change(
        database,
        file_id,
        {State.PROCESSING},
        state=State.DONE,
        result=result,
        has_thumbnail=has_thumbnail,
        error="",
    )


async def fail(database: Database, file_id: UUID, reason: str) -> StoredFile | None:
    return await _change(
        database, file_id, {State.PENDING, State.PROCESSING}, state=State.FAILED, error=reason[:200]
    )


async def mark_deleting(database: Database, owner: UUID, file_id: UUID) -> StoredFile | None:
    async with database.transaction() as session:
        return await session.scalar(
            update(StoredFile)
            .where(
                StoredFile.id == file_id,
                StoredFile.owner_id == owner,
                StoredFile.state.in_(VISIBLE),
            )
            .values(state=State.DELETING, touched_at=now(), updated_at=now())
            .returning(StoredFile)
        )


async def find(database: Database, file_id: UUID, owner: UUID | None = None) -> StoredFile | None:
    """Somebody else's file is not forbidden but absent: its id tells nothing."""
    wanted = select(StoredFile).where(StoredFile.id == file_id, StoredFile.state.in_(VISIBLE))
    if owner is not None:
        wanted = wanted.where(StoredFile.owner_id == owner)
    async with database.transaction() as session:
        return await session.scalar(wanted)


async def page_of(
    database: Database, owner: UUID, *, page: int, size: int
) -> tuple[int, Sequence[StoredFile]]:
    mine = (StoredFile.owner_id == owner, StoredFile.state.in_(VISIBLE))
    async with database.transaction() as session:
        count = await session.scalar(select(func.count()).select_from(StoredFile).where(*mine))
        files = await session.scalars(
            select(StoredFile)
            .where(*mine)
            .order_by(StoredFile.created_at.desc(), StoredFile.id.desc())
            .offset((page - 1) * size)
            .limit(size)
        )
        return count or 0, files.all()


async def announce(resources: Resources, file: StoredFile, progress: int | None = None) -> None:
    event: dict[str, Any] = {"event": "file", "id": str(file.id), "state": file.state}
    if progress is not None:
        event["progress"] = progress
    await resources.events.publish(file.owner_id, event)


async def ask_for_job(queue: Queue, file: StoredFile) -> bool:
    # Once for each attempt: a repetition must not find the job of the worker that died.
    return await queue.send(
        JOB,
        str(file.id),
        unique=f"{JOB}:{file.id}:{file.attempts}",
        request_id=accept_or_make(file.request_id),
    )


async def give_up(resources: Resources, file_id: UUID) -> None:
    """An upload that did not end well."""
    try:
        async with resources.database.transaction() as session:
            file = await session.scalar(
                update(StoredFile)
                .where(StoredFile.id == file_id, StoredFile.state == State.UPLOADING)
                .values(state=State.DELETING, touched_at=now())
                .returning(StoredFile)
            )
    except Exception as error:  # noqa: BLE001 - the row says what is left to do
        logger.warning("upload not cleared away, it will be later: %s", error)
        return
    if file is not None:
        await remove_later(resources, file)


async def remove_later(resources: Resources, file: StoredFile) -> None:
    """Now if storage answers, by the sweep if it does not."""
    try:
        await remove(resources, file)
    except Exception as error:  # noqa: BLE001 - the row says what is left to do
        logger.warning("objects not deleted, they will be later: %s", error)


async def remove(resources: Resources, file: StoredFile) -> None:
    """Takes the objects away, then the row: as long as the row is there, somebody knows of them."""
    if file.upload_id is not None:
        await resources.store.abort_parts(file.object_key, file.upload_id)
    await resources.store.delete(file.object_key, file.thumbnail_key)
    async with resources.database.transaction() as session:
        await session.execute(
            delete(StoredFile).where(StoredFile.id == file.id, StoredFile.state == State.DELETING)
        )


async def _change(
    database: Database, file_id: UUID, states: set[State], **values: Any
) -> StoredFile | None:
    moment = now()
    async with database.transaction() as session:
        return await session.scalar(
            update(StoredFile)
            .where(StoredFile.id == file_id, StoredFile.state.in_(states))
            .values({"touched_at": moment, "updated_at": moment, **values})
            .returning(StoredFile)
        )
