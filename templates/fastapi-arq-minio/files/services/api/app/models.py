"""The tables. Types are those that PostgreSQL and, on a laptop, SQLite have in common."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    String,
    Text,
    false,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from service_kit.accounts import SessionColumns, UserColumns
from service_kit.rows import UtcDateTime, now


class Base(DeclarativeBase):
    pass


class User(UserColumns, Base):
    pass


class Session(SessionColumns, Base):
    pass


class State(StrEnum):
    UPLOADING = "uploading"
    PENDING = "pending"
    PROCESSING = "processing"
    DONE = "done"
    FAILED = "failed"
    DELETING = "deleting"


VISIBLE = (State.PENDING, State.PROCESSING, State.DONE, State.FAILED)


class StoredFile(Base):
    __tablename__ = "files"
    __table_args__ = (
        Index("files_of_owner", "owner_id", "created_at", "id"),
        # What the sweep looks for; finished files, which are most of them, are not in it.
        Index(
            "files_unfinished",
            "touched_at",
            postgresql_where=text("state IN ('uploading', 'pending', 'processing', 'deleting')"),
        ),
        CheckConstraint(
            "state IN ('uploading', 'pending', 'processing', 'done', 'failed', 'deleting')",
            name="files_state",
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    owner_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    name: Mapped[str] = mapped_column(String(255))
    content_type: Mapped[str] = mapped_column(String(127))
    state: Mapped[str] = mapped_column(String(16), default=State.UPLOADING)
    # Of a multipart upload that is under way, so that what is left of it can be taken back.
    upload_id: Mapped[str | None] = mapped_column(Text)
    size: Mapped[int | None] = mapped_column(BigInteger)
    # Counted by the API while the bytes went by; the job compares it with what it reads back.
    sha256: Mapped[str | None] = mapped_column(String(64))
    result: Mapped[dict[str, Any] | None] = mapped_column(
        JSON().with_variant(JSONB(), "postgresql")
    )
    error: Mapped[str] = mapped_column(String(200), default="", server_default="")
    has_thumbnail: Mapped[bool] = mapped_column(default=False, server_default=false())
    attempts: Mapped[int] = mapped_column(default=0, server_default="0")
    # Of the request that uploaded it: the lines of its job carry it, also when the sweep sends it.
    request_id: Mapped[str] = mapped_column(String(64), default="", server_default="")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now, onupdate=now)
    # When something last worked on it.
    touched_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)

    @property
    def object_key(self) -> str:
        return f"files/{self.id}"

    @property
    def thumbnail_key(self) -> str:
        return f"thumbnails/{self.id}"
