import io

import pytest
from pypdf import PdfWriter
from pypdf.generic import DictionaryObject, NameObject, StreamObject

from app.files import processing
from app.files.processing import Reading
from app.files.types import HEAD_BYTES
from app.models import State, StoredFile
from tests.conftest import Application, Upload
from tests.test_files import png
from tests.test_jobs import only


def pdf_with_odd_letters() -> bytes:
    """A page whose font calls its letters a, NUL, b, half of a surrogate pair, and c."""
    writer = PdfWriter()
    page = writer.add_blank_page(100, 100)
    letters, content = StreamObject(), StreamObject()
    letters.set_data(
        b"/CIDInit /ProcSet findresource begin 1 begincmap 1 begincodespacerange <00> <FF> "
        b"endcodespacerange\n5 beginbfchar\n<41> <0061>\n<42> <0000>\n<43> <0062>\n"
        b"<44> <D800>\n<45> <0063>\nendbfchar\nendcmap end"
    )
    content.set_data(b"BT /F 12 Tf 10 50 Td (ABCDE) Tj ET")
    font = DictionaryObject(
        {
            NameObject("/Type"): NameObject("/Font"),
            NameObject("/Subtype"): NameObject("/Type1"),
            NameObject("/BaseFont"): NameObject("/Helvetica"),
            NameObject("/ToUnicode"): writer._add_object(letters),
        }
    )
    fonts = DictionaryObject({NameObject("/F"): font})
    page[NameObject("/Resources")] = DictionaryObject({NameObject("/Font"): fonts})
    page[NameObject("/Contents")] = writer._add_object(content)
    target = io.BytesIO()
    writer.write(target)
    return target.getvalue()


class TestReading:
    @pytest.mark.parametrize("size", [1, 2, 3, 7, 1000])
    def test_words_and_lines_do_not_depend_on_chunks(self, size: int) -> None:
        content = "zwölf  Boxkämpfer\njagen\tViktor \n\nquer".encode()
        reading = Reading("text/plain")
        for start in range(0, len(content), size):
            reading.take(content[start : start + size])
        assert reading.facts() == {"lines": 4, "words": 5, "preview": content.decode()}

    def test_a_large_image_is_not_held(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(processing, "WHOLE_BYTES", 10)
        reading = Reading("image/png")
        reading.take(b"x" * 11)
        assert reading.whole is None


class TestLookingInside:
    async def result(self, application: Application, upload: Upload, content: bytes) -> StoredFile:
        assert (await upload(content, "a")).status_code == 201
        await application.settle()
        return await only(application)

    async def test_a_pdf(self, application: Application, upload: Upload) -> None:
        writer, target = PdfWriter(), io.BytesIO()
        writer.add_blank_page(100, 100)
        writer.add_blank_page(100, 100)
        writer.write(target)
        file = await self.result(application, upload, target.getvalue())
        assert file.state == State.DONE
        assert (file.result or {})["pages"] == 2

    async def test_of_a_pdf_nothing_is_kept_that_postgresql_refuses(
        self, application: Application, upload: Upload
    ) -> None:
        file = await self.result(application, upload, pdf_with_odd_letters())
        assert file.state == State.DONE
        assert (file.result or {})["preview"] == "ab?c"

    async def test_nor_of_a_text_beyond_what_its_type_is_known_by(
        self, application: Application, upload: Upload
    ) -> None:
        long = "\N{SPOUTING WHALE}" * (HEAD_BYTES // 4)
        file = await self.result(application, upload, f"{long}a\0b".encode())
        assert file.state == State.DONE
        assert (file.result or {})["preview"] == f"{long}ab"

    async def test_a_broken_image_is_a_file_all_the_same(
        self, application: Application, upload: Upload
    ) -> None:
        file = await self.result(application, upload, png()[:100])
        assert file.state == State.DONE
        assert (file.result or {})["note"] == "It could not be decoded."
        assert not file.has_thumbnail

    async def test_one_that_takes_too_long_is_stopped(
        self, application: Application, upload: Upload, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(processing, "EXTRACT_SECONDS", 0.01)
        file = await self.result(application, upload, png())
        assert (file.result or {})["note"] == "It took too long to look inside."
