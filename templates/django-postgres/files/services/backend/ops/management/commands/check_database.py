from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.db.utils import Error

_NEXT_STEPS = (
    ("password authentication failed", "The role's password and the secret file differ."),
    ("does not exist", "Role or database is missing: was the volume made by this project?"),
    (
        "failed to resolve host",
        "The database is stopped, or on no network of this container: `docker compose ps db`.",
    ),
    ("connection refused", "The database is not up yet: see `docker compose ps db`."),
    ("timeout", "The host does not answer: see `docker compose ps db` and its networks."),
)


class Command(BaseCommand):
    help = "Connects to the database and says to which one, or what to do about it."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        wanted = connection.settings_dict
        target = f"{wanted['HOST'] or 'local'}:{wanted['PORT'] or '-'}/{wanted['NAME']}"
        try:
            facts = self._ask()
        except Error as error:
            reason = " ".join(str(error).split())
            raise CommandError(
                f"Database connection failed ({target}, user {wanted['USER'] or '-'}): "
                f"{reason}\n{_next_step(reason)}"
            ) from None
        self.stdout.write("Database connection successful")
        for name, value in facts.items():
            self.stdout.write(f"  {name}: {value}")

    def _ask(self) -> dict[str, str]:
        host = connection.settings_dict["HOST"] or "local"
        with connection.cursor() as cursor:
            if connection.vendor != "postgresql":
                cursor.execute("SELECT sqlite_version()")
                return {"host": host, "server": f"SQLite {cursor.fetchone()[0]}"}
            cursor.execute(
                "SELECT current_database(), current_user, current_setting('server_version')"
            )
            database, user, version = cursor.fetchone()
        return {
            "host": f"{host}:{connection.settings_dict['PORT']}",
            "database": database,
            "user": user,
            "server": f"PostgreSQL {version}",
        }


def _next_step(reason: str) -> str:
    for fragment, step in _NEXT_STEPS:
        if fragment in reason.lower():
            return f"Next: {step}"
    return "Next: read the database's own log: `docker compose logs db`."
