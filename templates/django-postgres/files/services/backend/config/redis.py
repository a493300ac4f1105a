"""Redis as cache and as broker, both with the ACL user of the applications."""

from typing import Any

from redis import CredentialProvider
from redis.backoff import NoBackoff
from redis.retry import Retry

from service_kit.environment import (
    ConfigurationError,
    env_int,
    env_str,
    read_secret,
    secret_path,
    secret_values,
)

CACHE_TIMEOUT_SECONDS = 0.5
PASSWORD = ("REDIS_PASSWORD_FILE", "redis_password")

BROKER_TRANSPORT_OPTIONS = {
    # Must outlast the longest task, or it is handed to a second worker while the first still runs.
    "visibility_timeout": 300,
    "socket_connect_timeout": 2,
    "socket_timeout": 3,
    "socket_keepalive": True,
    "health_check_interval": 10,
}


class FileCredentials(CredentialProvider):
    """Asked at each new connection, so a password that is rotated needs no restart."""

    def get_credentials(self) -> tuple[str, str]:
        return env_str("REDIS_USER", "app"), secret_values(secret_path(*PASSWORD))[0]


def redis_url(database: int, *, production: bool) -> str | None:
    host = env_str("REDIS_HOST")
    if not host:
        if production:
            raise ConfigurationError("REDIS_HOST is not set: name the Redis server, or say none.")
        return None
    if host == "none":  # migrate: it has neither a route to Redis nor a password for it
        return None
    read_secret(*PASSWORD)  # a missing file ends the process now, not at the first connection
    return f"redis://{host}:{env_int('REDIS_PORT', 6379, minimum=1)}/{database}"


def broker_url(*, production: bool) -> str | None:
    url = redis_url(0, production=production)
    return url and f"{url}?credential_provider={__name__}.{FileCredentials.__name__}"


def cache_settings(*, production: bool) -> dict[str, Any]:
    url = redis_url(1, production=production)
    if url is None:
        return {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
    return {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": url,
        "KEY_PREFIX": "app",
        "OPTIONS": {
            "socket_connect_timeout": CACHE_TIMEOUT_SECONDS,
            "socket_timeout": CACHE_TIMEOUT_SECONDS,
            # redis-py would sleep between retries while a visitor waits for an optional answer.
            "retry": Retry(NoBackoff(), 0),
            "credential_provider": FileCredentials(),
            "health_check_interval": 15,
            "max_connections": 50,
        },
    }
