"""From the socket into object storage, with a bounded memory.

Small files are one request to storage. Larger ones go in parts of 8 MiB, and there are only so
many buffers of that size (UPLOAD_SLOTS a process): who finds none waits, and its client with it.
Who has one is to fill it within PART_SECONDS, again and again.
"""

import asyncio
import hashlib
import time
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from io import BytesIO
from uuid import UUID

from app.files import rows
from app.files.incoming import Incoming
from app.files.types import HEAD_BYTES, type_of
from app.models import StoredFile
from app.resources import Resources
from app.storage import PART_BYTES, ObjectMissing, Part
from service_kit.problems import Problem

SMALL_BYTES = 256 * 1024
SMALL_AT_ONCE = 16
SLOTS_PER_USER = 2
SLOT_PATIENCE_SECONDS = 20.0
# Of the client, for each part: 70 kB/s is enough. A byte now and then, which no timeout of a
# connection ends, would hold a buffer for as long as it likes.
PART_SECONDS = 120.0
TOUCH_SECONDS = 30.0


class UploadSlots:
    """Large buffers of this process, and how many small files it stores at once.

    A small file takes the database twice. Hundreds at once would each wait for all others, twice,
    and give up; in a queue in front of it they come through, one after the other.
    """

    def __init__(self, number: int) -> None:
        self.small = asyncio.Semaphore(SMALL_AT_ONCE)
        self._free = asyncio.Semaphore(number)
        self._of_user: dict[UUID, int] = defaultdict(int)

    @asynccontextmanager
    async def one(self, owner: UUID) -> AsyncIterator[None]:
        if self._of_user[owner] >= SLOTS_PER_USER:
            raise _busy("You have large uploads under way already.")
        self._of_user[owner] += 1
        try:
            try:
                async with asyncio.timeout(SLOT_PATIENCE_SECONDS):
                    await self._free.acquire()
            except TimeoutError:
                raise _busy("Too many large uploads at the moment.") from None
            try:
                yield
            finally:
                self._free.release()
        finally:
            self._of_user[owner] -= 1
            if not self._of_user[owner]:
                del self._of_user[owner]


def _busy(why: str) -> Problem:
    return Problem(503, "busy", f"{why} Try again shortly.", headers={"Retry-After": "10"})


def too_large(limit: int) -> Problem:
    return Problem(413, "too_large", f"A file may have {limit} bytes at most.", max_bytes=limit)


def _too_slow() -> Problem:
    return Problem(
        408,
        "too_slow",
        f"{PART_BYTES // 1024**2} MiB may take {PART_SECONDS:.0f} s at most. Try again on a faster"
        " connection.",
    )


def _expired() -> Problem:
    return Problem(409, "upload_expired", "The upload took too long. Start it again.")


@dataclass
class _Measured:
    """The chunks of an upload, counted and hashed as they go by."""

    chunks: AsyncIterator[bytes]
    limit: int
    size: int = 0

    def __post_init__(self) -> None:
        self._hash = hashlib.sha256()

    async def fill(self, buffer: BytesIO, wanted: int) -> int:
        """Up to `wanted` bytes or a little more; less is the end of the file."""
        try:
            async with asyncio.timeout(PART_SECONDS):
                return await self._fill(buffer, wanted)
        except TimeoutError:
            raise _too_slow() from None

    async def _fill(self, buffer: BytesIO, wanted: int) -> int:
        while buffer.tell() < wanted:
            chunk = await anext(self.chunks, None)
            if chunk is None:
                break
            self.size += len(chunk)
            if self.size > self.limit:
                raise too_large(self.limit)
            self._hash.update(chunk)
            buffer.write(chunk)
        return buffer.tell()

    @property
    def sha256(self) -> str:
        return self._hash.hexdigest()


async def receive(
    resources: Resources, slots: UploadSlots, owner: UUID, incoming: Incoming
) -> StoredFile:
    """Stores one file and asks for its job. What fails on the way leaves nothing behind."""
    measured = _Measured(incoming.chunks, resources.settings.upload_max_bytes)
    buffer = BytesIO()
    await measured.fill(buffer, SMALL_BYTES + 1)
    kind = type_of(bytes(buffer.getbuffer()[:HEAD_BYTES]), incoming.name)
    if kind is None:
        raise Problem(
            415,
            "unsupported_type",
            "Neither text, image, PDF, ZIP nor MP4." if measured.size else "The file is empty.",
        )
    file = StoredFile(owner_id=owner, name=incoming.name, content_type=kind)
    async with slots.small if measured.size <= SMALL_BYTES else slots.one(owner):
        await rows.begin(resources.database, file)
        stored = await _keep(resources, file, measured, buffer)
    await rows.announce(resources, stored)
    await rows.ask_for_job(resources.queue, stored)
    return stored


async def _keep(
    resources: Resources, file: StoredFile, measured: _Measured, buffer: BytesIO
) -> StoredFile:
    try:
        if measured.size <= SMALL_BYTES:
            await resources.store.put(file.object_key, buffer.getvalue(), file.content_type)
        else:
            try:
                await _in_parts(resources, file, measured, buffer)
            except ObjectMissing:  # the sweep took the parts back
                raise _expired() from None
        stored = await rows.stored(
            resources.database, file.id, size=measured.size, sha256=measured.sha256
        )
    except BaseException:
        # The client is gone, storage is full, this process stops: whatever it was, take it back.
        # What this cannot do any more, the sweep does.
        await asyncio.shield(rows.give_up(resources, file.id))
        raise
    if stored is None:
        raise _expired()
    return stored


async def _in_parts(
    resources: Resources, file: StoredFile, measured: _Measured, buffer: BytesIO
) -> None:
    store, key = resources.store, file.object_key
    upload = await store.start_parts(key, file.content_type)
    await rows.note_upload(resources.database, file.id, upload)
    parts: list[Part] = []
    touched = time.monotonic()
    while await measured.fill(buffer, PART_BYTES):
        if time.monotonic() - touched > TOUCH_SECONDS:
            touched = time.monotonic()
            if not await rows.touch(resources.database, file.id):
                raise _expired()
        # The buffer itself, not a copy of 8 MiB; the next part gets another one.
        parts.append(await store.put_part(key, upload, len(parts) + 1, buffer))
        buffer = BytesIO()
    await store.finish_parts(key, upload, parts)
