"""Files of the one who is signed in."""

import time
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import BaseModel, ConfigDict

from app.callers import Res, count_link, member
from app.files import links, rows
from app.files.download import content_response, thumbnail_response
from app.files.incoming import Interrupted, incoming_of
from app.files.stream import STREAMS_PER_USER, event_response
from app.files.uploads import UploadSlots, receive, too_large
from app.models import StoredFile, User
from service_kit.problems import Problem

router = APIRouter(prefix="/files", tags=["files"])

Member = Annotated[User, Depends(member("api"))]
Uploader = Annotated[User, Depends(member("upload"))]


class FileOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: UUID
    name: str
    content_type: str
    size: int
    sha256: str
    state: str
    result: dict[str, Any] | None
    error: str
    has_thumbnail: bool
    created_at: datetime
    updated_at: datetime


class Page(BaseModel):
    count: int
    next: str | None
    previous: str | None
    results: Sequence[FileOut]


class Link(BaseModel):
    url: str
    expires_at: datetime


@router.get("/")
async def list_files(
    user: Member,
    resources: Res,
    page: Annotated[int, Query(ge=1, le=1_000_000)] = 1,
    page_size: Annotated[int, Query(ge=1, le=100)] = 20,
) -> Page:
    count, files = await rows.page_of(resources.database, user.id, page=page, size=page_size)
    if not files and page > 1:
        raise Problem(404, "not_found", "There are fewer pages than that.")

    def link(number: int) -> str:
        return f"/api/v1/files/?page={number}&page_size={page_size}"

    return Page(
        count=count,
        next=link(page + 1) if page * page_size < count else None,
        previous=link(page - 1) if page > 1 else None,
        results=[FileOut.model_validate(file) for file in files],
    )


@router.post("/", status_code=201)
async def upload(request: Request, user: Uploader, resources: Res) -> FileOut:
    """The body is the file (`?name=report.pdf`), or a form with one file in it."""
    limit = resources.settings.upload_max_bytes
    length = request.headers.get("Content-Length", "0")
    # Before a byte is read. A form is a little longer than its file.
    if length.isdecimal() and int(length) > limit + 64 * 1024:
        raise too_large(limit)
    slots: UploadSlots = request.app.state.upload_slots
    try:
        incoming = await incoming_of(request)
        return FileOut.model_validate(await receive(resources, slots, user.id, incoming))
    except Interrupted:
        raise Problem(400, "interrupted", "The upload ended before the file did.") from None


@router.get("/events/")
async def events(user: Member, resources: Res) -> Response:
    if resources.events.listeners_of(user.id) >= STREAMS_PER_USER:
        raise Problem(
            429, "too_many_streams", "Too many open pages.", headers={"Retry-After": "30"}
        )
    return event_response(resources, user)


@router.get("/{file_id}/")
async def read(file_id: UUID, user: Member, resources: Res) -> FileOut:
    return FileOut.model_validate(_there(await rows.find(resources.database, file_id, user.id)))


@router.delete("/{file_id}/", status_code=204)
async def delete(file_id: UUID, user: Member, resources: Res) -> None:
    file = _there(await rows.mark_deleting(resources.database, user.id, file_id))
    await rows.announce(resources, file)
    # The row is gone for its owner. What storage cannot do now, the sweep does.
    await rows.remove_later(resources, file)


@router.get("/{file_id}/thumbnail/")
async def thumbnail(file_id: UUID, user: Member, resources: Res) -> Response:
    file = _there(await rows.find(resources.database, file_id, user.id))
    if not file.has_thumbnail:
        raise Problem(404, "not_found", "There is no thumbnail.")
    return thumbnail_response(resources.store, file)


@router.post("/{file_id}/link/")
async def make_link(file_id: UUID, user: Member, resources: Res) -> Link:
    file = _there(await rows.find(resources.database, file_id, user.id))
    expires = int(time.time()) + resources.settings.link_seconds
    signature = links.sign(resources.settings, file.id, expires)
    return Link(
        url=f"/api/v1/files/{file.id}/shared/?expires={expires}&signature={signature}",
        expires_at=datetime.fromtimestamp(expires, UTC),
    )


@router.get("/{file_id}/shared/")
async def shared(
    file_id: UUID, request: Request, resources: Res, expires: int = 0, signature: str = ""
) -> Response:
    """For whoever has the link."""
    await count_link(request, resources)
    if not links.is_good(resources.settings, file_id, expires, signature):
        raise Problem(403, "bad_link", "The link has expired, or is not one of ours.")
    file = _there(await rows.find(resources.database, file_id))
    return content_response(resources.store, file, request.headers.get("Range"))


@router.get("/{file_id}/content/")
async def content(file_id: UUID, request: Request, user: Member, resources: Res) -> Response:
    file = _there(await rows.find(resources.database, file_id, user.id))
    return content_response(resources.store, file, request.headers.get("Range"))


def _there(file: StoredFile | None) -> StoredFile:
    if file is None:
        raise Problem(404, "not_found", "There is no such file.")
    return file
