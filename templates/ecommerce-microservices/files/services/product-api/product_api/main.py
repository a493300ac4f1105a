"""The catalogue, and the truth about stock."""

import asyncio
import logging
import random
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress

from fastapi import FastAPI, Request

from product_api import stock
from product_api.routes import router
from product_api.settings import settings
from service_kit.database import DatabaseUnavailable
from service_kit.health import Check
from service_kit.rows import Database, open_database
from shop.app import make_app

logger = logging.getLogger(__name__)


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    chosen = settings()
    database = open_database(production=chosen.production, folder=chosen.data_directory)
    app.state.database = database
    clock = asyncio.create_task(watch_the_clock(database))
    try:
        yield
    finally:
        clock.cancel()
        with suppress(asyncio.CancelledError):
            await clock
        await database.close()


async def watch_the_clock(database: Database) -> None:
    """In every process: giving back twice is giving back once."""
    while True:
        # Not all processes in the same moment.
        await asyncio.sleep(settings().expiry_pause_seconds * random.uniform(0.5, 1.5))  # noqa: S311
        try:
            if expired := await stock.expire(database):
                logger.warning("%d reservations expired, their stock is back", expired)
        except DatabaseUnavailable as error:
            logger.warning("expired reservations wait for the database: %s", error)
        except Exception:
            logger.exception("expired reservations were not given back")


def checks(request: Request) -> Mapping[str, Check]:
    return {"database": request.app.state.database.check}


app = make_app("product-api", lifespan, checks, [router])
