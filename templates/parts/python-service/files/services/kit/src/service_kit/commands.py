"""What the commands of an operator have in common, whatever they manage."""

import sys
from getpass import getpass

from sqlalchemy import text

from service_kit.passwords import weaknesses
from service_kit.rows import Database

_NEXT_STEPS = (
    ("password authentication failed", "The role's password and the secret file differ."),
    ("does not exist", "Role or database is missing: was the volume made by this project?"),
    (
        "name or service not known",
        "The database is stopped, or on no network of this container: `docker compose ps`.",
    ),
    (
        "temporary failure in name resolution",
        "The database is stopped, or on no network of this container: `docker compose ps`.",
    ),
    (
        "certificate verify failed",
        "The certificate of the database is not of our CA, or not for this name: `ops/tls check`.",
    ),
    ("rejected ssl", "The database speaks no TLS: has it its certificate? `ops/tls check`."),
    ("connect call failed", "The database is not up yet: see `docker compose ps`."),
    ("timeout", "The host does not answer: see `docker compose ps` and its networks."),
)


async def check_database(database: Database) -> int:
    """Connects to the database and says to which one, or what to do about it."""
    try:
        facts = await _facts(database)
    except Exception as error:  # noqa: BLE001 - each has its next step
        reason = " ".join(str(error).split()) or type(error).__name__
        sys.stderr.write(f"Database connection failed: {reason}\n{_next_step(reason)}\n")
        return 1
    finally:
        await database.close()
    sys.stdout.write("Database connection successful\n")
    for name, value in facts.items():
        sys.stdout.write(f"  {name}: {value}\n")
    return 0


async def _facts(database: Database) -> dict[str, str]:
    async with database.transaction() as session:
        if database.engine.dialect.name != "postgresql":
            return {"server": "SQLite"}
        asked = await session.execute(
            text(
                "SELECT current_database() AS database, current_user AS user,"
                " current_setting('server_version') AS server,"
                " (SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()) AS tls"
            )
        )
        return {name: str(value) for name, value in asked.mappings().one().items()}


def _next_step(reason: str) -> str:
    for fragment, step in _NEXT_STEPS:
        if fragment in reason.lower():
            return f"Next: {step}"
    return "Next: read the database's own log: `docker compose logs`."


def ask_password(email: str) -> str | None:
    """Asks twice, or reads one line; None, and a line that says why, when it is too weak.

    Never an argument: on a command line every process could read it.
    """
    if not sys.stdin.isatty():
        password = sys.stdin.readline().rstrip("\n")
    else:
        password = getpass()
        if getpass("Password (again): ") != password:
            raise SystemExit("The two differ. Nothing was changed.")
    if weak := weaknesses(password, email):
        sys.stderr.write(f"The password is too weak. {' '.join(weak)}\n")
        return None
    return password
