"""From the socket into object storage, with a bounded memory.

Small files are one request to storage. Larger ones go in parts of 8 MiB, and there are only so
many buffers of that size (UPLOAD_SLOTS a process): who finds none waits, and its client with it.
"""

import asyncio
import hashlib
import time
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from uuid import UUID

from app.files import rows
from app.files.incoming import Incoming
from app.files.types import HEAD_BYTES, type_of
from app.models import StoredFile
from app.resources import Resources
from app.storage import PART_BYTES, Part
from service_kit.problems import Problem

SMALL_BYTES = 256 * 1024
SLOTS_PER_USER = 2
SLOT_PATIENCE_SECONDS = 20.0
TOUCH_SECONDS = 30.0


class UploadSlots:
    """Large buffers of this process."""

    def __init__(self, number: int) -> None:
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


@dataclass
class _Measured:
    """The chunks of an upload, counted and hashed as they go by."""

    chunks: AsyncIterator[bytes]
    limit: int
    size: int = 0

    def __post_init__(self) -> None:
        self._hash = hashlib.sha256()

    async def read(self, wanted: int, begin: bytearray) -> bytearray:
        """Fills `begin` up to `wanted` bytes or more; less is the end of the file."""
        while len(begin) < wanted:
            chunk = await anext(self.chunks, None)
            if chunk is None:
                break
            self.size += len(chunk)
            if self.size > self.limit:
                raise too_large(self.limit)
            self._hash.update(chunk)
            begin += chunk
        return begin

    @property
    def sha256(self) -> str:
        return self._hash.hexdigest()


async def receive(
    resources: Resources, slots: UploadSlots, owner: UUID, incoming: Incoming
) -> StoredFile:
    """Stores one file and asks for its job. What fails on the way leaves nothing behind."""
    measured = _Measured(incoming.chunks, resources.settings.upload_max_bytes)
    head = await measured.read(SMALL_BYTES + 1, bytearray())
    kind = type_of(bytes(head[:HEAD_BYTES]), incoming.name)
    if kind is None:
        raise Problem(
            415,
            "unsupported_type",
            "Neither text, image, PDF, ZIP nor MP4." if head else "The file is empty.",
        )
    file = await rows.begin(resources.database, owner=owner, name=incoming.name, content_type=kind)
    try:
        if len(head) <= SMALL_BYTES:
            await resources.store.put(file.object_key, bytes(head), kind)
        else:
            async with slots.one(owner):
                await _in_parts(resources, file, measured, head)
        stored = await rows.stored(
            resources.database, file.id, size=measured.size, sha256=measured.sha256
        )
    except BaseException:
        # The client is gone, storage is full, this process stops: whatever it was, take it back.
        # What this cannot do any more, the sweep does.
        await asyncio.shield(rows.give_up(resources, file.id))
        raise
    if stored is None:
        raise Problem(409, "upload_expired", "The upload took too long. Start it again.")
    await rows.announce(resources, stored)
    await rows.ask_for_job(resources.queue, stored)
    return stored


async def _in_parts(
    resources: Resources, file: StoredFile, measured: _Measured, head: bytearray
) -> None:
    store, key = resources.store, file.object_key
    upload = await store.start_parts(key, file.content_type)
    await rows.note_upload(resources.database, file.id, upload)
    parts: list[Part] = []
    buffer, touched = head, time.monotonic()
    while True:
        await measured.read(PART_BYTES, buffer)
        if buffer:
            # The buffer itself, not a copy of 8 MiB; the next part gets another one.
            parts.append(await store.put_part(key, upload, len(parts) + 1, buffer))
            last = len(buffer) < PART_BYTES
            buffer = bytearray()
        else:
            last = True
        if last:
            break
        if time.monotonic() - touched > TOUCH_SECONDS:
            touched = time.monotonic()
            await rows.touch(resources.database, file.id)
    await store.finish_parts(key, upload, parts)
