"""Runs jobs and cron jobs: `python -m app.worker`. What the application knows of ARQ's worker.

A job is in the queue until it is done, so a worker that is killed loses none. SIGTERM: no new
jobs; those under way have WORKER_GRACE_SECONDS, then they go back.
"""

import asyncio
import json
import logging
import logging.config
import signal
import time
from collections.abc import Awaitable, Callable
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID

from arq import Retry, cron, func
from arq.utils import poll
from arq.worker import Worker
from redis.exceptions import RedisError

from app.files import rows
from app.files.jobs import process
from app.files.sweep import sweep
from app.queue import arq_redis, serialise
from app.resources import Resources, open_resources
from app.settings import settings
from app.storage import StorageUnavailable
from service_kit.database import DatabaseUnavailable
from service_kit.environment import env_int
from service_kit.heartbeat import beat_heart, stop_heart
from service_kit.request_id import accept_or_make, set_request_id
from service_kit.serve import log_settings

logger = logging.getLogger("app.job")

MAX_TRIES = 8
RECONNECT_SECONDS = 2.0

type Context = dict[str, Any]


def backoff(attempt: int) -> int:
    """Seconds: 2, 4, 8, … but a minute at most."""
    return min(60, 1 << min(attempt, 6))


async def run_logged(name: str, context: Context, work: Callable[[], Awaitable[object]]) -> None:
    """One line a job. What does not answer now is asked again later, ever more slowly."""
    started = time.perf_counter()
    outcome: object = "failed"
    try:
        outcome = await work()
    except (DatabaseUnavailable, StorageUnavailable) as error:
        wait = backoff(context["job_try"])
        outcome = "again later"
        logger.warning("%s: %s. Again in %d s.", name, error, wait)
        raise Retry(defer=wait) from None
    except asyncio.CancelledError:
        outcome = "back into the queue"
        raise
    finally:
        logger.info(
            "job %s %s",
            name,
            outcome or "done",
            extra={
                "job": name,
                "job_id": context["job_id"],
                "attempt": context["job_try"],
                "duration_ms": round((time.perf_counter() - started) * 1000, 1),
            },
        )
        set_request_id(None)


async def process_file(context: Context, file_id: str, request_id: str = "") -> None:
    set_request_id(accept_or_make(request_id))
    resources: Resources = context["resources"]
    pause = timedelta(seconds=backoff(context["job_try"]))
    await run_logged(rows.JOB, context, partial(process, resources, UUID(file_id), pause))


async def sweep_files(context: Context) -> None:
    set_request_id(accept_or_make(None))
    await run_logged("sweep_files", context, partial(sweep, context["resources"]))


class QueueWorker(Worker):
    """ARQ's, without the INFO of Redis (which our user of it may not ask for), with a heartbeat."""

    async def main(self) -> None:
        self.ctx["redis"] = self.pool
        async for _ in poll(self.poll_delay_s):
            await self._poll_iteration()
            # The loop turns and Redis answered: record_health asks it every few seconds.
            beat_heart("worker")


def make_worker(resources: Resources) -> QueueWorker:
    # ARQ's type of a job does not know jobs with arguments of their own.
    job: Any = process_file
    regularly: Any = sweep_files
    return QueueWorker(
        functions=[func(job, name=rows.JOB, max_tries=MAX_TRIES)],
        # In one of the workers only, also when two versions of them run.
        cron_jobs=[cron(regularly, second={5, 25, 45}, unique=True, max_tries=1, timeout=300)],
        redis_pool=arq_redis(),
        ctx={"resources": resources},
        handle_signals=False,
        max_jobs=settings().worker_concurrency,
        job_timeout=settings().job_timeout_seconds,
        # Results are rows.
        keep_result=0,
        health_check_interval=5,
        job_serializer=serialise,
        job_deserializer=json.loads,
        log_results=False,
    )


async def work(resources: Resources, stop: asyncio.Event) -> None:
    """Until `stop`. A Redis that goes away ends ARQ's worker; then there is another one."""
    while not stop.is_set():
        worker = make_worker(resources)
        working = asyncio.create_task(worker.async_run())
        stopping = asyncio.create_task(stop.wait())
        await asyncio.wait({working, stopping}, return_when=asyncio.FIRST_COMPLETED)
        stopping.cancel()
        if not working.done():
            await _finish_jobs(worker)
        await _close(worker, working)
        stop_heart("worker")
        if not stop.is_set():
            await asyncio.sleep(RECONNECT_SECONDS)


async def _finish_jobs(worker: Worker) -> None:
    worker.allow_pick_jobs = False
    grace = env_int("WORKER_GRACE_SECONDS", 40)
    logger.info("stopping: %d jobs have %d s to finish", len(worker.tasks), grace)
    if worker.tasks:
        await asyncio.wait(list(worker.tasks.values()), timeout=grace)


async def _close(worker: Worker, working: asyncio.Task[None]) -> None:
    try:
        await worker.close()  # cancels what still runs; it goes back into the queue
    except (RedisError, OSError, asyncio.CancelledError) as error:
        logger.warning("queue not left in order, its jobs come again: %s", error)
    (outcome,) = await asyncio.gather(working, return_exceptions=True)
    if isinstance(outcome, RedisError | OSError):
        logger.warning("the queue does not answer, trying again: %s", outcome)
    elif isinstance(outcome, Exception):
        raise outcome


async def main() -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    async with open_resources() as resources:
        await work(resources, stop)


if __name__ == "__main__":
    logging.config.dictConfig(log_settings())
    asyncio.run(main())
