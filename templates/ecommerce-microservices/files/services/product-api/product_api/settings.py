"""Settings, from the environment alone. With none at all this is a laptop: SQLite."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from service_kit.environment import env_choice, env_int, env_str


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    production: bool
    currency: str
    reservation_seconds: int
    expiry_pause_seconds: int
    data_directory: Path


@cache
def settings() -> Settings:
    production = env_choice("APP_ENV", "development", ("production", "development")) == "production"
    return Settings(
        production=production,
        currency=env_str("CURRENCY", "EUR"),
        # Longer than an order may be on its way (ORDER_GIVE_UP_SECONDS of order-api): one that
        # comes to its end later finds its stock only if nobody else took it.
        reservation_seconds=env_int("RESERVATION_SECONDS", 900, minimum=1),
        expiry_pause_seconds=env_int("EXPIRY_PAUSE_SECONDS", 5, minimum=1),
        data_directory=Path(env_str("DATA_DIRECTORY", "data")),
    )
