"""What kind of file it is, by its first bytes: a name and a header are claims."""

from pathlib import PurePath

MAGIC = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"%PDF-", "application/pdf"),
    (b"PK\x03\x04", "application/zip"),
)
TEXTS = {
    ".csv": "text/csv",
    ".json": "application/json",
    ".md": "text/markdown",
}
IMAGES = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})
HEAD_BYTES = 4096


def type_of(head: bytes, name: str) -> str | None:
    """None: not a kind that is taken."""
    for magic, kind in MAGIC:
        if head.startswith(magic):
            return kind
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return "image/webp"
    if head[4:8] == b"ftyp":
        return "video/mp4"
    if not head or not _is_text(head):
        return None
    return TEXTS.get(PurePath(name).suffix.lower(), "text/plain")


def is_text(kind: str) -> bool:
    return kind.startswith("text/") or kind == "application/json"


def _is_text(head: bytes) -> bool:
    if b"\0" in head:
        return False
    try:
        head.decode()
    except UnicodeDecodeError as error:
        # The last character may go on behind what was read.
        return error.start >= len(head) - 3 and error.reason == "unexpected end of data"
    return True
