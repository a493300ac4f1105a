"""Settings of all processes, from the environment alone.

With no environment at all this is a laptop: SQLite, a folder of files, jobs run at once.
"""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from service_kit.environment import (
    ConfigurationError,
    env_bool,
    env_choice,
    env_int,
    env_list,
    env_rate,
    env_str,
    read_secret,
    secret_path,
)

GIB = 1024**3


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    production: bool
    version: str
    https: bool
    hosts: tuple[str, ...]
    session_seconds: int
    link_key_file: Path | None
    link_seconds: int
    upload_max_bytes: int
    upload_slots: int
    upload_idle_seconds: int
    requeue_after_seconds: int
    job_timeout_seconds: int
    worker_concurrency: int
    rate_limits: dict[str, tuple[int, int]]
    data_directory: Path

    @property
    def session_cookie(self) -> str:
        # Browsers accept a __Host- cookie only over HTTPS, for this host and the whole path.
        return "__Host-sessionid" if self.https else "sessionid"


@cache
def settings() -> Settings:
    production = env_choice("APP_ENV", "development", ("production", "development")) == "production"
    link_key: Path | None = None
    if env_str("LINK_KEY_FILE"):
        link_key = secret_path("LINK_KEY_FILE", "link_signing_key")
    return Settings(
        production=production,
        version=env_str("APP_VERSION", "dev"),
        https=env_bool("HTTPS", default=production),
        hosts=tuple(env_list("DOMAIN", "localhost")),
        session_seconds=env_int("SESSION_SECONDS", 14 * 24 * 3600, minimum=60),
        link_key_file=link_key,
        link_seconds=env_int("LINK_SECONDS", 600, minimum=1),
        upload_max_bytes=env_int("UPLOAD_MAX_BYTES", GIB, minimum=1),
        upload_slots=env_int("UPLOAD_SLOTS", 3, minimum=1),
        upload_idle_seconds=env_int("UPLOAD_IDLE_SECONDS", 900, minimum=60),
        requeue_after_seconds=env_int("REQUEUE_AFTER_SECONDS", 30, minimum=1),
        job_timeout_seconds=env_int("JOB_TIMEOUT_SECONDS", 900, minimum=1),
        worker_concurrency=env_int("WORKER_CONCURRENCY", 4, minimum=1),
        rate_limits={
            "api": env_rate("RATE_LIMIT_API", "100/min"),
            "auth": env_rate("RATE_LIMIT_AUTH", "10/min"),
            "upload": env_rate("RATE_LIMIT_UPLOADS", "100/min"),
        },
        data_directory=Path(env_str("DATA_DIRECTORY", "data")),
    )


def check_settings() -> None:
    """Of the API: everything that it cannot do without is there, or one line says what is not."""
    if settings().production and settings().link_key_file is None:
        raise ConfigurationError(
            "LINK_KEY_FILE is not set: name the secret file that signs download links."
        )
    if settings().link_key_file is not None:
        # The API alone signs and checks links: who has no use for the key is not given the file.
        read_secret("LINK_KEY_FILE", "link_signing_key")
