"""Brings the schema up to date. Two deploys that overlap: the second one waits."""

import logging
import sys
from dataclasses import dataclass
from pathlib import Path

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, MetaData, text

from service_kit.database import DatabaseUnavailable, database_outages
from service_kit.rows import Database

logger = logging.getLogger(__name__)

# Any number will do, as long as nothing else in this database locks the same one.
_LOCK_KEY = 5_432_001


@dataclass(frozen=True, slots=True)
class Schema:
    """The models of an application, and the folder of its migrations."""

    metadata: MetaData
    folder: Path

    async def migrate(self, database: Database) -> int:
        try:
            async with database_outages(), database.engine.connect() as connection:
                if database.engine.dialect.name == "postgresql":
                    # lock_timeout bounds the wait, so a forgotten session does not hang a deploy.
                    await connection.execute(text(f"SELECT pg_advisory_lock({_LOCK_KEY})"))
                    await connection.commit()
                await connection.run_sync(self._upgrade)
                await connection.commit()
                # The end of the session is the end of its lock.
        except DatabaseUnavailable as error:
            logger.error("migrations did not run: %s", error)  # noqa: TRY400 - one line is enough
            return 1
        finally:
            await database.close()
        logger.info("the schema is up to date")
        return 0

    async def show(self, database: Database) -> int:
        """Which one the database has, and whether the models have changed without one."""
        try:
            async with database.engine.connect() as connection:
                present, newest, differences = await connection.run_sync(self._compare)
        finally:
            await database.close()
        sys.stdout.write(f"database: {present or 'none'}, newest: {newest}\n")
        for difference in differences:
            sys.stdout.write(f"in the models and in no migration: {difference}\n")
        return 0 if present == newest and not differences else 1

    async def make(self, database: Database, message: str) -> int:
        """Writes a migration from the difference between models and database. Read it."""
        try:
            async with database.engine.connect() as connection:
                path = await connection.run_sync(self._revision, message)
        finally:
            await database.close()
        sys.stdout.write(f"{path}\n")
        return 0

    def config(self, connection: Connection) -> Config:
        config = Config()
        config.set_main_option("script_location", str(self.folder))
        config.set_main_option("file_template", "%%(rev)s_%%(slug)s")
        config.attributes["connection"] = connection
        return config

    def _upgrade(self, connection: Connection) -> None:
        command.upgrade(self.config(connection), "head")

    def _compare(self, connection: Connection) -> tuple[str | None, str | None, list[str]]:
        newest = ScriptDirectory.from_config(self.config(connection)).get_current_head()
        migrations = MigrationContext.configure(connection, opts={"compare_type": True})
        differences = [str(one) for one in compare_metadata(migrations, self.metadata)]
        return migrations.get_current_revision(), newest, differences

    def _revision(self, connection: Connection, message: str) -> str:
        config = self.config(connection)
        newest = ScriptDirectory.from_config(config).get_current_head() or "0000"
        made = command.revision(config, message, autogenerate=True, rev_id=f"{int(newest) + 1:04}")
        if made is None or isinstance(made, list):
            raise SystemExit("No migration was made.")
        return made.path


def run_migrations(metadata: MetaData) -> None:
    """What an application's migrations/env.py does."""
    from alembic import context  # noqa: PLC0415 - exists while Alembic runs, and not before

    connection = context.config.attributes["connection"]
    context.configure(
        connection=connection,
        target_metadata=metadata,
        # Each migration is whole or not at all, and holds its locks no longer than that.
        transaction_per_migration=True,
        compare_type=True,
    )
    with context.begin_transaction():
        context.run_migrations()


def append_only(table: str) -> None:
    """For a migration: the application's role may add lines to this table, and no more.

    The schema's default privileges would let it change and delete them as well. The trigger says
    so to everybody else, the owner included, until somebody drops it: that is no slip any more.
    """
    from alembic import op  # noqa: PLC0415 - exists while Alembic runs, and not before

    if op.get_bind().dialect.name != "postgresql":
        return  # a laptop's file, which has no roles
    function = f"{table}_is_append_only"
    op.execute(
        f"CREATE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$BEGIN RAISE EXCEPTION '{table} takes new lines only' USING ERRCODE = '42501'; END$$"
    )
    op.execute(
        f"CREATE TRIGGER {function} BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
        f"FOR EACH STATEMENT EXECUTE FUNCTION {function}()"
    )
    grants = f"REVOKE ALL ON {table} FROM app; GRANT SELECT, INSERT ON {table} TO app;"
    there = "EXISTS (SELECT FROM pg_roles WHERE rolname = 'app')"
    op.execute(f"DO $$BEGIN IF {there} THEN {grants} END IF; END$$")
