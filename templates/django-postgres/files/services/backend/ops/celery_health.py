"""Touches the worker's heartbeat file for as long as the broker answers."""

import logging
from typing import Any

from celery import bootsteps

from ops.heartbeat import beat_heart, stop_heart

logger = logging.getLogger(__name__)

INTERVAL_SECONDS = 5.0


class BrokerHeartbeat(bootsteps.StartStopStep):
    """A step of the consumer: stopped when the connection is lost, started again with it.

    The timer runs in the worker's event loop, so a file that stays fresh proves that the loop turns
    and that the broker replied to a PING within its socket timeout.
    """

    requires = ("celery.worker.consumer.tasks:Tasks",)

    def __init__(self, consumer: Any, **kwargs: Any) -> None:
        super().__init__(consumer, **kwargs)
        self._timer: Any = None

    def start(self, consumer: Any) -> None:
        self._beat(consumer)
        self._timer = consumer.timer.call_repeatedly(INTERVAL_SECONDS, self._beat, (consumer,))

    def stop(self, consumer: Any) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        stop_heart("worker")

    shutdown = stop

    def _beat(self, consumer: Any) -> None:
        try:
            # Not `channel.client`: a BRPOP is always under way on its socket, and the two replies
            # would be mistaken for each other.
            with consumer.connection.default_channel.conn_or_acquire() as client:
                client.ping()
        except Exception as error:  # noqa: BLE001 - whatever it was, the broker did not answer
            logger.warning("broker did not answer the heartbeat: %s", error)
            return
        beat_heart("worker")
