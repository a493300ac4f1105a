"""Brings the schema up to date. Two deploys that overlap: the second one waits."""

import logging
import sys
from pathlib import Path

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from app.database import Database
from app.models import Base
from service_kit.database import DatabaseUnavailable, database_outages

logger = logging.getLogger(__name__)

# Any number will do, as long as nothing else in this database locks the same one.
_LOCK_KEY = 5_432_001


def alembic_config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent.parent / "migrations"))
    config.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    config.attributes["connection"] = connection
    return config


async def migrate(database: Database) -> int:
    try:
        async with database_outages(), database.engine.connect() as connection:
            if database.engine.dialect.name == "postgresql":
                # lock_timeout bounds the wait, so a forgotten session does not hang a deploy.
                await connection.execute(text(f"SELECT pg_advisory_lock({_LOCK_KEY})"))
                await connection.commit()
            await connection.run_sync(_upgrade)
            await connection.commit()
            # The end of the session is the end of its lock.
    except DatabaseUnavailable as error:
        logger.error("migrations did not run: %s", error)  # noqa: TRY400 - one line is enough
        return 1
    finally:
        await database.close()
    logger.info("the schema is up to date")
    return 0


def _upgrade(connection: Connection) -> None:
    command.upgrade(alembic_config(connection), "head")


async def show_migrations(database: Database) -> int:
    """Which one the database has, and whether the models have changed without one."""
    try:
        async with database.engine.connect() as connection:
            present, newest, differences = await connection.run_sync(_compare)
    finally:
        await database.close()
    sys.stdout.write(f"database: {present or 'none'}, newest: {newest}\n")
    for difference in differences:
        sys.stdout.write(f"in the models and in no migration: {difference}\n")
    return 0 if present == newest and not differences else 1


def _compare(connection: Connection) -> tuple[str | None, str | None, list[str]]:
    newest = ScriptDirectory.from_config(alembic_config(connection)).get_current_head()
    migrations = MigrationContext.configure(connection, opts={"compare_type": True})
    differences = [str(one) for one in compare_metadata(migrations, Base.metadata)]
    return migrations.get_current_revision(), newest, differences


async def make_migration(database: Database, message: str) -> int:
    """Writes a migration from the difference between models and database. Read it."""
    try:
        async with database.engine.connect() as connection:
            path = await connection.run_sync(_revision, message)
    finally:
        await database.close()
    sys.stdout.write(f"{path}\n")
    return 0


def _revision(connection: Connection, message: str) -> str:
    config = alembic_config(connection)
    newest = ScriptDirectory.from_config(config).get_current_head() or "0000"
    made = command.revision(config, message, autogenerate=True, rev_id=f"{int(newest) + 1:04}")
    if made is None or isinstance(made, list):
        raise SystemExit("No migration was made.")
    return made.path
