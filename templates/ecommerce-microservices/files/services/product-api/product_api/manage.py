"""Commands for the operator: `python -m product_api.manage migrate|seed|…`."""

import argparse
import asyncio
import logging.config
import sys
from pathlib import Path

from product_api.models import Base
from product_api.seed import seed
from product_api.settings import settings
from service_kit.commands import check_database
from service_kit.database import DatabaseUnavailable
from service_kit.migrate import Schema
from service_kit.rows import Database, open_database
from service_kit.serve import log_settings

SCHEMA = Schema(Base.metadata, Path(__file__).parent / "migrations")


def _database() -> Database:
    chosen = settings()
    return open_database(production=chosen.production, folder=chosen.data_directory, pooled=False)


async def seed_database() -> int:
    """Adds the products of the demonstration that are missing."""
    database = _database()
    try:
        added = await seed(database)
    except DatabaseUnavailable as error:
        sys.stderr.write(f"The database does not answer: {error}\nNext: check_database\n")
        return 75
    finally:
        await database.close()
    sys.stdout.write(f"{added} products added\n")
    return 0


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m product_api.manage", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("migrate", help="bring the schema up to date, one at a time")
    commands.add_parser("migrations", help=Schema.show.__doc__)
    commands.add_parser("make_migration", help=Schema.make.__doc__).add_argument("message")
    commands.add_parser("check_database", help=check_database.__doc__)
    commands.add_parser("seed", help=seed_database.__doc__)
    chosen = parser.parse_args(arguments)
    match chosen.command:
        case "migrate":
            logging.config.dictConfig(log_settings())
            return asyncio.run(SCHEMA.migrate(_database()))
        case "migrations":
            return asyncio.run(SCHEMA.show(_database()))
        case "make_migration":
            return asyncio.run(SCHEMA.make(_database(), chosen.message))
        case "check_database":
            return asyncio.run(check_database(_database()))
        case _:
            return asyncio.run(seed_database())


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
