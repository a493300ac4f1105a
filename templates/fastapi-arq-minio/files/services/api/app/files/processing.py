"""What a job finds out about a file, in one pass over its bytes."""

import asyncio
import codecs
import hashlib
import json
import logging
import sys
from collections.abc import AsyncIterator
from typing import Any

from app.files.types import IMAGES, is_text

logger = logging.getLogger(__name__)

PREVIEW_CHARACTERS = 2000
# What is decoded as a whole is held as a whole, once at a time.
WHOLE_BYTES = 16 * 1024 * 1024
EXTRACT_SECONDS = 30.0
_one_at_a_time = asyncio.Semaphore(1)


def clean(text: str) -> str:
    """Without what JSON can say and PostgreSQL refuses: a NUL, and half of a surrogate pair."""
    return text.replace("\0", "").encode("utf-8", "replace").decode()


class Reading:
    """Size and checksum; lines, words and the beginning of a text; a small file whole."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self.size = 0
        self.whole: bytearray | None = bytearray() if _extractor(kind) else None
        self._hash = hashlib.sha256()
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace") if is_text(kind) else None
        self._preview = ""
        self._lines = 0
        self._words = 0
        self._in_word = False
        self._last = ""

    def take(self, chunk: bytes) -> None:
        self.size += len(chunk)
        self._hash.update(chunk)
        if self.whole is not None:
            self.whole += chunk
            if len(self.whole) > WHOLE_BYTES:
                self.whole = None
        if self._decoder is not None:
            self._take_text(self._decoder.decode(chunk))

    @property
    def sha256(self) -> str:
        return self._hash.hexdigest()

    def facts(self) -> dict[str, Any]:
        if self._decoder is None:
            return {}
        unfinished = 1 if self._last not in ("", "\n") else 0
        return {
            "lines": self._lines + unfinished,
            "words": self._words,
            "preview": clean(self._preview),
        }

    def _take_text(self, text: str) -> None:
        if not text:
            return
        if len(self._preview) < PREVIEW_CHARACTERS:
            self._preview = (self._preview + text)[:PREVIEW_CHARACTERS]
        self._lines += text.count("\n")
        self._words += len(text.split())
        if self._in_word and not text[0].isspace():
            self._words -= 1  # the word went on from the chunk before
        self._last = text[-1]
        self._in_word = not self._last.isspace()


async def read_all(reading: Reading, chunks: AsyncIterator[bytes]) -> AsyncIterator[int]:
    """Yields how many bytes were read so far, after each chunk."""
    async for chunk in chunks:
        # On a thread: other jobs, the heartbeat and the database go on meanwhile.
        await asyncio.to_thread(reading.take, chunk)
        yield reading.size


async def look_inside(reading: Reading) -> tuple[dict[str, Any], bytes]:
    """Facts and thumbnail of an image or a PDF. A file that cannot be decoded is no failure."""
    extractor = _extractor(reading.kind)
    if extractor is None:
        return {}, b""
    if reading.whole is None:
        return {"note": "Too large to look inside."}, b""
    async with _one_at_a_time:
        child = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "app.files.extract",
            extractor,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        try:
            async with asyncio.timeout(EXTRACT_SECONDS):
                out, errors = await child.communicate(bytes(reading.whole))
        except TimeoutError:
            return {"note": "It took too long to look inside."}, b""
        finally:
            if child.returncode is None:
                child.kill()
                await child.wait()
    if child.returncode != 0:
        logger.info("a file could not be decoded: %s", errors.decode("utf-8", "replace")[-200:])
        return {"note": "It could not be decoded."}, b""
    line, _, thumbnail = out.partition(b"\n")
    facts: dict[str, Any] = json.loads(line)
    if "preview" in facts:
        facts["preview"] = clean(facts["preview"])
    return facts, thumbnail


def _extractor(kind: str) -> str | None:
    if kind in IMAGES:
        return "image"
    return "pdf" if kind == "application/pdf" else None
