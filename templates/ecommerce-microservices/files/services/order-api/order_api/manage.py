"""Commands for the operator: `python -m order_api.manage migrate|create_user|reconcile|…`."""

import argparse
import asyncio
import json
import logging.config
import sys
from pathlib import Path
from typing import Any

from order_api.audit import note
from order_api.models import Base
from order_api.reconcile import reconcile, wait_for_flight
from order_api.resources import open_resources
from order_api.settings import settings
from service_kit.accounts import normalise_email
from service_kit.commands import ask_password, check_database
from service_kit.database import DatabaseUnavailable
from service_kit.migrate import Schema
from service_kit.passwords import hash_password
from service_kit.rows import Database, open_database
from service_kit.serve import log_settings
from shop.calls import PeerRefused, PeerUnavailable

SCHEMA = Schema(Base.metadata, Path(__file__).parent / "migrations")
ROLES = ("customer", "admin")
LOOK_AGAIN_SECONDS = 3.0


def _database() -> Database:
    chosen = settings()
    return open_database(production=chosen.production, folder=chosen.data_directory, pooled=False)


async def create_user(email: str, role: str) -> int:
    password = ask_password(email)
    if password is None:
        return 1
    async with open_resources(pooled=False) as resources:
        if not await resources.accounts.create(email, password, role=role):
            sys.stderr.write(
                f"{email} has an account already. To change it: set_role, set_password\n"
            )
            return 1
        async with resources.database.transaction() as session:
            note(session, "account_made", actor="operator", email=normalise_email(email), role=role)
    sys.stdout.write(f"{normalise_email(email)} can sign in now, as {role}.\n")
    return 0


async def set_password(email: str) -> int:
    """Sets a password; whoever is signed in is signed out."""
    password = ask_password(email)
    if password is None:
        return 1
    return await change_user(email, "password_set", password_hash=await hash_password(password))


async def change_user(email: str, event: str, **values: Any) -> int:
    async with open_resources(pooled=False) as resources:
        if not await resources.accounts.change(email, **values):
            sys.stderr.write(f"{email} has no account. To make one: create_user\n")
            return 1
        told = {name: value for name, value in values.items() if name != "password_hash"}
        async with resources.database.transaction() as session:
            note(session, event, actor="operator", email=normalise_email(email), **told)
    sys.stdout.write(f"{normalise_email(email)}: changed, and signed out everywhere.\n")
    return 0


async def run_reconcile(*, wait: int, as_json: bool) -> int:
    """Compares stock, orders and money. 0: they agree, 1: they do not, 75: no answer now."""
    async with open_resources(pooled=False) as resources:
        try:
            await wait_for_flight(resources, wait)
            findings, counted = await reconcile(resources)
            if findings:
                # Figures move while they are read: what is wrong is wrong again.
                await asyncio.sleep(LOOK_AGAIN_SECONDS)
                again, counted = await reconcile(resources)
                findings = [finding for finding in findings if finding in again]
        except (DatabaseUnavailable, PeerUnavailable, PeerRefused) as error:
            sys.stderr.write(f"Cannot compare: {error}\nNext: ops/health, then again.\n")
            return 75
    if as_json:
        sys.stdout.write(f"{json.dumps({'findings': findings, **counted})}\n")
    else:
        said = ", ".join(f"{name} {number}" for name, number in counted.items())
        sys.stdout.writelines(f"{finding}\n" for finding in findings)
        sys.stdout.write(f"{len(findings)} findings ({said})\n")
    return 1 if findings else 0


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(prog="python -m order_api.manage", description=__doc__)
    commands = made.add_subparsers(dest="command", required=True)
    commands.add_parser("migrate", help="bring the schema up to date, one at a time")
    commands.add_parser("migrations", help=Schema.show.__doc__)
    commands.add_parser("make_migration", help=Schema.make.__doc__).add_argument("message")
    commands.add_parser("check_database", help=check_database.__doc__)
    compared = commands.add_parser("reconcile", help=run_reconcile.__doc__)
    compared.add_argument(
        "--wait", type=int, default=0, metavar="SECONDS", help="for orders in flight to end"
    )
    compared.add_argument("--json", action="store_true", help="one line for programs")
    for name, says in (
        ("create_user", "make an account; asks for the password, or reads one line"),
        ("set_password", "set a password, in the same way; ends all sessions of the account"),
        ("set_role", "make somebody an administrator, or a customer again"),
        ("deactivate", "sign an account out everywhere, and let it in no more"),
        ("activate", "let it in again"),
    ):
        named = commands.add_parser(name, help=says)
        named.add_argument("email")
        if name == "create_user":
            named.add_argument("--role", choices=ROLES, default="customer")
        if name == "set_role":
            named.add_argument("role", choices=ROLES)
    return made


def main(arguments: list[str]) -> int:
    chosen = parser().parse_args(arguments)
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
        case "reconcile":
            return asyncio.run(run_reconcile(wait=chosen.wait, as_json=chosen.json))
        case "create_user":
            return asyncio.run(create_user(chosen.email, chosen.role))
        case "set_password":
            return asyncio.run(set_password(chosen.email))
        case "set_role":
            return asyncio.run(change_user(chosen.email, "role_set", role=chosen.role))
        case _:
            active = chosen.command == "activate"
            return asyncio.run(change_user(chosen.email, f"{chosen.command}d", active=active))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
