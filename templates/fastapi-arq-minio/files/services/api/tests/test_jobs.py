import asyncio
from datetime import timedelta
from uuid import UUID

import pytest
from httpx import AsyncClient
from sqlalchemy import func, select, update

from app.files import jobs, rows
from app.files.jobs import process
from app.files.processing import Reading
from app.files.sweep import expire_uploads, finish_deletions, requeue, sweep
from app.models import State, StoredFile
from app.storage import ObjectMissing
from service_kit.database import DatabaseUnavailable
from service_kit.rows import now
from tests.conftest import Application, Upload
from tests.test_files import png


async def change(application: Application, **values: object) -> None:
    async with application.resources.database.transaction() as session:
        await session.execute(update(StoredFile).values(**values))


async def only(application: Application) -> StoredFile:
    async with application.resources.database.transaction() as session:
        return (await session.scalars(select(StoredFile))).one()


def long_ago() -> dict[str, object]:
    return {"touched_at": now() - timedelta(hours=1)}


class TestTwice:
    async def test_a_second_message_does_nothing(
        self, application: Application, upload: Upload
    ) -> None:
        file_id = UUID((await upload()).json()["id"])
        await application.settle()
        before = await only(application)
        assert await process(application.resources, file_id) == "nothing to do"
        assert (await only(application)).updated_at == before.updated_at

    async def test_two_at_once_end_in_one_result(
        self, application: Application, upload: Upload
    ) -> None:
        file_id = UUID((await upload(png(), "a.png")).json()["id"])
        await application.settle()
        await change(application, state=State.PENDING, result=None)
        outcomes = await asyncio.gather(
            *(process(application.resources, file_id) for _ in range(2))
        )
        assert "done" in outcomes
        assert (await only(application)).state == State.DONE

    async def test_the_job_of_a_worker_that_died_goes_on(
        self, application: Application, upload: Upload
    ) -> None:
        file_id = UUID((await upload()).json()["id"])
        await application.settle()
        await change(application, state=State.PROCESSING, result=None)
        assert await process(application.resources, file_id) == "done"

    async def test_the_second_to_finish_leaves_the_thumbnail_of_the_first(
        self, application: Application, upload: Upload, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        file_id = UUID((await upload(png(), "a.png")).json()["id"])
        await application.settle()
        await change(application, state=State.PENDING)
        finish = rows.finish

        async def outrun(*arguments: object, **more: object) -> object:
            await change(application, state=State.DONE, has_thumbnail=True)
            return await finish(*arguments, **more)  # type: ignore[arg-type]

        monkeypatch.setattr(rows, "finish", outrun)
        outcome = await process(application.resources, file_id)
        async with application.resources.store.read(f"thumbnails/{file_id}") as chunks:
            assert [chunk async for chunk in chunks]
        assert outcome == "done by another"

    async def test_the_sweep_leaves_a_job_alone_that_looks_inside_for_long(
        self, application: Application, upload: Upload, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        file_id = UUID((await upload(png(), "a.png")).json()["id"])
        await application.settle()
        await change(application, state=State.PENDING)
        monkeypatch.setattr(jobs, "TOUCH_SECONDS", 0.01)
        requeued: list[int] = []

        async def slow(reading: Reading) -> tuple[dict[str, object], bytes]:
            await change(application, **long_ago())
            await asyncio.sleep(0.3)
            requeued.append(await requeue(application.resources))
            return {}, b""

        monkeypatch.setattr(jobs, "look_inside", slow)
        assert await process(application.resources, file_id) == "done"
        assert requeued == [0]

    async def test_a_touch_that_fails_ends_no_job(
        self, application: Application, upload: Upload, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        file_id = UUID((await upload(png(), "a.png")).json()["id"])
        await application.settle()
        await change(application, state=State.PENDING)
        tried = asyncio.Event()

        async def away(*_: object) -> bool:
            tried.set()
            raise DatabaseUnavailable("gone for a moment")

        async def slow(reading: Reading) -> tuple[dict[str, object], bytes]:
            await asyncio.wait_for(tried.wait(), 15)
            return {}, b""

        monkeypatch.setattr(jobs, "TOUCH_SECONDS", 0.01)
        monkeypatch.setattr(rows, "touch", away)
        monkeypatch.setattr(jobs, "look_inside", slow)
        assert await process(application.resources, file_id) == "done"


class TestWrong:
    async def test_bytes_that_changed_are_noticed(
        self, application: Application, upload: Upload
    ) -> None:
        file_id = UUID((await upload()).json()["id"])
        await application.settle()
        file = await only(application)
        await application.resources.store.put(file.object_key, b"something else", "text/plain")
        await change(application, state=State.PENDING)
        assert await process(application.resources, file_id) == "failed"
        assert "not those that were uploaded" in (await only(application)).error

    async def test_an_object_that_is_missing_is_noticed(
        self, application: Application, upload: Upload
    ) -> None:
        file_id = UUID((await upload()).json()["id"])
        await application.settle()
        await application.resources.store.delete(f"files/{file_id}")
        await change(application, state=State.PENDING)
        assert await process(application.resources, file_id) == "failed"
        assert (await only(application)).state == State.FAILED

    async def test_a_file_that_is_deleted_meanwhile_stays_deleted(
        self, application: Application, upload: Upload, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        file_id = UUID((await upload(png(), "a.png")).json()["id"])
        await application.settle()
        await change(application, state=State.PENDING)
        finish = rows.finish

        async def late(*arguments: object, **more: object) -> object:
            await change(application, state=State.DELETING)
            return await finish(*arguments, **more)  # type: ignore[arg-type]

        monkeypatch.setattr(rows, "finish", late)
        assert await process(application.resources, file_id) == "deleted meanwhile"
        assert (await only(application)).state == State.DELETING
        with pytest.raises(ObjectMissing):
            async with application.resources.store.read(f"thumbnails/{file_id}"):
                pass


class TestSweep:
    @pytest.mark.parametrize("state", [State.PENDING, State.PROCESSING])
    async def test_what_was_lost_is_sent_again(
        self, application: Application, upload: Upload, state: State
    ) -> None:
        await upload()
        await application.settle()
        await change(application, state=state, result=None)
        assert await requeue(application.resources) == 0  # too young
        await change(application, **long_ago())
        assert await requeue(application.resources) == 1
        await application.settle()
        assert (await only(application)).state == State.DONE

    async def test_not_for_ever(self, application: Application, upload: Upload) -> None:
        await upload()
        await application.settle()
        await change(application, state=State.PROCESSING, attempts=rows.MAX_ATTEMPTS, **long_ago())
        assert await requeue(application.resources) == 0
        file = await only(application)
        assert (file.state, file.error) == (State.FAILED, "Gave up after too many attempts.")

    async def test_an_upload_that_nobody_finishes_is_taken_back(
        self, application: Application, upload: Upload
    ) -> None:
        await upload()
        await application.settle()
        store = application.resources.store
        part = await store.start_parts("files/left", "text/plain")
        await change(application, state=State.UPLOADING, upload_id=part)
        assert await expire_uploads(application.resources) == 0
        await change(application, **long_ago())
        assert await expire_uploads(application.resources) == 1
        async with application.resources.database.transaction() as session:
            assert await session.scalar(select(func.count()).select_from(StoredFile)) == 0

    async def test_deletions_are_finished(
        self, application: Application, member: AsyncClient, upload: Upload
    ) -> None:
        await upload()
        await application.settle()
        await change(application, state=State.DELETING, **long_ago())
        assert await finish_deletions(application.resources) == 1
        await sweep(application.resources)  # nothing is left to do, and that is no error
