"""SQLite as a rule; PostgreSQL with TEST_POSTGRES=host:port, where postgres needs no password.

Such a server must be one for tests: databases are made and dropped, and roles app, app_owner.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import asyncpg

ROLES = ("app_owner", "app")


def postgres() -> tuple[str, int] | None:
    address = os.environ.get("TEST_POSTGRES", "")
    if not address:
        return None
    host, _, port = address.partition(":")
    return host, int(port or 5432)


async def as_superuser(statement: str, database: str = "postgres") -> None:
    server = postgres()
    assert server is not None
    connection = await asyncpg.connect(
        host=server[0], port=server[1], user="postgres", database=database
    )
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


async def make_database(name: str) -> None:
    """With the roles and default privileges of services/db/init/10-roles.sh."""
    for role in ROLES:
        await as_superuser(
            f"DO $$BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{role}') THEN "
            f"CREATE ROLE {role} LOGIN PASSWORD 'for-tests-only'; END IF; END$$"
        )
    await as_superuser(f"CREATE DATABASE {name}")
    for statement in (
        "ALTER SCHEMA public OWNER TO app_owner",
        "REVOKE ALL ON SCHEMA public FROM PUBLIC",
        "GRANT USAGE ON SCHEMA public TO app",
        "ALTER DEFAULT PRIVILEGES FOR ROLE app_owner IN SCHEMA public"
        " GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO app",
        "ALTER DEFAULT PRIVILEGES FOR ROLE app_owner IN SCHEMA public"
        " GRANT USAGE, SELECT ON SEQUENCES TO app",
    ):
        await as_superuser(statement, name)


async def drop_database(name: str) -> None:
    await as_superuser(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


def fresh_name(service: str) -> str:
    return f"test_{service.replace('-', '_')}_{uuid4().hex[:8]}"


def variables(folder: Path, name: str, role: str) -> dict[str, str]:
    """What a service is told of its database."""
    server = postgres()
    if server is None:
        return {"DB_HOST": "", "DATA_DIRECTORY": str(folder / name)}
    password = folder / "db_password"
    password.write_text("for-tests-only\n")
    return {
        "DB_HOST": server[0],
        "DB_PORT": str(server[1]),
        "DB_NAME": name,
        "DB_USER": role,
        "DB_PASSWORD_FILE": str(password),
        "DB_SSLMODE": "disable",
        "DB_POOL_MAX": "8",
        "DATA_DIRECTORY": str(folder / name),
    }


@contextmanager
def environment(values: dict[str, str]) -> Iterator[None]:
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
