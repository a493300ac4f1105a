"""The database, its pool and its timeouts."""

from pathlib import Path
from typing import Any

from ops.postgresql.connection import PasswordFileConnection
from service_kit.environment import (
    ConfigurationError,
    env_bool,
    env_choice,
    env_int,
    env_str,
    read_secret,
    secret_path,
)

SSL_MODES = ("disable", "allow", "prefer", "require", "verify-ca", "verify-full")


def database_settings(base_dir: Path, *, production: bool) -> dict[str, Any]:
    host = env_str("DB_HOST")
    if not host:
        if production:
            raise ConfigurationError("DB_HOST is not set: name the PostgreSQL server, or say none.")
        return {"ENGINE": "django.db.backends.sqlite3", "NAME": base_dir / "db.sqlite3"}
    if host == "none":  # beat: it has neither a route to the database nor a password for it
        return {"ENGINE": "django.db.backends.dummy"}
    user = env_str("DB_USER", "app")
    name = "db_owner_password" if user == "app_owner" else "db_app_password"
    secret = ("DB_PASSWORD_FILE", name)
    pooled = env_bool("DB_POOL", default=False)
    behind_pooler = env_bool("DB_TRANSACTION_POOLER", default=False)
    return {
        "ENGINE": "ops.postgresql",
        "HOST": host,
        "PORT": str(env_int("DB_PORT", 5432, minimum=1)),
        "NAME": env_str("DB_NAME", "app"),
        "USER": user,
        "PASSWORD": read_secret(*secret),
        "CONN_MAX_AGE": 0,
        "CONN_HEALTH_CHECKS": True,
        # Behind PgBouncer the next statement may run in another session.
        "DISABLE_SERVER_SIDE_CURSORS": behind_pooler,
        "OPTIONS": {
            # What connects reads the password again; the one above is for `manage.py dbshell`.
            "password_file": str(secret_path(*secret)),
            **_connection_options(behind_pooler=behind_pooler),
            **({"pool": _pool_options()} if pooled else {}),
        },
    }


def _connection_options(*, behind_pooler: bool) -> dict[str, Any]:
    options: dict[str, Any] = {
        "sslmode": env_choice("DB_SSLMODE", "prefer", SSL_MODES),
        "connect_timeout": 3,
        "application_name": env_str("SERVICE_NAME", "backend"),
        # Notice a peer that vanished without a word within seconds instead of hours.
        "keepalives_idle": 30,
        "keepalives_interval": 5,
        "keepalives_count": 3,
        "tcp_user_timeout": 10_000,
    }
    if root_certificate := env_str("DB_SSLROOTCERT"):
        options["sslrootcert"] = root_certificate
    if not behind_pooler:  # PgBouncer refuses start-up options: set them on the role there
        timeouts = {
            "statement_timeout": env_int("DB_STATEMENT_TIMEOUT_MS", 15_000),
            "lock_timeout": env_int("DB_LOCK_TIMEOUT_MS", 5_000),
            "idle_in_transaction_session_timeout": env_int("DB_IDLE_TIMEOUT_MS", 30_000),
        }
        options["options"] = " ".join(f"-c {name}={value}" for name, value in timeouts.items())
    return options


def _pool_options() -> dict[str, Any]:
    minimum = env_int("DB_POOL_MIN", 1)
    maximum = env_int("DB_POOL_MAX", 4, minimum=1)
    if minimum > maximum:
        raise ConfigurationError(f"DB_POOL_MIN={minimum} is more than DB_POOL_MAX={maximum}.")
    return {
        "connection_class": PasswordFileConnection,
        "min_size": minimum,
        "max_size": maximum,
        # Longer than a hiccup, shorter than the proxy's patience: then the answer is a 503.
        "timeout": env_int("DB_POOL_TIMEOUT_SECONDS", 3, minimum=1),
        "max_idle": 300,
        "max_lifetime": 1800,
        "reconnect_timeout": 30,
    }
