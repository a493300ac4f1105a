"""A file as an answer: streamed from storage, in ranges when asked for."""

import re
from typing import Any
from urllib.parse import quote

from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from app.models import StoredFile
from app.storage import ObjectMissing, Store
from service_kit.problems import Problem

_RANGE = re.compile(r"bytes=(\d*)-(\d*)")


def content_response(store: Store, file: StoredFile, range_header: str | None) -> Response:
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
    status, byte_range = 200, None
    headers["Content-Length"] = str(size)
    if chosen is not None:
        first, last = chosen
        status, byte_range = 206, f"bytes={first}-{last}"
        headers["Content-Length"] = str(last - first + 1)
        headers["Content-Range"] = f"bytes {first}-{last}/{size}"
    return StoredResponse(
        store,
        file.object_key,
        byte_range,
        status_code=status,
        headers=headers,
        media_type=file.content_type,
    )


def thumbnail_response(store: Store, file: StoredFile) -> Response:
    headers = {"Cache-Control": "private, max-age=3600"}
    return StoredResponse(store, file.thumbnail_key, None, headers=headers, media_type="image/webp")


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


class StoredResponse(StreamingResponse):
    """Opens the object when the answer is sent, and closes it whatever becomes of the client."""

    def __init__(self, store: Store, key: str, byte_range: str | None, **options: Any) -> None:
        super().__init__((), **options)
        self._object = store.read(key, byte_range)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            # Before the answer begins: what is missing is still a 404, and an outage a 503.
            async with self._object as chunks:
                self.body_iterator = chunks
                await super().__call__(scope, receive, send)
        except ObjectMissing:
            raise Problem(404, "not_found", "There is nothing at this address.") from None
