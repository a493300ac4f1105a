"""Is the database there, is the cache there: each answer within a deadline."""

import logging
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

from django.core.cache import caches
from django.db import connections

logger = logging.getLogger(__name__)

DEADLINE_SECONDS = 2.0

# A server that accepts connections and then says nothing would hold the caller for ever, so the
# checks run on threads of their own. When all of them hang, a new check times out in the queue.
_threads = ThreadPoolExecutor(max_workers=4, thread_name_prefix="health")


def check_database() -> None:
    connection = connections["default"]
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
            cursor.fetchone()
    finally:
        connection.close()


def check_cache() -> None:
    # A write, because a full or read-only Redis still answers a PING.
    cache = caches["default"]
    key = f"health:{os.getpid()}"
    value = uuid4().hex
    cache.set(key, value, timeout=30)
    if cache.get(key) != value:
        raise RuntimeError("the cache did not return what was written")


def collect_health() -> dict[str, str]:
    """Runs the checks side by side and says "ok", "failed" or "timeout" of each."""
    checks: dict[str, Callable[[], None]] = {"database": check_database, "cache": check_cache}
    running = {name: _threads.submit(check) for name, check in checks.items()}
    result = {}
    for name, future in running.items():
        try:
            future.result(timeout=DEADLINE_SECONDS)
            result[name] = "ok"
        except TimeoutError:
            future.cancel()
            result[name] = "timeout"
        except Exception as error:  # noqa: BLE001 - every failure of a check means the same
            # The reason goes to the log: host names and drivers' messages are not for clients.
            logger.warning("health check of the %s failed: %s", name, error)
            result[name] = "failed"
    return result
