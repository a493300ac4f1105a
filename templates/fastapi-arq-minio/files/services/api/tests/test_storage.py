"""What every store does, asked of each kind: a folder, and an S3 server by its own protocol."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, nullcontext
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from app.folder_store import FolderStore
from app.storage import (
    PART_BYTES,
    ObjectMissing,
    ObjectStore,
    StorageUnavailable,
    Store,
    open_store,
)
from service_kit.environment import ConfigurationError, env_str


@pytest.fixture(scope="module")
def s3_server() -> Any:
    """moto's server: S3 as botocore speaks it, over HTTP."""
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    yield server.get_host_and_port()[1]
    server.stop()


@pytest.fixture(params=["folder", "s3"])
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Store]:
    if request.param == "folder":
        yield FolderStore(tmp_path)
        return
    if env_str("S3_HOST"):  # a real server, with its bucket
        opened = open_store()
    else:
        secret = tmp_path / "s3_app_secret_key"
        secret.write_text("a-secret-of-tests\n")
        port = request.getfixturevalue("s3_server")
        opened = ObjectStore(
            bucket="files",
            access_key="app",
            secret_file=secret,
            options={"endpoint_url": f"http://127.0.0.1:{port}", "region_name": "us-east-1"},
        )
        await opened._call(lambda s3: s3.create_bucket(Bucket="files"))
    yield opened
    await opened.close()


async def content(store: Store, key: str, byte_range: str | None = None) -> bytes:
    async with store.read(key, byte_range) as chunks:
        return b"".join([chunk async for chunk in chunks])


async def test_put_read_delete(store: Store) -> None:
    await store.check()
    await store.put("files/a", b"0123456789", "text/plain")
    assert await content(store, "files/a") == b"0123456789"
    assert await content(store, "files/a", "bytes=2-4") == b"234"
    await store.delete("files/a", "files/never-there")
    with pytest.raises(ObjectMissing):
        await content(store, "files/a")


async def test_keys(store: Store) -> None:
    names = [f"listed/{number}" for number in range(3)]
    for name in names:
        await store.put(name, b"x", "text/plain")
    later, earlier = (datetime.now(UTC) + timedelta(days=days) for days in (1, -1))
    assert [key async for key in store.keys("listed/", before=later)] == names
    assert [key async for key in store.keys("listed/", before=earlier)] == []
    assert [key async for key in store.keys("nothing/", before=later)] == []
    await store.delete(*names)


async def test_parts(store: Store) -> None:
    upload = await store.start_parts("files/b", "text/plain")
    # Not in their order: what counts is the number.
    second = await store.put_part("files/b", upload, 2, BytesIO(b"end"))
    first = await store.put_part("files/b", upload, 1, BytesIO(b"x" * PART_BYTES))
    await store.finish_parts("files/b", upload, [first, second])
    whole = await content(store, "files/b")
    assert (len(whole), whole[-4:]) == (PART_BYTES + 3, b"xend")


async def test_parts_that_are_given_up(store: Store) -> None:
    upload = await store.start_parts("files/c", "text/plain")
    await store.put_part("files/c", upload, 1, BytesIO(b"x"))
    await store.abort_parts("files/c", upload)
    await store.abort_parts("files/c", upload)
    # A server says NoSuchUpload; moto breaks.
    with pytest.raises((ObjectMissing, StorageUnavailable)):
        await store.put_part("files/c", upload, 2, BytesIO(b"y"))
    with pytest.raises(ObjectMissing):
        await content(store, "files/c")


class Server:
    """Takes one key. A HEAD has no body that could say more than its status."""

    def __init__(self, good: str) -> None:
        self.good = good
        self.clients = 0

    def create_client(
        self, _: str, *, aws_secret_access_key: str, **__: object
    ) -> AbstractAsyncContextManager["Client"]:
        self.clients += 1
        return nullcontext(Client(self, aws_secret_access_key))


class Client:
    def __init__(self, server: Server, secret: str) -> None:
        self._server, self._secret = server, secret

    async def head_bucket(self, **_: object) -> None:
        await asyncio.sleep(0)
        if self._secret != self._server.good:
            raise ClientError({"Error": {"Code": "403"}}, "HeadBucket")


class TestRotation:
    @pytest.fixture
    def file(self, tmp_path: Path) -> Path:
        return tmp_path / "s3_app_secret_key"

    @pytest.fixture
    def server(self, monkeypatch: pytest.MonkeyPatch) -> Server:
        server = Server("old")
        monkeypatch.setattr("app.storage.get_session", lambda: server)
        return server

    def store(self, file: Path) -> ObjectStore:
        return ObjectStore(bucket="files", access_key="app", secret_file=file, options={})

    async def test_the_second_line_is_tried(self, file: Path, server: Server) -> None:
        file.write_text("new\nold\n")
        await self.store(file).check()

    async def test_many_at_once_find_it(self, file: Path, server: Server) -> None:
        file.write_text("new\nold\n")
        store = self.store(file)
        await asyncio.gather(*(store.check() for _ in range(50)))
        assert server.clients == 2

    async def test_a_file_that_changed_is_read_again(self, file: Path, server: Server) -> None:
        file.write_text("old\n")
        store = self.store(file)
        await store.check()
        server.good = "new"
        file.write_text("new\nold\n")
        await asyncio.gather(*(store.check() for _ in range(50)))
        assert server.clients == 2

    async def test_when_all_are_refused_it_says_so(self, file: Path, server: Server) -> None:
        file.write_text("one\ntwo\n")
        with pytest.raises(StorageUnavailable, match="403"):
            await self.store(file).check()


async def test_a_server_that_is_away_is_unavailable(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("a-secret-of-tests")
    store = ObjectStore(
        bucket="files",
        access_key="app",
        secret_file=tmp_path / "key",
        options={"endpoint_url": "http://127.0.0.1:9", "region_name": "us-east-1"},
    )
    with pytest.raises(StorageUnavailable):
        await store.check()
    await store.close()


def test_a_missing_secret_or_ca_ends_the_process_with_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("S3_HOST", "minio")
    monkeypatch.setenv("S3_SECRET_KEY_FILE", str(tmp_path / "none"))
    with pytest.raises(ConfigurationError, match="does not exist"):
        open_store()
    monkeypatch.setenv("S3_TLS", "true")
    monkeypatch.setenv("S3_CA_FILE", str(tmp_path / "none.crt"))
    with pytest.raises(ConfigurationError, match="ops/tls"):
        open_store()
