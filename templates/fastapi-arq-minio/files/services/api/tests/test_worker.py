"""The queue and the worker, on a Redis in memory, or on the one that REDIS_HOST names."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from arq import Retry
from arq.connections import ArqRedis
from fakeredis import FakeAsyncRedis, FakeServer
from redis.asyncio import ConnectionPool
from sqlalchemy import select

from app import queue, worker
from app.files import rows
from app.files.jobs import process
from app.files.sweep import requeue
from app.laptop import InlineQueue
from app.models import State, StoredFile
from app.queue import ArqQueue, arq_redis
from app.storage import StorageUnavailable
from service_kit.environment import env_str
from service_kit.heartbeat import seconds_since_heartbeat
from service_kit.rows import now
from tests.conftest import Application, Upload
from tests.test_jobs import change, long_ago

REDIS_HOST = env_str("REDIS_HOST")


@pytest.fixture
async def redis(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[ArqRedis]:
    if REDIS_HOST:
        monkeypatch.setenv("REDIS_HOST", REDIS_HOST)
    else:
        server = FakeServer()

        def pool(database: int, *, timeout: float) -> ConnectionPool:
            return FakeAsyncRedis(server=server, db=database).connection_pool

        monkeypatch.setattr(queue, "redis_pool", pool)
    client = arq_redis()
    await client.delete(client.default_queue_name)
    yield client
    await client.aclose(close_connection_pool=True)


@pytest.fixture
def queued(application: Application, redis: ArqRedis) -> Application:
    """The application, with a queue that somebody else has to work off."""
    assert isinstance(application.resources.queue, InlineQueue)
    application.resources.queue = ArqQueue(redis)
    return application


async def file_of(application: Application) -> StoredFile:
    async with application.resources.database.transaction() as session:
        return (await session.scalars(select(StoredFile))).one()


async def until(application: Application, state: State) -> StoredFile:
    async with asyncio.timeout(15):
        while (file := await file_of(application)).state != state:
            await asyncio.sleep(0.05)
    return file


class Working:
    """A worker in a task, and its stop."""

    def __init__(self, application: Application) -> None:
        self._stop = asyncio.Event()
        self._task = asyncio.create_task(worker.work(application.resources, self._stop))

    async def __aenter__(self) -> "Working":
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def stop(self) -> None:
        self._stop.set()
        await asyncio.wait_for(self._task, 15)


async def test_a_job_goes_through_the_queue(queued: Application, upload: Upload) -> None:
    created = await upload(b"one two")
    assert (await file_of(queued)).state == State.PENDING
    async with Working(queued):
        file = await until(queued, State.DONE)
    assert file.request_id == created.headers["X-Request-ID"]
    assert file.attempts == 1


async def test_what_lies_in_redis_is_json(
    queued: Application, upload: Upload, redis: ArqRedis
) -> None:
    created = await upload()
    ((job_id, _),) = await redis.zrange(redis.default_queue_name, 0, -1, withscores=True)
    stored = json.loads(await redis.get(f"arq:job:{job_id.decode()}"))
    assert stored["f"] == rows.JOB
    assert stored["a"] == [created.json()["id"]]
    assert stored["k"] == {"request_id": created.headers["X-Request-ID"]}


async def test_a_job_is_in_the_queue_once(
    queued: Application, upload: Upload, redis: ArqRedis
) -> None:
    await upload()
    file = await file_of(queued)
    for _ in range(3):
        assert await rows.ask_for_job(queued.resources.queue, file)
    assert await redis.zcard(redis.default_queue_name) == 1


async def test_what_redis_lost_is_asked_for_again(
    queued: Application, upload: Upload, redis: ArqRedis
) -> None:
    await upload()
    (job_id,) = await redis.zrange(redis.default_queue_name, 0, -1)
    await redis.delete(f"arq:job:{job_id.decode()}", redis.default_queue_name)
    await change(queued, **long_ago())
    assert await requeue(queued.resources) == 1
    async with Working(queued):
        await until(queued, State.DONE)


async def test_without_a_queue_the_upload_is_taken_all_the_same(
    queued: Application, upload: Upload, monkeypatch: pytest.MonkeyPatch, redis: ArqRedis
) -> None:
    async def away(*_: object, **__: object) -> None:
        raise ConnectionError("Redis is gone")

    with monkeypatch.context() as patch:
        patch.setattr(redis, "enqueue_job", away)
        assert (await upload()).status_code == 201
    await change(queued, **long_ago())
    assert await requeue(queued.resources) == 1


async def test_a_job_that_finds_no_storage_comes_again(
    queued: Application, upload: Upload, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried = 0
    read = queued.resources.store.read

    def sometimes(*arguments: Any) -> Any:
        nonlocal tried
        tried += 1
        if tried == 1:
            raise StorageUnavailable("gone for a moment")
        return read(*arguments)

    monkeypatch.setattr(queued.resources.store, "read", sometimes)
    monkeypatch.setattr(worker, "backoff", lambda _: 1)
    await upload()
    async with Working(queued):
        file = await until(queued, State.DONE)
    assert (tried, file.attempts) == (2, 1)  # the one that found no storage was none of the file's


async def test_an_outage_of_storage_is_no_failure_of_the_file(
    queued: Application, upload: Upload, monkeypatch: pytest.MonkeyPatch, redis: ArqRedis
) -> None:
    file_id = UUID((await upload()).json()["id"])

    def away(*_: object) -> None:
        raise StorageUnavailable("gone for long")

    with monkeypatch.context() as patch:
        patch.setattr(queued.resources.store, "read", away)
        for attempt in range(1, rows.MAX_ATTEMPTS + 3):
            with pytest.raises(Retry):
                await worker.process_file(
                    {"resources": queued.resources, "job_id": "x", "job_try": attempt}, str(file_id)
                )
            file = await file_of(queued)
            assert (file.state, file.attempts) == (State.PENDING, 0)
            # Its next try has a time already: the sweep is not to send one of its own before.
            assert file.touched_at > now() + timedelta(seconds=worker.backoff(attempt) - 1)
            await change(queued, **long_ago())
            assert await requeue(queued.resources) == 1
            assert await redis.zcard(redis.default_queue_name) == 1
    async with Working(queued):
        await until(queued, State.DONE)


async def test_a_stop_waits_for_the_job(
    queued: Application, upload: Upload, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = asyncio.Event()
    read = queued.resources.store.read

    def slow(*arguments: Any) -> Any:
        begun.set()
        return read(*arguments)

    monkeypatch.setattr(queued.resources.store, "read", slow)
    await upload()
    async with Working(queued) as working:
        await asyncio.wait_for(begun.wait(), 15)
        await working.stop()
    assert (await file_of(queued)).state == State.DONE


async def test_a_job_that_takes_too_long_goes_back(
    queued: Application, upload: Upload, monkeypatch: pytest.MonkeyPatch, redis: ArqRedis
) -> None:
    monkeypatch.setenv("WORKER_GRACE_SECONDS", "0")
    begun = asyncio.Event()

    async def endless(*_: object) -> None:
        begun.set()
        await asyncio.sleep(600)

    monkeypatch.setattr("app.worker.process", endless)
    await upload()
    async with Working(queued) as working:
        await asyncio.wait_for(begun.wait(), 15)
        await working.stop()
    assert await redis.zcard(redis.default_queue_name) == 1
    monkeypatch.setattr("app.worker.process", process)
    async with Working(queued):
        await until(queued, State.DONE)


async def test_its_heart_beats_while_redis_answers(queued: Application, tmp_path: Path) -> None:
    async with Working(queued):
        async with asyncio.timeout(15):
            while seconds_since_heartbeat("worker") is None:
                await asyncio.sleep(0.05)
    assert seconds_since_heartbeat("worker") is None


def test_the_pause_between_tries_grows_to_a_minute() -> None:
    assert [worker.backoff(attempt) for attempt in (1, 2, 3, 5, 6, 9)] == [2, 4, 8, 32, 60, 60]
