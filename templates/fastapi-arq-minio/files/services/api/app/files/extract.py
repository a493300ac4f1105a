"""Looks into an image or a PDF: `python -m app.files.extract image|pdf`, the file on stdin.

A process of its own with limits: these formats are decoded by large libraries, and the files come
from strangers. Answers one line of JSON, then the bytes of a thumbnail if there is one.
"""

import io
import json
import resource
import sys
import warnings
from typing import Any

MEMORY_BYTES = 1024 * 1024 * 1024
CPU_SECONDS = 20
MAX_PIXELS = 40_000_000
THUMBNAIL = (320, 320)
PDF_PAGES = 20
PREVIEW_CHARACTERS = 2000


def image(content: bytes) -> tuple[dict[str, Any], bytes]:
    from PIL import Image, ImageOps  # noqa: PLC0415 - loaded where it is needed

    with Image.open(io.BytesIO(content)) as opened:
        facts: dict[str, Any] = {"width": opened.width, "height": opened.height}
        if opened.width * opened.height > MAX_PIXELS:
            return {**facts, "note": "Too many pixels for a thumbnail."}, b""
        opened.draft("RGB", THUMBNAIL)
        upright = ImageOps.exif_transpose(opened)
        upright.thumbnail(THUMBNAIL)
        target = io.BytesIO()
        # Pixels alone: where and by whom a picture was taken stays behind.
        upright.convert("RGBA" if "A" in upright.getbands() else "RGB").save(target, "WEBP")
    return facts, target.getvalue()


def pdf(content: bytes) -> tuple[dict[str, Any], bytes]:
    from pypdf import PdfReader  # noqa: PLC0415 - as above

    reader = PdfReader(io.BytesIO(content))
    text = ""
    for page in reader.pages[:PDF_PAGES]:
        text += page.extract_text() + "\n"
        if len(text) > PREVIEW_CHARACTERS:
            break
    return {"pages": len(reader.pages), "preview": text.strip()[:PREVIEW_CHARACTERS]}, b""


def main(arguments: list[str]) -> int:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    warnings.simplefilter("ignore")
    looks = {"image": image, "pdf": pdf}
    if len(arguments) != 1 or arguments[0] not in looks:
        sys.stderr.write("usage: python -m app.files.extract image|pdf\n")
        return 2
    try:
        facts, thumbnail = looks[arguments[0]](sys.stdin.buffer.read())
    except Exception as error:  # noqa: BLE001 - every broken file breaks in a way of its own
        sys.stderr.write(f"{type(error).__name__}: {error}\n")
        return 1
    sys.stdout.buffer.write(json.dumps(facts).encode() + b"\n" + thumbnail)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
