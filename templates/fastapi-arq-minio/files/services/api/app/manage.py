"""Commands for the operator: `python -m app.manage migrate|check_database|create_user|…`."""

import argparse
import asyncio
import logging.config
import sys
from collections.abc import Sequence
from pathlib import Path

from sqlalchemy import text

from app.files.orphans import orphans
from app.models import Base, Session, User
from app.resources import choose_store
from app.settings import settings
from service_kit.accounts import Accounts, normalise_email
from service_kit.commands import ask_password, check_database
from service_kit.migrate import Schema
from service_kit.passwords import hash_password
from service_kit.rows import Database, open_database
from service_kit.serve import log_settings

SCHEMA = Schema(Base.metadata, Path(__file__).parent.parent / "migrations")


def _database() -> Database:
    chosen = settings()
    return open_database(production=chosen.production, folder=chosen.data_directory, pooled=False)


async def show(names: Sequence[str]) -> list[tuple[str, str]]:
    """Settings of a connection as the application makes it: what a pooler has left of them."""
    database = _database()
    try:
        async with database.transaction() as session:
            return [
                (
                    name,
                    str(
                        await session.scalar(text("SELECT current_setting(:name)"), {"name": name})
                    ),
                )
                for name in names
            ]
    finally:
        await database.close()


async def create_user(email: str) -> int:
    password = ask_password(email)
    if password is None:
        return 1
    database = _database()
    try:
        if not await Accounts(database, User, Session).create(email, password):
            sys.stderr.write(f"{email} has an account already. To set its password: set_password\n")
            return 1
    finally:
        await database.close()
    sys.stdout.write(f"{normalise_email(email)} can sign in now.\n")
    return 0


async def set_password(email: str) -> int:
    """Sets a password; whoever is signed in is signed out."""
    password = ask_password(email)
    if password is None:
        return 1
    return await _change_user(email, password_hash=await hash_password(password))


async def set_active(email: str, *, active: bool) -> int:
    return await _change_user(email, active=active)


async def _change_user(email: str, **values: object) -> int:
    database = _database()
    try:
        if not await Accounts(database, User, Session).change(email, **values):
            sys.stderr.write(f"{email} has no account. To make one: create_user\n")
            return 1
    finally:
        await database.close()
    sys.stdout.write(f"{normalise_email(email)}: changed, and signed out everywhere.\n")
    return 0


async def find_orphans(*, delete: bool) -> int:
    """Lists objects that no row knows, older than a day; --delete takes them away."""
    chosen = settings()
    database, store = _database(), choose_store(chosen)
    count = 0
    try:
        async for key in orphans(database, store):
            count += 1
            sys.stdout.write(f"{key}\n")
            if delete:
                await store.delete(key)
    finally:
        await store.close()
        await database.close()
    sys.stdout.write(f"{count} objects without a row{', deleted' if delete else ''}\n")
    return 0


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m app.manage", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("migrate", help="bring the schema up to date, one at a time")
    commands.add_parser("migrations", help=Schema.show.__doc__)
    made = commands.add_parser("make_migration", help=Schema.make.__doc__)
    made.add_argument("message")
    commands.add_parser("check_database", help=check_database.__doc__)
    found = commands.add_parser("orphans", help=find_orphans.__doc__)
    found.add_argument("--delete", action="store_true")
    for name, says in (
        (
            "create_user",
            "make an account; asks for the password, or reads one line",
        ),
        ("set_password", "set a password, in the same way; ends all sessions of the account"),
        ("deactivate", "sign an account out everywhere, and let it in no more"),
        ("activate", "let it in again"),
    ):
        commands.add_parser(name, help=says).add_argument("email")
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
        case "orphans":
            return asyncio.run(find_orphans(delete=chosen.delete))
        case "create_user":
            return asyncio.run(create_user(chosen.email))
        case "set_password":
            return asyncio.run(set_password(chosen.email))
        case _:
            return asyncio.run(set_active(chosen.email, active=chosen.command == "activate"))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
