"""What a process holds open, and closes at its end."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from redis.asyncio import Redis

from app.events import Events
from app.folder_store import FolderStore
from app.laptop import InlineQueue
from app.models import Session, User
from app.queue import ArqQueue, Queue, arq_redis
from app.settings import Settings, settings
from app.storage import Store, open_store
from service_kit.accounts import Accounts
from service_kit.environment import env_str
from service_kit.rate_limit import Counter, LocalCounter, RateLimits, RedisCounter
from service_kit.redis_client import redis_configured, redis_pool
from service_kit.rows import Database, open_database
from service_kit.stop import StopSignal

CACHE_DATABASE = 1
# Budgets and events are optional: a visitor does not wait long for them.
CACHE_TIMEOUT_SECONDS = 1.0


@dataclass(slots=True)
class Resources:
    settings: Settings
    database: Database
    accounts: Accounts[User]
    store: Store
    queue: Queue
    cache: Redis | None
    events: Events
    limits: RateLimits
    stop: StopSignal

    async def check_cache(self) -> None:
        # A write, because a full or read-only Redis still answers a PING.
        if self.cache is not None:
            await self.cache.set("health", "1", ex=30)


def choose_store(chosen: Settings) -> Store:
    if env_str("S3_HOST") or chosen.production:
        return open_store()
    return FolderStore(chosen.data_directory / "objects")


@asynccontextmanager
async def open_resources() -> AsyncIterator[Resources]:
    chosen = settings()
    async with AsyncExitStack() as stack:
        database = open_database(production=chosen.production, folder=chosen.data_directory)
        stack.push_async_callback(database.close)
        store = choose_store(chosen)
        stack.push_async_callback(store.close)
        cache: Redis | None = None
        queue: Queue
        if redis_configured(production=chosen.production):
            cache = Redis(connection_pool=redis_pool(CACHE_DATABASE, timeout=CACHE_TIMEOUT_SECONDS))
            stack.push_async_callback(cache.aclose, close_connection_pool=True)
            queue = ArqQueue(arq_redis())
        else:
            queue = InlineQueue()
        stack.push_async_callback(queue.close)
        events = Events(cache)
        stack.push_async_callback(events.close)
        counter: Counter = LocalCounter() if cache is None else RedisCounter(cache)
        opened = Resources(
            settings=chosen,
            database=database,
            accounts=Accounts(database, User, Session),
            store=store,
            queue=queue,
            cache=cache,
            events=events,
            limits=RateLimits(counter, chosen.rate_limits),
            stop=StopSignal(),
        )
        yield opened
