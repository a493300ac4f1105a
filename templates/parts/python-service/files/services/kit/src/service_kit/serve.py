"""Runs an ASGI application under uvicorn, configured by the environment."""

import logging.config
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import uvicorn
from uvicorn.supervisors import ChangeReload, Multiprocess

from service_kit.environment import ConfigurationError, env_bool, env_choice, env_int, env_str
from service_kit.json_logs import logging_config
from service_kit.metrics import prepare_metrics, serve_metrics

LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
LOGGERS: dict[str, dict[str, Any]] = {
    "uvicorn": {"handlers": [], "propagate": True},
    "uvicorn.error": {"level": "INFO"},
    # service_kit.middleware writes the request line, and knows id and user.
    "uvicorn.access": {"handlers": [], "propagate": False, "level": "CRITICAL"},
    "arq": {"handlers": [], "propagate": True, "level": "WARNING"},
    "asyncio": {"level": "WARNING"},
    "botocore": {"level": "WARNING"},
    "aiobotocore": {"level": "WARNING"},
    # Whoever is called writes the line of each request; twice is noise.
    "httpx": {"level": "WARNING"},
    "sqlalchemy": {"level": "WARNING"},
    "alembic": {"level": "INFO"},
}


def log_settings() -> dict[str, Any]:
    level = env_choice("LOG_LEVEL", "INFO", LEVELS)
    # uvicorn repeats its message with colours in an attribute.
    return logging_config(level, LOGGERS, omit=["color_message"])


def serve(application: str, check_settings: Callable[[], object]) -> None:
    """Serves `module:app` until SIGTERM, then lets running requests end."""
    settings = log_settings()
    logging.config.dictConfig(settings)
    reload = env_bool("DEBUG", default=False)
    if reload and env_str("APP_ENV") == "production":
        raise ConfigurationError("DEBUG=true is for development: not with APP_ENV=production.")
    check_settings()  # here, or each process that replaces another would fail anew
    config = uvicorn.Config(
        application,
        workers=env_int("WEB_CONCURRENCY", 2, minimum=1),
        reload=reload,
        # The service, and this library.
        reload_dirs=[str(Path.cwd()), str(Path(__file__).parent)] if reload else None,
        log_config=settings,
        access_log=False,
        server_header=False,
        # service_kit.client_ip reads the header itself, and knows how far to believe it.
        proxy_headers=False,
        # Longer than nginx keeps an idle upstream connection (30 s): nginx is always the one to
        # close it.
        timeout_keep_alive=75,
        # A busy machine is slow, not wrong: the default kills a process that starts for 5 s. What
        # hangs is seen by the health check of the container.
        timeout_worker_healthcheck=120,
        timeout_graceful_shutdown=env_int("GRACEFUL_TIMEOUT", 30, minimum=1),
    )
    sockets = _listen()
    if reload:
        ChangeReload(config, sockets=sockets, target=uvicorn.Server(config).run).run()
        return
    prepare_metrics()
    serve_metrics()
    # For one process as well: this one shows the figures, also when that one is busy.
    Multiprocess(config, sockets=sockets).run()


def _listen() -> list[socket.socket]:
    port = env_int("PORT", 8000, minimum=1)
    wanted = env_str("LISTEN_HOST", "127.0.0.1").split(",")
    # A name such as api.app resolves on one network only, so the port is closed on all others.
    hosts = wanted if wanted == ["0.0.0.0"] else sorted({"127.0.0.1", *wanted})  # noqa: S104
    try:
        return [_socket(host, port) for host in hosts]
    except OSError as error:
        raise ConfigurationError(f"Cannot listen on {', '.join(hosts)}:{port}: {error}") from None


def _socket(host: str, port: int) -> socket.socket:
    listening = socket.socket()
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listening.bind((host, port))
    listening.set_inheritable(True)
    return listening
