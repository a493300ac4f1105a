"""The beat scheduler, with a heartbeat."""

from typing import Any

from celery.beat import PersistentScheduler

from service_kit.heartbeat import beat_heart

MAX_INTERVAL_SECONDS = 5


class HeartbeatScheduler(PersistentScheduler):
    """Touches the heartbeat file after each tick; a tick that hangs lets it go stale."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs["max_interval"] = kwargs.get("max_interval") or MAX_INTERVAL_SECONDS
        super().__init__(*args, **kwargs)

    def tick(self, *args: Any, **kwargs: Any) -> float:
        delay: float = super().tick(*args, **kwargs)
        beat_heart("beat")
        return delay
