import io
from uuid import uuid4

import pytest
from httpx import AsyncClient
from PIL import Image
from sqlalchemy import select

from app.files import links
from app.files.download import wanted_range
from app.models import State, StoredFile
from app.settings import settings
from app.storage import StorageUnavailable
from service_kit.problems import Problem
from tests.conftest import Application, Upload


def png(width: int = 640, height: int = 480) -> bytes:
    target = io.BytesIO()
    Image.new("RGB", (width, height), "teal").save(target, "PNG")
    return target.getvalue()


async def test_pages_newest_first(member: AsyncClient, upload: Upload) -> None:
    for number in range(3):
        await upload(name=f"{number}.txt")
    first = (await member.get("/files/", params={"page_size": 2})).json()
    assert (first["count"], [file["name"] for file in first["results"]]) == (3, ["2.txt", "1.txt"])
    assert first["previous"] is None
    second = (await member.get(first["next"].removeprefix("/api/v1"))).json()
    assert [file["name"] for file in second["results"]] == ["0.txt"]
    assert second["next"] is None
    assert (await member.get("/files/", params={"page": 9})).status_code == 404
    assert (await member.get("/files/", params={"page": 0})).status_code == 400
    assert (await member.get("/files/", params={"page_size": 101})).status_code == 400


async def test_files_of_others_are_not_there(application: Application, upload: Upload) -> None:
    path = f"/files/{(await upload()).json()['id']}/"
    async with application.member("eve@example.com") as eve:
        assert (await eve.get("/files/")).json()["count"] == 0
        for call in (
            eve.get(path),
            eve.get(f"{path}content/"),
            eve.get(f"{path}thumbnail/"),
            eve.post(f"{path}link/"),
            eve.delete(path),
        ):
            assert (await call).status_code == 404
    async with application.visitor() as nobody:
        for address in ("/files/", path, f"{path}content/", "/files/events/"):
            assert (await nobody.get(address)).status_code == 401


async def test_what_does_not_exist_is_a_problem(member: AsyncClient) -> None:
    for path in (f"/files/{uuid4()}/", f"/files/{uuid4()}/content/", "/nowhere/"):
        answer = await member.get(path)
        assert answer.status_code == 404
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert answer.json()["request_id"] == answer.headers["X-Request-ID"]
    assert (await member.get("/files/not-an-id/")).status_code == 400
    assert (await member.put("/files/")).status_code == 405


class TestDownload:
    async def test_the_bytes_come_back(self, member: AsyncClient, upload: Upload) -> None:
        content = b"0123456789" * 100_000
        file = (await upload(content, 'an "odd" näme.txt')).json()
        answer = await member.get(f"/files/{file['id']}/content/")
        assert answer.content == content
        assert answer.headers["Content-Length"] == str(len(content))
        assert answer.headers["X-Accel-Buffering"] == "no"
        assert answer.headers["ETag"] == f'"{file["sha256"]}"'
        assert (
            answer.headers["Content-Disposition"]
            == "attachment; filename*=UTF-8''an%20%22odd%22%20n%C3%A4me.txt"
        )

    async def test_a_part_of_them(self, member: AsyncClient, upload: Upload) -> None:
        path = f"/files/{(await upload(b'0123456789')).json()['id']}/content/"
        answer = await member.get(path, headers={"Range": "bytes=2-4"})
        assert (answer.status_code, answer.content) == (206, b"234")
        assert answer.headers["Content-Range"] == "bytes 2-4/10"
        beyond = await member.get(path, headers={"Range": "bytes=10-"})
        assert (beyond.status_code, beyond.headers["Content-Range"]) == (416, "bytes */10")

    @pytest.mark.parametrize(
        ("header", "wanted"),
        [
            ("bytes=0-0", (0, 0)),
            ("bytes=5-", (5, 9)),
            ("bytes=-3", (7, 9)),
            ("bytes=-30", (0, 9)),
            ("bytes=4-99", (4, 9)),
            ("bytes=0-1,3-4", None),
            ("lines=0-1", None),
            ("bytes=-", None),
            (None, None),
        ],
    )
    def test_ranges(self, header: str | None, wanted: tuple[int, int] | None) -> None:
        assert wanted_range(header, 10) == wanted

    def test_a_range_backwards_is_refused(self) -> None:
        with pytest.raises(Problem):
            wanted_range("bytes=4-2", 10)

    async def test_an_object_that_is_gone_is_a_404_and_an_outage_a_503(
        self,
        application: Application,
        member: AsyncClient,
        upload: Upload,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        file = (await upload()).json()
        await application.settle()
        await application.resources.store.delete(f"files/{file['id']}")
        assert (await member.get(f"/files/{file['id']}/content/")).status_code == 404

        def broken(*_: object) -> object:
            class Broken:
                async def __aenter__(self) -> None:
                    raise StorageUnavailable("gone")

                async def __aexit__(self, *_: object) -> None: ...

            return Broken()

        monkeypatch.setattr(application.resources.store, "read", broken)
        assert (await member.get(f"/files/{file['id']}/content/")).status_code == 503


class TestLinks:
    async def test_a_link_needs_no_session(
        self, application: Application, member: AsyncClient, upload: Upload
    ) -> None:
        file = (await upload(b"shared")).json()
        link = (await member.post(f"/files/{file['id']}/link/")).json()
        async with application.visitor() as nobody:
            path = link["url"].removeprefix("/api/v1")
            assert (await nobody.get(path)).content == b"shared"
            forged = await nobody.get(path.replace("signature=", "signature=0"))
            assert (forged.status_code, forged.json()["code"]) == (403, "bad_link")
            other = (await upload(b"not shared")).json()
            moved = await nobody.get(path.replace(file["id"], other["id"]))
            assert moved.status_code == 403

    def test_it_ends(self) -> None:
        file_id = uuid4()
        signature = links.sign(settings(), file_id, 1000)
        assert not links.is_good(settings(), file_id, 1000, signature)

    def test_a_new_key_breaks_no_link(
        self, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        file = tmp_path_factory.mktemp("secrets") / "link_signing_key"
        file.write_text("the-old-key\n")
        monkeypatch.setenv("LINK_KEY_FILE", str(file))
        settings.cache_clear()
        file_id, later = uuid4(), 4_000_000_000
        old = links.sign(settings(), file_id, later)
        file.write_text("the-new-key\nthe-old-key\n")
        new = links.sign(settings(), file_id, later)
        assert new != old
        assert links.is_good(settings(), file_id, later, old)
        file.write_text("the-new-key\n")
        assert links.is_good(settings(), file_id, later, new)
        assert not links.is_good(settings(), file_id, later, old)


async def test_a_thumbnail(application: Application, member: AsyncClient, upload: Upload) -> None:
    file = (await upload(png(), "a.png")).json()
    await application.settle()
    done = (await member.get(f"/files/{file['id']}/")).json()
    assert (done["result"]["width"], done["result"]["height"]) == (640, 480)
    answer = await member.get(f"/files/{file['id']}/thumbnail/")
    assert answer.headers["Content-Type"] == "image/webp"
    assert max(Image.open(io.BytesIO(answer.content)).size) == 320
    text = (await upload()).json()
    assert (await member.get(f"/files/{text['id']}/thumbnail/")).status_code == 404


class TestDelete:
    async def test_row_and_objects_go(
        self, application: Application, member: AsyncClient, upload: Upload
    ) -> None:
        path = f"/files/{(await upload()).json()['id']}/"
        await application.settle()
        assert (await member.delete(path)).status_code == 204
        assert (await member.get(path)).status_code == 404
        assert (await member.delete(path)).status_code == 404
        assert (await member.get("/files/")).json()["count"] == 0

    async def test_without_storage_it_is_gone_for_its_owner_and_done_later(
        self,
        application: Application,
        member: AsyncClient,
        upload: Upload,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        path = f"/files/{(await upload()).json()['id']}/"
        await application.settle()

        async def broken(*_: object) -> None:
            raise StorageUnavailable("gone")

        with monkeypatch.context() as patch:
            patch.setattr(application.resources.store, "delete", broken)
            assert (await member.delete(path)).status_code == 204
        assert (await member.get(path)).status_code == 404
        async with application.resources.database.transaction() as session:
            (left,) = (await session.scalars(select(StoredFile))).all()
        assert left.state == State.DELETING
