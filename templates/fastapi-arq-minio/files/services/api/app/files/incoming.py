"""The bytes of an upload as they arrive: a raw body, or the one file of a form. Nothing is kept."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import PurePath
from urllib.parse import unquote

from fastapi import Request
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.requests import ClientDisconnect

from service_kit.problems import Problem, invalid

MAX_NAME = 255
# Of a form: what stands before the file's bytes.
MAX_FORM_HEAD = 16 * 1024


@dataclass(frozen=True, slots=True)
class Incoming:
    name: str
    chunks: AsyncIterator[bytes]


class Interrupted(Exception):  # noqa: N818 - the client's doing
    """The client went away before the end."""


async def incoming_of(request: Request) -> Incoming:
    kind, options = parse_options_header(request.headers.get("Content-Type"))
    if kind == b"multipart/form-data":
        form = _Form(_body(request), options.get(b"boundary", b""))
        return Incoming(clean_name(await form.name()), form.chunks())
    return Incoming(clean_name(request.query_params.get("name", "")), _body(request))


def clean_name(text: str) -> str:
    """The last part of what a browser called it, without what could break a header or a line."""
    name = PurePath(unquote(text).replace("\\", "/")).name
    name = "".join(letter for letter in name if letter.isprintable()).strip()
    if not name or name in (".", ".."):
        raise invalid({"name": ["Say what the file is called: ?name=report.pdf"]})
    if len(name) > MAX_NAME:
        raise invalid({"name": [f"At most {MAX_NAME} characters."]})
    return name


async def _body(request: Request) -> AsyncIterator[bytes]:
    try:
        async for chunk in request.stream():
            if chunk:
                yield chunk
    except ClientDisconnect:
        raise Interrupted from None


class _Form:
    """multipart/form-data, read as a stream: fields before the file are skipped."""

    def __init__(self, body: AsyncIterator[bytes], boundary: bytes) -> None:
        if not boundary:
            raise Problem(400, "bad_request", "The form has no boundary.")
        self._body = body
        self._ready: list[bytes] = []
        self._field = bytearray()
        self._value = bytearray()
        self._name: str | None = None
        self._in_file = False
        self._ended = False
        self._parser = MultipartParser(
            boundary,
            callbacks={
                "on_header_field": self._on_header_field,
                "on_header_value": self._on_header_value,
                "on_header_end": self._on_header_end,
                "on_part_data": self._on_part_data,
                "on_part_end": self._on_part_end,
            },
        )

    async def name(self) -> str:
        read = 0
        async for chunk in self._body:
            read += len(chunk)
            self._write(chunk)
            if self._name is not None:
                return self._name
            if read > MAX_FORM_HEAD:
                break
        raise invalid({"file": ["The form has no file, or not at its beginning."]})

    async def chunks(self) -> AsyncIterator[bytes]:
        for chunk in self._take():
            yield chunk
        async for chunk in self._body:
            # The rest is read as well, or the connection could not be used again.
            self._write(chunk)
            for piece in self._take():
                yield piece
        if not self._ended:
            raise Interrupted

    def _write(self, chunk: bytes) -> None:
        try:
            self._parser.write(chunk)
        except FormParserError as error:
            raise Problem(400, "bad_request", f"The form cannot be read: {error}") from None

    def _take(self) -> list[bytes]:
        ready, self._ready = self._ready, []
        return ready

    def _on_header_field(self, data: bytes, start: int, end: int) -> None:
        self._field += data[start:end]

    def _on_header_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def _on_header_end(self) -> None:
        field, value = bytes(self._field).lower(), bytes(self._value)
        self._field.clear()
        self._value.clear()
        if field != b"content-disposition" or self._name is not None:
            return
        options = parse_options_header(value)[1]
        if b"filename" in options:
            self._name = options[b"filename"].decode("utf-8", "replace")
            self._in_file = True

    def _on_part_data(self, data: bytes, start: int, end: int) -> None:
        if self._in_file:
            self._ready.append(data[start:end])

    def _on_part_end(self) -> None:
        if self._in_file:
            self._in_file, self._ended = False, True
