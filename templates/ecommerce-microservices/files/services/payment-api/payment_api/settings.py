"""Settings, from the environment alone. With none at all the built-in test provider answers."""

from dataclasses import dataclass
from functools import cache

from service_kit.environment import ConfigurationError, env_choice, env_str, read_secret

PROVIDERS = ("test", "stripe")
SECRET_KEY = ("STRIPE_SECRET_KEY_FILE", "stripe_secret_key")
WEBHOOK_SECRET = ("STRIPE_WEBHOOK_SECRET_FILE", "stripe_webhook_secret")


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    provider: str
    stripe_url: str


@cache
def settings() -> Settings:
    chosen = Settings(
        provider=env_choice("PAYMENT_PROVIDER", "test", PROVIDERS),
        stripe_url=env_str("STRIPE_API_URL", "https://api.stripe.com"),
    )
    if chosen.provider == "stripe":
        # Missing files end the process now, not at the first charge.
        read_secret(*SECRET_KEY)
        read_secret(*WEBHOOK_SECRET)
        if not chosen.stripe_url.startswith(("https://", "http://127.0.0.1:")):
            raise ConfigurationError("STRIPE_API_URL must be https: money is spoken of there.")
    return chosen
