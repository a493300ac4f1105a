"""Settings, from the environment alone."""

from dataclasses import dataclass
from functools import cache

from service_kit.environment import env_int


@dataclass(frozen=True, slots=True)
class Settings:
    refresh_seconds: int


@cache
def settings() -> Settings:
    return Settings(env_int("REFRESH_SECONDS", 30, minimum=1))
