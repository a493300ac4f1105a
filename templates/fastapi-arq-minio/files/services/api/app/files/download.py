"""A file as an answer: streamed from storage, in ranges when asked for."""

import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from urllib.parse import quote

from starlette.responses import Response, StreamingResponse

from app.models import StoredFile
from app.storage import ObjectMissing, Store
from service_kit.problems import Problem

_RANGE = re.compile(r"bytes=(\d*)-(\d*)")


async def content_response(store: Store, file: StoredFile, range_header: str | None) -> Response:
    size = file.size or 0
    headers = {
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(file.name, safe='')}",
        "Accept-Ranges": "bytes",
        "ETag": f'"{file.sha256}"',
        "Cache-Control": "private, no-cache",
        # nginx would spool what a slow client has not taken yet into its small /tmp.
        "X-Accel-Buffering": "no",
    }
    chosen = wanted_range(range_header, size)
    if chosen is None:
        headers["Content-Length"] = str(size)
        return await _stream(store, file.object_key, None, 200, headers, file.content_type)
    first, last = chosen
    headers["Content-Length"] = str(last - first + 1)
    headers["Content-Range"] = f"bytes {first}-{last}/{size}"
    return await _stream(
        store, file.object_key, f"bytes={first}-{last}", 206, headers, file.content_type
    )


async def thumbnail_response(store: Store, file: StoredFile) -> Response:
    headers = {"Cache-Control": "private, max-age=3600"}
    return await _stream(store, file.thumbnail_key, None, 200, headers, "image/webp")


def wanted_range(header: str | None, size: int) -> tuple[int, int] | None:
    """First and last byte of one range; several, and other units, are answered with everything."""
    match = _RANGE.fullmatch(header or "")
    if match is None or match[0] == "bytes=-":
        return None
    if match[1] == "":
        first, last = max(0, size - int(match[2])), size - 1
    else:
        first, last = int(match[1]), min(int(match[2] or size - 1), size - 1)
    if first > last:
        raise Problem(
            416,
            "bad_range",
            f"The file has {size} bytes.",
            headers={"Content-Range": f"bytes */{size}"},
        )
    return first, last


async def _stream(
    store: Store, key: str, byte_range: str | None, status: int, headers: dict[str, str], kind: str
) -> Response:
    stack = AsyncExitStack()
    try:
        # Opened before the answer begins: what is missing is still a 404, and an outage a 503.
        chunks = await stack.enter_async_context(store.read(key, byte_range))
    except ObjectMissing:
        raise Problem(404, "not_found", "There is nothing at this address.") from None

    async def body() -> AsyncIterator[bytes]:
        async with stack:
            async for chunk in chunks:
                yield chunk

    return StreamingResponse(body(), status_code=status, headers=headers, media_type=kind)
