"""Settings, from the environment alone."""

from dataclasses import dataclass
from functools import cache

from service_kit.environment import env_bool, env_choice, env_list, env_rate, env_str

PROVIDERS = ("test", "stripe")


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    production: bool
    https: bool
    currency: str
    provider: str
    ai_services: tuple[str, ...]
    rate_limits: dict[str, tuple[int, int]]

    @property
    def session_cookie(self) -> str:
        # Browsers accept a __Host- cookie only over HTTPS, for this host and the whole path.
        return "__Host-sessionid" if self.https else "sessionid"


@cache
def settings() -> Settings:
    production = env_choice("APP_ENV", "development", ("production", "development")) == "production"
    return Settings(
        production=production,
        https=env_bool("HTTPS", default=production),
        currency=env_str("CURRENCY", "EUR"),
        provider=env_choice("PAYMENT_PROVIDER", "test", PROVIDERS),
        ai_services=tuple(env_list("AI_SERVICES")),
        rate_limits={
            "api": env_rate("RATE_LIMIT_API", "100/min"),
            "auth": env_rate("RATE_LIMIT_AUTH", "10/min"),
        },
    )
