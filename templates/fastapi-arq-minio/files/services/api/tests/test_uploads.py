import asyncio
import hashlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from httpx import AsyncClient
from sqlalchemy import select
from starlette.types import Message

from app.files.types import type_of
from app.models import StoredFile
from app.settings import settings
from app.storage import StorageFull, StorageUnavailable
from service_kit import drain
from service_kit.database import DatabaseUnavailable
from tests.conftest import Application, Upload

PNG = b"\x89PNG\r\n\x1a\n"


async def rows(application: Application) -> list[StoredFile]:
    async with application.resources.database.transaction() as session:
        return list((await session.scalars(select(StoredFile))).all())


async def test_a_small_file_is_stored_and_looked_into(
    application: Application, member: AsyncClient, upload: Upload
) -> None:
    created = await upload(b"one two\nthree", "notes.txt")
    assert created.status_code == 201
    file = created.json()
    assert file["state"] == "pending"
    assert (file["name"], file["content_type"], file["size"]) == ("notes.txt", "text/plain", 13)
    assert file["sha256"] == hashlib.sha256(b"one two\nthree").hexdigest()
    await application.settle()
    done = (await member.get(f"/files/{file['id']}/")).json()
    assert done["state"] == "done"
    assert done["result"] == {
        "size": 13,
        "sha256": file["sha256"],
        "lines": 2,
        "words": 3,
        "preview": "one two\nthree",
    }


async def test_a_form_is_taken_as_well(application: Application, member: AsyncClient) -> None:
    answer = await member.post(
        "/files/", data={"comment": "first"}, files={"file": ("täglich.csv", b"a,b\n1,2\n")}
    )
    assert answer.status_code == 201, answer.text
    assert answer.json()["name"] == "täglich.csv"
    assert answer.json()["content_type"] == "text/csv"
    assert answer.json()["size"] == 8


async def test_a_large_file_goes_in_parts(
    application: Application, member: AsyncClient, upload: Upload
) -> None:
    content = b"line of a long file\n" * 1_000_000  # 20 MB: three parts
    for answer in (
        await upload(content),
        await member.post("/files/", files={"f": ("b.txt", content)}),
    ):
        assert answer.status_code == 201, answer.text
        assert answer.json()["size"] == len(content)
        assert answer.json()["sha256"] == hashlib.sha256(content).hexdigest()
    await application.settle()
    listed = (await member.get("/files/")).json()["results"]
    assert [file["state"] for file in listed] == ["done", "done"]
    assert listed[0]["result"]["lines"] == 1_000_000


async def test_the_type_is_that_of_the_bytes(upload: Upload) -> None:
    assert (await upload(PNG + b"x", "claims-to-be.txt")).json()["content_type"] == "image/png"
    refused = await upload(b"\x7fELF\x02\x01\x01\x00", "harmless.txt")
    assert (refused.status_code, refused.json()["code"]) == (415, "unsupported_type")
    assert (await upload(b"")).json()["detail"] == "The file is empty."


@pytest.mark.parametrize(
    ("head", "name", "kind"),
    [
        (b"%PDF-1.7", "a", "application/pdf"),
        (b"PK\x03\x04", "a", "application/zip"),
        (b"RIFF\x00\x00\x00\x00WEBPVP8 ", "a", "image/webp"),
        (b"\x00\x00\x00\x18ftypmp42", "a", "video/mp4"),
        (b'{"a": 1}', "a.JSON", "application/json"),
        (b"# Title", "a.md", "text/markdown"),
        ("höher".encode()[:2], "a", "text/plain"),  # ends in the middle of a character
        (b"\xff\xfe\x00", "a.txt", None),
        (b"caf\xe9 au lait", "a.txt", None),
    ],
)
def test_kinds(head: bytes, name: str, kind: str | None) -> None:
    assert type_of(head, name) == kind


@pytest.mark.parametrize("name", ["", "..", "/", "\n"])
async def test_a_file_needs_a_name(upload: Upload, name: str) -> None:
    answer = await upload(b"x", name)
    assert answer.status_code == 400
    assert "name" in answer.json()["errors"]


async def test_of_a_path_the_last_part_is_the_name(upload: Upload) -> None:
    assert (await upload(b"x", "C:\\secret\\plan.txt")).json()["name"] == "plan.txt"
    assert (await upload(b"x", "../../etc/passwd")).json()["name"] == "passwd"


class TestTooLarge:
    @pytest.fixture(autouse=True)
    def limit(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("UPLOAD_MAX_BYTES", "300000")
        settings.cache_clear()

    async def test_by_its_length_before_a_byte_is_read(self, upload: Upload) -> None:
        answer = await upload(b"x" * 400_000)
        assert (answer.status_code, answer.json()["max_bytes"]) == (413, 300_000)

    async def test_by_its_bytes_when_it_does_not_say(
        self, application: Application, member: AsyncClient, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(drain, "DRAIN_SECONDS", 0.1)

        async def endless() -> AsyncIterator[bytes]:
            while True:
                yield b"x" * 65_536

        answer = await member.post("/files/", params={"name": "a.txt"}, content=endless())
        assert answer.status_code == 413
        assert await rows(application) == []


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        ("multipart/form-data", b""),
        ("multipart/form-data; boundary=x", b"--x\r\nno form at all"),
        ("multipart/form-data; boundary=x", b"nothing of that boundary"),
        (
            "multipart/form-data; boundary=x",
            b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n--x--\r\n',
        ),
        (
            "multipart/form-data; boundary=x",
            b'--x\r\nContent-Disposition: form-data; name="f"; filename="a.txt"\r\n\r\ncut off',
        ),
    ],
)
async def test_a_broken_form_leaves_nothing_behind(
    application: Application, member: AsyncClient, kind: str, content: bytes
) -> None:
    answer = await member.post("/files/", content=content, headers={"Content-Type": kind})
    assert answer.status_code == 400, answer.text
    assert await rows(application) == []


class TestInterrupted:
    async def test_a_client_that_goes_away_leaves_nothing_behind(
        self, application: Application, member: AsyncClient, tmp_path: Path
    ) -> None:
        request = member.build_request("POST", "/files/", params={"name": "a.txt"}, content=b"")
        arriving: list[Message] = [
            {"type": "http.request", "body": b"x" * 9_000_000, "more_body": True},
            {"type": "http.disconnect"},
        ]
        sent: list[Message] = []

        async def receive() -> Message:
            return arriving.pop(0)

        async def send(message: Message) -> None:
            sent.append(message)

        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": "POST",
            "scheme": "http",
            "path": request.url.path,
            "raw_path": request.url.raw_path,
            "query_string": request.url.query,
            "root_path": "",
            "headers": [
                (name.lower(), value)
                for name, value in request.headers.raw
                if name.lower() != b"content-length"
            ],
            "server": ("localhost", 80),
            "client": ("203.0.113.7", 1234),
        }
        await application.transport.app(scope, receive, send)
        assert sent[0]["status"] == 400
        assert await rows(application) == []
        objects = tmp_path / "objects"
        assert [path for path in objects.rglob("*") if path.is_file()] == []

    async def test_storage_that_fails_is_said_and_cleared_away(
        self, application: Application, upload: Upload, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        async def full(*_: object) -> None:
            raise StorageUnavailable("no space left")

        monkeypatch.setattr(application.resources.store, "put_part", full)
        answer = await upload(b"x" * 9_000_000)
        assert answer.status_code == 503
        assert answer.json()["detail"] == "The storage does not answer. Try again shortly."
        assert answer.headers["Retry-After"] == "5"
        assert await rows(application) == []

    async def test_a_full_disk_is_said_as_such(
        self, application: Application, upload: Upload, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        async def full(*_: object) -> None:
            raise StorageFull("XMinioStorageFull")

        monkeypatch.setattr(application.resources.store, "put", full)
        answer = await upload()
        assert (answer.status_code, answer.json()["code"]) == (507, "storage_full")
        assert await rows(application) == []

    async def test_a_database_that_goes_away_meanwhile_is_said(
        self, application: Application, upload: Upload, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        async def gone(*_: object, **__: object) -> None:
            raise DatabaseUnavailable("connection lost")

        monkeypatch.setattr("app.files.rows.stored", gone)
        answer = await upload()
        assert (answer.status_code, answer.json()["code"]) == (503, "service_unavailable")


async def test_many_small_files_at_once_all_arrive(
    application: Application, member: AsyncClient, upload: Upload
) -> None:
    answers = await asyncio.gather(*(upload(b"x" * 1000, f"{n}.txt") for n in range(60)))
    assert {answer.status_code for answer in answers} == {201}
    await application.settle()
    assert (await member.get("/files/", params={"page_size": 100})).json()["count"] == 60
