"""Touches the worker's heartbeat file for as long as the broker answers."""

import logging
from typing import Any

from celery import bootsteps
from redis import Redis

from config.redis import FileCredentials
from service_kit.heartbeat import beat_heart, stop_heart

logger = logging.getLogger(__name__)

INTERVAL_SECONDS = 5.0
PING_TIMEOUT_SECONDS = 2.0


class BrokerHeartbeat(bootsteps.StartStopStep):
    """A step of the consumer: stopped when the connection is lost, started again with it.

    The timer runs in the worker's event loop, so a file that stays fresh proves that the loop turns
    and that the broker answered. The PING has a socket of its own: on the consumer's a BRPOP is
    always under way, and its channel must not be touched while Celery tears it down.
    """

    requires = ("celery.worker.consumer.tasks:Tasks",)

    def __init__(self, consumer: Any, **kwargs: Any) -> None:
        super().__init__(consumer, **kwargs)
        self._timer: Any = None
        self._client: Redis | None = None

    def start(self, consumer: Any) -> None:
        self._client = Redis.from_url(
            consumer.app.conf.broker_url.partition("?")[0],
            credential_provider=FileCredentials(),
            socket_timeout=PING_TIMEOUT_SECONDS,
            socket_connect_timeout=PING_TIMEOUT_SECONDS,
            retry=None,
        )
        self._beat()
        self._timer = consumer.timer.call_repeatedly(INTERVAL_SECONDS, self._beat)

    def stop(self, consumer: Any) -> None:
        stop_heart("worker")
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._client is not None:
            self._client.close()
            self._client = None

    shutdown = stop

    def _beat(self) -> None:
        if self._client is None:
            return
        try:
            self._client.ping()
        except Exception as error:  # noqa: BLE001 - whatever it was, the broker did not answer
            logger.warning("broker did not answer the heartbeat: %s", error)
            return
        beat_heart("worker")
