"""Commands for the operator: `python -m app.manage migrate|check_database|create_user|…`."""

import argparse
import asyncio
import logging.config
import sys
from collections.abc import Sequence
from getpass import getpass

from sqlalchemy import select, text, update

from app.accounts.passwords import hash_password, weaknesses
from app.accounts.service import close_sessions_of, create_account, normalise_email
from app.database import Database, laptop_engine
from app.files.orphans import orphans
from app.migrate import make_migration, migrate, show_migrations
from app.models import User
from app.resources import choose_store
from app.settings import settings
from service_kit.database import DatabaseUnavailable, database_engine
from service_kit.serve import log_settings

_NEXT_STEPS = (
    ("password authentication failed", "The role's password and the secret file differ."),
    ("does not exist", "Role or database is missing: was the volume made by this project?"),
    (
        "name or service not known",
        "The database is stopped, or on no network of this container: `docker compose ps db`.",
    ),
    (
        "temporary failure in name resolution",
        "The database is stopped, or on no network of this container: `docker compose ps db`.",
    ),
    (
        "certificate verify failed",
        "The certificate of the database is not of our CA, or not for this name: `ops/tls check`.",
    ),
    ("rejected ssl", "The database speaks no TLS: has it its certificate? `ops/tls check`."),
    ("connect call failed", "The database is not up yet: see `docker compose ps db`."),
    ("timeout", "The host does not answer: see `docker compose ps db` and its networks."),
)


def _database() -> Database:
    chosen = settings()
    engine = database_engine(production=chosen.production, pooled=False)
    return Database(engine or laptop_engine(chosen))


async def check_database() -> int:
    """Connects to the database and says to which one, or what to do about it."""
    database = _database()
    try:
        async with database.transaction() as session:
            if database.engine.dialect.name != "postgresql":
                facts = {"server": "SQLite"}
            else:
                row = (
                    (
                        await session.execute(
                            text(
                                "SELECT current_database() AS database, current_user AS user,"
                                " current_setting('server_version') AS server,"
                                " (SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()) AS tls"
                            )
                        )
                    )
                    .mappings()
                    .one()
                )
                facts = {name: str(value) for name, value in row.items()}
    except (DatabaseUnavailable, Exception) as error:  # noqa: BLE001 - each has its next step
        reason = " ".join(str(error).split()) or type(error).__name__
        sys.stderr.write(f"Database connection failed: {reason}\n{_next_step(reason)}\n")
        return 1
    finally:
        await database.close()
    sys.stdout.write("Database connection successful\n")
    for name, value in facts.items():
        sys.stdout.write(f"  {name}: {value}\n")
    return 0


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
    """Asks for the password: on a command line every process could read it."""
    password = _ask_password()
    if weak := weaknesses(password, email):
        sys.stderr.write(f"The password is too weak. {' '.join(weak)}\n")
        return 1
    database = _database()
    try:
        if not await create_account(database, email, password):
            sys.stderr.write(f"{email} has an account already. To set its password: set_password\n")
            return 1
    finally:
        await database.close()
    sys.stdout.write(f"{normalise_email(email)} can sign in now.\n")
    return 0


async def set_password(email: str) -> int:
    """Sets a password; whoever is signed in is signed out."""
    password = _ask_password()
    if weak := weaknesses(password, email):
        sys.stderr.write(f"The password is too weak. {' '.join(weak)}\n")
        return 1
    return await _change_user(email, password_hash=await hash_password(password))


async def set_active(email: str, *, active: bool) -> int:
    return await _change_user(email, active=active)


async def _change_user(email: str, **values: object) -> int:
    database = _database()
    try:
        async with database.transaction() as session:
            user = await session.scalar(select(User).where(User.email == normalise_email(email)))
            if user is not None:
                await session.execute(update(User).where(User.id == user.id).values(**values))
        if user is None:
            sys.stderr.write(f"{email} has no account. To make one: create_user\n")
            return 1
        await close_sessions_of(database, user.id)
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


def _ask_password() -> str:
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\n")
    password = getpass()
    if getpass("Password (again): ") != password:
        raise SystemExit("The two differ. Nothing was changed.")
    return password


def _next_step(reason: str) -> str:
    for fragment, step in _NEXT_STEPS:
        if fragment in reason.lower():
            return f"Next: {step}"
    return "Next: read the database's own log: `docker compose logs db`."


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m app.manage", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("migrate", help="bring the schema up to date, one at a time")
    commands.add_parser("migrations", help=show_migrations.__doc__)
    made = commands.add_parser("make_migration", help=make_migration.__doc__)
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
            return asyncio.run(migrate(_database()))
        case "migrations":
            return asyncio.run(show_migrations(_database()))
        case "make_migration":
            return asyncio.run(make_migration(_database(), chosen.message))
        case "check_database":
            return asyncio.run(check_database())
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
