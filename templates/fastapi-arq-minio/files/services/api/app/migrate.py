"""Brings the schema up to date. Two deploys that overlap: the second one waits."""

import logging
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, text

from app.database import Database
from service_kit.database import DatabaseUnavailable

logger = logging.getLogger(__name__)

# Any number will do, as long as nothing else in this database locks the same one.
_LOCK_KEY = 5_432_001


def alembic_config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent.parent / "migrations"))
    config.attributes["connection"] = connection
    return config


async def migrate(database: Database) -> int:
    try:
        async with database.engine.connect() as connection:
            if database.engine.dialect.name == "postgresql":
                # lock_timeout bounds the wait, so a forgotten session does not hang a deploy.
                await connection.execute(text(f"SELECT pg_advisory_lock({_LOCK_KEY})"))
                await connection.commit()
            await connection.run_sync(_upgrade)
            await connection.commit()
            # The end of the session is the end of its lock.
    except (DatabaseUnavailable, OSError) as error:
        logger.error("migrations did not run: %s", error)  # noqa: TRY400 - one line is enough
        return 1
    finally:
        await database.close()
    logger.info("the schema is up to date")
    return 0


def _upgrade(connection: Connection) -> None:
    command.upgrade(alembic_config(connection), "head")
