"""Objects in a folder: for a laptop without an S3 server, and for tests."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from uuid import uuid4

from app.storage import CHUNK_BYTES, ObjectMissing, Part


class FolderStore:
    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def put(self, key: str, body: bytes, content_type: str) -> None:
        path = self._folder / key
        path.parent.mkdir(parents=True, exist_ok=True)
        await asyncio.to_thread(path.write_bytes, body)

    async def start_parts(self, key: str, content_type: str) -> str:
        upload = uuid4().hex
        self._parts(upload).mkdir(parents=True)
        return upload

    async def put_part(self, key: str, upload: str, number: int, body: BytesIO) -> Part:
        folder = self._parts(upload)
        if not folder.is_dir():
            raise ObjectMissing(upload)
        await asyncio.to_thread((folder / str(number)).write_bytes, body.getbuffer())
        return Part(number, str(number))

    async def finish_parts(self, key: str, upload: str, parts: Sequence[Part]) -> None:
        target = self._folder / key
        target.parent.mkdir(parents=True, exist_ok=True)

        def join() -> None:
            with target.open("wb") as whole:
                for part in sorted(parts, key=lambda part: part.number):
                    with (self._parts(upload) / str(part.number)).open("rb") as piece:
                        shutil.copyfileobj(piece, whole)
            shutil.rmtree(self._parts(upload))

        await asyncio.to_thread(join)

    async def abort_parts(self, key: str, upload: str) -> None:
        shutil.rmtree(self._parts(upload), ignore_errors=True)

    @asynccontextmanager
    async def read(
        self, key: str, byte_range: str | None = None
    ) -> AsyncIterator[AsyncIterator[bytes]]:
        path = self._folder / key
        if not path.is_file():
            raise ObjectMissing(key)
        first, last = 0, path.stat().st_size - 1
        if byte_range is not None:
            first, last = (int(part) for part in byte_range.removeprefix("bytes=").split("-"))

        async def chunks() -> AsyncIterator[bytes]:
            left = last - first + 1
            with path.open("rb") as file:
                file.seek(first)
                while left > 0 and (chunk := file.read(min(CHUNK_BYTES, left))):
                    left -= len(chunk)
                    yield chunk

        yield chunks()

    async def delete(self, *keys: str) -> None:
        for key in keys:
            (self._folder / key).unlink(missing_ok=True)

    async def keys(self, prefix: str, *, before: datetime) -> AsyncIterator[str]:
        for path in sorted((self._folder / prefix).glob("*")):
            if datetime.fromtimestamp(path.stat().st_mtime, UTC) < before:
                yield f"{prefix}{path.name}"

    async def check(self) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)

    async def close(self) -> None:
        pass

    def _parts(self, upload: str) -> Path:
        return self._folder / "parts" / upload
