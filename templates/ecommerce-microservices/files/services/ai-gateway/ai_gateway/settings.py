"""Settings, from the environment alone."""

import re
from dataclasses import dataclass
from functools import cache

from service_kit.environment import ConfigurationError, env_list

_NAME = re.compile(r"[a-z][a-z0-9-]{1,30}")


@dataclass(frozen=True, slots=True)
class Settings:
    services: tuple[str, ...]


@cache
def settings() -> Settings:
    services = tuple(env_list("AI_SERVICES", "recommendation,search"))
    for name in services:
        if not _NAME.fullmatch(name):
            raise ConfigurationError(f"AI_SERVICES: {name!r} is no name of a service.")
    return Settings(services)
