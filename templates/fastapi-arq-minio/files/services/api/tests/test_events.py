import asyncio
import json
from collections.abc import AsyncIterator
from uuid import uuid4

import pytest
from fakeredis import FakeAsyncRedis, FakeServer
from httpx import AsyncClient

from app import events as events_module
from app.events import RESYNC, Events
from app.files import stream
from app.models import User
from tests.conftest import Application, Upload


def user() -> User:
    return User(id=uuid4(), email="ada@example.com", password_hash="!")


async def read(lines: AsyncIterator[str], count: int) -> list[str]:
    return [await asyncio.wait_for(anext(lines), 5) for _ in range(count)]


async def test_a_stream_tells_what_happens(application: Application) -> None:
    somebody = user()
    lines = stream._events(application.resources, somebody)
    assert "event: resync" in (await read(lines, 1))[0]
    await application.resources.events.publish(uuid4(), {"event": "file", "id": "not mine"})
    await application.resources.events.publish(
        somebody.id, {"event": "file", "id": "1", "state": "done"}
    )
    assert await read(lines, 1) == ['event: file\ndata: {"id": "1", "state": "done"}\n\n']
    await lines.aclose()  # type: ignore[attr-defined]
    assert application.resources.events.listeners_of(somebody.id) == 0


async def test_a_stream_ends_when_the_service_stops(application: Application) -> None:
    lines = stream._events(application.resources, user())
    await read(lines, 1)
    application.resources.stop.set()
    async with asyncio.timeout(5):
        assert [line async for line in lines] == []


async def test_a_silent_stream_says_that_it_is_there(
    application: Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream, "KEEP_ALIVE_SECONDS", 0.01)
    lines = stream._events(application.resources, user())
    assert (await read(lines, 3))[1:] == [": still here\n\n"] * 2
    await lines.aclose()  # type: ignore[attr-defined]


async def test_no_stream_lasts_for_ever(
    application: Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream, "LONGEST_SECONDS", 0.0)
    assert len([line async for line in stream._events(application.resources, user())]) == 1


async def test_too_many_pages_are_refused(
    application: Application, member: AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(application.resources.events, "listeners_of", lambda _: 6)
    answer = await member.get("/files/events/")
    assert (answer.status_code, answer.json()["code"]) == (429, "too_many_streams")


async def test_a_job_tells_how_far_it_is(
    application: Application, member: AsyncClient, upload: Upload
) -> None:
    me = (await member.get("/auth/me/")).json()["id"]
    from uuid import UUID

    with application.resources.events.subscription(UUID(me)) as queue:
        await upload()
        await application.settle()
        told = [queue.get_nowait() for _ in range(queue.qsize())]
    assert [event["state"] for event in told] == ["pending", "processing", "done"]
    assert [event.get("progress") for event in told] == [None, 0, 100]


class TestRedis:
    """Between processes: one tells, another one has the stream."""

    async def test_news_cross_over(self) -> None:
        server = FakeServer()
        there, here = (Events(FakeAsyncRedis(server=server)) for _ in range(2))
        owner = uuid4()
        with here.subscription(owner) as queue:
            here.listen()
            assert await asyncio.wait_for(queue.get(), 5) == RESYNC
            await there.publish(owner, {"event": "file", "id": "1"})
            assert await asyncio.wait_for(queue.get(), 5) == {"event": "file", "id": "1"}
        await here.close()

    async def test_after_an_outage_everybody_asks_again(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(events_module, "RETRY_SECONDS", 0.01)
        server = FakeServer()
        events = Events(FakeAsyncRedis(server=server))
        with events.subscription(uuid4()) as queue:
            server.connected = False
            events.listen()
            await asyncio.sleep(0.05)
            assert queue.empty()
            await events.publish(uuid4(), {"event": "file"})  # lost, and no error
            server.connected = True
            assert await asyncio.wait_for(queue.get(), 5) == RESYNC
        await events.close()

    async def test_a_browser_that_reads_nothing_fills_no_memory(self) -> None:
        events = Events(None)
        owner = uuid4()
        with events.subscription(owner) as queue:
            for number in range(events_module.BACKLOG + 5):
                await events.publish(owner, {"event": "file", "id": str(number)})
            kept = [queue.get_nowait() for _ in range(queue.qsize())]
        assert kept[0] == RESYNC
        assert len(kept) == 5
        assert json.dumps(kept)
