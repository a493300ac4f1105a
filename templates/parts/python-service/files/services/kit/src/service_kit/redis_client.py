"""Redis with the ACL user of the applications, over TLS when there is a CA."""

from pathlib import Path
from typing import Any

from redis.asyncio import ConnectionPool, SSLConnection
from redis.credentials import CredentialProvider

from service_kit.environment import (
    ConfigurationError,
    env_bool,
    env_int,
    env_str,
    read_secret,
    secret_path,
    secret_values,
)

CONNECT_SECONDS = 3.0
PASSWORD = ("REDIS_PASSWORD_FILE", "redis_password")


class FileCredentials(CredentialProvider):
    """Asked at each new connection, so a password that is rotated needs no restart."""

    def get_credentials(self) -> tuple[str, str]:
        return env_str("REDIS_USER", "app"), secret_values(secret_path(*PASSWORD))[0]

    async def get_credentials_async(self) -> tuple[str, str]:
        return self.get_credentials()


def redis_configured(*, production: bool) -> bool:
    host = env_str("REDIS_HOST")
    if not host and production:
        raise ConfigurationError("REDIS_HOST is not set: name the Redis server, or say none.")
    return host not in ("", "none")


def redis_pool(database: int, *, timeout: float) -> ConnectionPool:
    """A bounded pool. `timeout` is for each answer, in seconds."""
    read_secret(*PASSWORD)  # a missing file ends the process now, not at the first connection
    tls: dict[str, Any] = {}
    if env_bool("REDIS_TLS", default=False):
        tls = {
            "connection_class": SSLConnection,
            "ssl_ca_certs": _existing("REDIS_CA_FILE"),
            "ssl_cert_reqs": "required",
            "ssl_check_hostname": True,
        }
    return ConnectionPool(
        host=env_str("REDIS_HOST"),
        port=env_int("REDIS_PORT", 6379, minimum=1),
        db=database,
        credential_provider=FileCredentials(),
        # A new connection is a handshake with certificates: on a busy machine slow, not wrong.
        socket_connect_timeout=max(timeout, CONNECT_SECONDS),
        socket_timeout=timeout,
        socket_keepalive=True,
        health_check_interval=15,
        max_connections=env_int("REDIS_POOL_MAX", 20, minimum=2),
        **tls,
    )


def _existing(variable: str) -> str:
    path = env_str(variable)
    if not path or not Path(path).is_file():
        raise ConfigurationError(
            f"{variable}={path!r} is no file: TLS needs the CA. "
            "Run `ops/tls` in the project directory."
        )
    return path
