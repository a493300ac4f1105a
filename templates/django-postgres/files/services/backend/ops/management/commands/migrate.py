"""Django's migrate, one at a time."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.core.management.commands import migrate
from django.db import connections

# Any number will do, as long as nothing else in this database locks the same one.
_LOCK_KEY = 5_432_001


class Command(migrate.Command):
    def handle(self, *args: Any, **options: Any) -> None:
        with _only_one(options["database"]):
            super().handle(*args, **options)


@contextmanager
def _only_one(alias: str) -> Iterator[None]:
    """Two deploys that overlap would run the same migration twice: the second one waits."""
    connection = connections[alias]
    if connection.vendor != "postgresql":
        yield
        return
    with connection.cursor() as cursor:
        # lock_timeout bounds the wait, so a forgotten session does not hang a deploy.
        cursor.execute("SELECT pg_advisory_lock(%s)", [_LOCK_KEY])
    try:
        yield
    finally:
        if connection.connection is not None and not connection.connection.closed:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [_LOCK_KEY])
