"""PostgreSQL by SQLAlchemy and asyncpg: a bounded pool, timeouts, TLS.

The password file is read at each connection, so a rotation needs no restart.
"""

import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
from sqlalchemy import NullPool
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from service_kit.environment import (
    ConfigurationError,
    env_bool,
    env_choice,
    env_int,
    env_str,
    read_secret,
    secret_path,
    secret_values,
)

SSL_MODES = ("disable", "prefer", "require", "verify-ca", "verify-full")

# Of PostgreSQL: connection lost, undone for the sake of another (deadlocks), too many of them,
# waited too long for a lock, took too long, server starting or stopping.
_OUTAGE_STATES = ("08", "40", "53", "55P03", "57014", "57P")
_REFUSALS = (asyncpg.InvalidPasswordError, asyncpg.InvalidAuthorizationSpecificationError)


def database_engine(*, production: bool, pooled: bool = True) -> AsyncEngine | None:
    """The engine that DB_* describes; None when there is no DB_HOST on a laptop."""
    host = env_str("DB_HOST")
    if not host:
        if production:
            raise ConfigurationError("DB_HOST is not set: name the PostgreSQL server, or say none.")
        return None
    password = _password_secret()
    read_secret(*password)  # a missing file ends the process now, not at the first connection
    behind_pooler = env_bool("DB_TRANSACTION_POOLER", default=False)
    arguments = _connection_arguments(host, behind_pooler=behind_pooler)

    async def connect(*_: Any, **more: Any) -> "asyncpg.Connection[Any]":
        return await connect_with_file(secret_path(*password), {**more, **arguments})

    to_driver: dict[str, Any] = {"async_creator_fn": connect}
    if behind_pooler:
        # The next statement may run in another session: no name of ours may be used twice there.
        to_driver["prepared_statement_cache_size"] = 0
        to_driver["prepared_statement_name_func"] = lambda: f"__asyncpg_{uuid4()}__"
    url = "postgresql+asyncpg://"
    if not pooled:
        return create_async_engine(
            url, connect_args=to_driver, hide_parameters=True, poolclass=NullPool
        )
    return create_async_engine(
        url,
        connect_args=to_driver,
        # Values of rows do not belong in logs.
        hide_parameters=True,
        pool_size=env_int("DB_POOL_MAX", 8, minimum=1),
        max_overflow=0,
        # Many at once wait for each other; shorter than the proxy's patience, then it is a 503.
        pool_timeout=env_int("DB_POOL_TIMEOUT_SECONDS", 30, minimum=1),
        pool_recycle=1800,
        pool_pre_ping=True,
    )


class DatabaseUnavailable(Exception):  # noqa: N818 - a state, told to the client as one
    """The database does not answer, for a while."""


@asynccontextmanager
async def database_outages() -> AsyncIterator[None]:
    """All that means "not now" becomes one exception. Put database work in it, nothing else."""
    try:
        yield
    except (DBAPIError, PoolTimeoutError, asyncpg.PostgresError, OSError) as error:
        if not is_outage(error):
            raise
        raise DatabaseUnavailable(" ".join(str(error).split()) or type(error).__name__) from error


def is_outage(error: BaseException) -> bool:
    if isinstance(error, OSError | PoolTimeoutError | OperationalError | InterfaceError):
        return True
    if isinstance(error, DBAPIError) and error.connection_invalidated:
        return True
    origin = error.orig if isinstance(error, DBAPIError) else error
    return str(getattr(origin, "sqlstate", "") or "").startswith(_OUTAGE_STATES)


async def connect_with_file(path: Path, arguments: dict[str, Any]) -> "asyncpg.Connection[Any]":
    """Tries what the file holds until the server takes it.

    A role has one password. For the moment in which it changes the file holds the old value and
    the new one, and a file that changed after it was read is read again.
    """
    refused: dict[str, Exception] = {}
    while True:
        values = secret_values(path)
        value = next((value for value in values if value not in refused), None)
        if value is None:
            last = next(reversed(refused.values()), None)
            raise last or ConfigurationError(f"The password file {path} is empty.")
        try:
            connection: asyncpg.Connection[Any] = await asyncpg.connect(password=value, **arguments)
        except _REFUSALS as error:
            refused[value] = error
        else:
            return connection


def _password_secret() -> tuple[str, str]:
    owner = env_str("DB_USER", "app") == "app_owner"
    return "DB_PASSWORD_FILE", "db_owner_password" if owner else "db_app_password"


def _connection_arguments(host: str, *, behind_pooler: bool) -> dict[str, Any]:
    arguments: dict[str, Any] = {
        "host": host,
        "port": env_int("DB_PORT", 5432, minimum=1),
        "database": env_str("DB_NAME", "app"),
        "user": env_str("DB_USER", "app"),
        "ssl": _tls(),
        "timeout": 3,
        "command_timeout": env_int("DB_COMMAND_TIMEOUT_SECONDS", 30, minimum=1),
    }
    settings = {"application_name": env_str("SERVICE_NAME", "service")}
    if behind_pooler:
        arguments["statement_cache_size"] = 0
    else:  # PgBouncer refuses start-up options: set them on the role there
        timeouts = {
            "statement_timeout": env_int("DB_STATEMENT_TIMEOUT_MS", 15_000),
            "lock_timeout": env_int("DB_LOCK_TIMEOUT_MS", 5_000),
            "idle_in_transaction_session_timeout": env_int("DB_IDLE_TIMEOUT_MS", 30_000),
        }
        settings |= {name: str(value) for name, value in timeouts.items()}
    arguments["server_settings"] = settings
    if env_int("DB_STATEMENT_TIMEOUT_MS", 15_000) == 0:  # migrations may take long
        arguments["command_timeout"] = None
    return arguments


def _tls() -> ssl.SSLContext | str:
    mode = env_choice("DB_SSLMODE", "prefer", SSL_MODES)
    authority = env_str("DB_SSLROOTCERT")
    if mode not in ("verify-ca", "verify-full"):
        return mode
    if not authority or not Path(authority).is_file():
        raise ConfigurationError(
            f"DB_SSLROOTCERT={authority!r} is no file: {mode} needs the CA. "
            "Run `ops/tls` in the project directory."
        )
    context = ssl.create_default_context(cafile=authority)
    context.check_hostname = mode == "verify-full"
    return context
