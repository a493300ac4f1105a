"""Connections that read the password file when they connect. No Django here: settings import it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, Self

import psycopg

from service_kit.environment import secret_values

# Of PostgreSQL, and of PgBouncer.
_REFUSALS = ("password authentication failed", "SASL authentication failed")


def connect_with_file[T](path: str, connect: Callable[[str], T]) -> T:
    """Tries what the file holds until the server takes it.

    A role has one password. For the moment in which it changes the file holds the old value and
    the new one, and a file that changed after it was read is read again.
    """
    refused: dict[str, psycopg.OperationalError] = {}
    while True:
        values = secret_values(Path(path))
        value = next((value for value in values if value not in refused), None)
        if value is None:
            raise next(reversed(refused.values()), None) or psycopg.OperationalError(
                f"the password file {path} is empty"
            )
        try:
            return connect(value)
        except psycopg.OperationalError as error:
            if not any(refusal in str(error) for refusal in _REFUSALS):
                raise
            refused[value] = error


class PasswordFileConnection(psycopg.Connection[Any]):
    """For the pool, whose arguments are fixed when it is made."""

    @classmethod
    def connect(  # type: ignore[override]
        cls, conninfo: str = "", *, password_file: str, **arguments: Any
    ) -> Self:
        connect = super().connect
        arguments.pop("password", None)
        return connect_with_file(
            password_file, lambda password: connect(conninfo, password=password, **arguments)
        )
