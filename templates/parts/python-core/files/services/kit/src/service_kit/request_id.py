"""The id that ties together the log lines of one request and of the jobs it started."""

import re
from contextvars import ContextVar
from uuid import uuid4

HEADER = "X-Request-ID"

_WELL_FORMED = re.compile(r"[A-Za-z0-9._-]{8,64}")
_current: ContextVar[str | None] = ContextVar("request_id", default=None)


def current_request_id() -> str | None:
    return _current.get()


def set_request_id(value: str | None) -> None:
    _current.set(value)


def accept_or_make(candidate: str | None) -> str:
    if candidate is not None and _WELL_FORMED.fullmatch(candidate):
        return candidate
    return uuid4().hex
