"""Settings, from the environment alone. With none at all this is a laptop: SQLite."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from service_kit.environment import env_choice, env_int, env_str

PROVIDERS = ("test", "stripe")


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    production: bool
    currency: str
    provider: str
    session_seconds: int
    wait_seconds: int
    give_up_seconds: int
    lease_seconds: int
    sagas_at_once: int
    data_directory: Path


@cache
def settings() -> Settings:
    production = env_choice("APP_ENV", "development", ("production", "development")) == "production"
    return Settings(
        production=production,
        currency=env_str("CURRENCY", "EUR"),
        provider=env_choice("PAYMENT_PROVIDER", "test", PROVIDERS),
        session_seconds=env_int("SESSION_SECONDS", 14 * 24 * 3600, minimum=60),
        # How long a customer waits for the end of an order; then the page asks again.
        wait_seconds=env_int("ORDER_WAIT_SECONDS", 10, minimum=1),
        # How long money may be uncertain; then it is given back and the order cancelled.
        give_up_seconds=env_int("ORDER_GIVE_UP_SECONDS", 600, minimum=1),
        # How long an order waits for a process that may have died with it.
        lease_seconds=env_int("SAGA_LEASE_SECONDS", 30, minimum=1),
        # More than a process can work at only wait for each other, until all of them are too late.
        sagas_at_once=env_int("SAGAS_AT_ONCE", 8, minimum=1),
        data_directory=Path(env_str("DATA_DIRECTORY", "data")),
    )
