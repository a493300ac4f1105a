"""Large uploads share a few buffers: nobody waits for one, or keeps one, for ever."""

import asyncio
from collections.abc import AsyncIterator
from uuid import UUID

import pytest
from httpx import AsyncClient

from app.files import uploads
from app.models import State
from app.storage import PART_BYTES, ObjectMissing
from service_kit import drain
from tests.conftest import Application, Upload
from tests.test_jobs import change
from tests.test_uploads import rows


class TestSlots:
    async def test_who_finds_no_buffer_waits(self) -> None:
        slots = uploads.UploadSlots(1)
        order: list[str] = []

        async def one(name: str, owner: int) -> None:
            async with slots.one(UUID(int=owner)):
                order.append(f"{name} in")
                await asyncio.sleep(0.01)
                order.append(f"{name} out")

        await asyncio.gather(one("a", 1), one("b", 2))
        assert order == ["a in", "a out", "b in", "b out"]

    async def test_nobody_waits_for_ever(
        self, application: Application, upload: Upload, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(uploads, "SLOT_PATIENCE_SECONDS", 0.01)
        monkeypatch.setattr(uploads, "SLOTS_PER_USER", 100)
        slow = asyncio.Event()
        put = application.resources.store.put_part

        async def wait(*arguments: object) -> object:
            await slow.wait()
            return await put(*arguments)  # type: ignore[arg-type]

        monkeypatch.setattr(application.resources.store, "put_part", wait)
        tasks = [asyncio.ensure_future(upload(b"x" * 300_000)) for _ in range(5)]
        async with asyncio.timeout(15):
            while sum(task.done() for task in tasks) < 2:
                await asyncio.sleep(0.01)
        slow.set()
        answers = await asyncio.gather(*tasks)
        assert sorted(answer.status_code for answer in answers) == [201, 201, 201, 503, 503]


class TestSlow:
    @pytest.mark.parametrize("first", [10, uploads.SMALL_BYTES + 1])
    async def test_who_sends_a_byte_now_and_then_is_sent_away(
        self,
        application: Application,
        member: AsyncClient,
        monkeypatch: pytest.MonkeyPatch,
        first: int,
    ) -> None:
        monkeypatch.setattr(uploads, "PART_SECONDS", 0.2)
        monkeypatch.setattr(drain, "DRAIN_SECONDS", 0.1)

        async def trickle() -> AsyncIterator[bytes]:
            yield b"x" * first
            for _ in range(100):
                await asyncio.sleep(0.02)
                yield b"x"

        answer = await member.post("/files/", params={"name": "a.txt"}, content=trickle())
        assert (answer.status_code, answer.json()["code"]) == (408, "too_slow")
        assert await rows(application) == []

    async def test_the_clock_is_that_of_a_part_not_of_the_file(
        self, member: AsyncClient, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(uploads, "PART_SECONDS", 2.0)

        async def steady() -> AsyncIterator[bytes]:
            for _ in range(4):
                yield b"x" * PART_BYTES
                await asyncio.sleep(0.8)

        answer = await member.post("/files/", params={"name": "a.txt"}, content=steady())
        assert answer.status_code == 201, answer.text

    async def test_an_upload_whose_row_is_gone_is_read_no_further(
        self, application: Application, member: AsyncClient, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(uploads, "TOUCH_SECONDS", 0.0)
        monkeypatch.setattr(drain, "DRAIN_SECONDS", 0.1)
        put, numbers = application.resources.store.put_part, list[int]()

        async def noted(key: str, upload: str, number: int, body: object) -> object:
            numbers.append(number)
            return await put(key, upload, number, body)  # type: ignore[arg-type]

        monkeypatch.setattr(application.resources.store, "put_part", noted)

        async def long() -> AsyncIterator[bytes]:
            yield b"x" * PART_BYTES
            yield b"x" * PART_BYTES
            await change(application, state=State.DELETING)
            for _ in range(3):
                yield b"x" * PART_BYTES

        answer = await member.post("/files/", params={"name": "a.txt"}, content=long())
        assert (answer.status_code, answer.json()["code"]) == (409, "upload_expired")
        assert numbers == [1, 2]

    async def test_one_whose_parts_are_gone_has_expired_too(
        self, application: Application, upload: Upload, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        async def gone(*_: object) -> None:
            raise ObjectMissing("NoSuchUpload")

        monkeypatch.setattr(application.resources.store, "put_part", gone)
        answer = await upload(b"x" * 300_000)
        assert (answer.status_code, answer.json()["code"]) == (409, "upload_expired")
