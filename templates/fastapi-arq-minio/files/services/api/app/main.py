"""The API."""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

from fastapi import APIRouter, FastAPI, Request
from starlette.responses import Response

from app.accounts.routes import router as accounts
from app.callers import Res
from app.files.jobs import process
from app.files.routes import router as files
from app.files.uploads import UploadSlots
from app.laptop import InlineQueue
from app.resources import open_resources
from app.storage import StorageFull, StorageUnavailable
from service_kit.api import LastSlash, tell_invalid_fields
from service_kit.database import DatabaseUnavailable
from service_kit.drain import DrainMiddleware
from service_kit.health import alive_response, collect_health, health_response
from service_kit.middleware import RequestLogMiddleware
from service_kit.problems import Problem, add_problem_handlers
from service_kit.rate_limit import RateLimitHeadersMiddleware

PREFIX = "/api/v1"

logger = logging.getLogger(__name__)


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    async with open_resources() as resources:
        app.state.resources = resources
        app.state.upload_slots = UploadSlots(resources.settings.upload_slots)
        if isinstance(resources.queue, InlineQueue):
            resources.queue.attach(lambda file_id: process(resources, UUID(file_id)))
        resources.stop.install()
        resources.events.listen()
        yield


health = APIRouter(prefix="/health", tags=["health"])


@health.get("/")
async def ready(resources: Res) -> Response:
    """Ready to serve: database, cache and storage answer."""
    checks = {
        "database": resources.database.check,
        "cache": resources.check_cache,
        "storage": resources.store.check,
    }
    return health_response(await collect_health(checks))


@health.get("/live/")
async def live() -> Response:
    return alive_response()


def create_app() -> FastAPI:
    app = FastAPI(
        title="Files",
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        openapi_url=f"{PREFIX}/openapi.json",
        redirect_slashes=False,
    )
    for router in (health, accounts, files):
        app.include_router(router, prefix=PREFIX)
    add_problem_handlers(app, {DatabaseUnavailable: "database", StorageUnavailable: "storage"})
    app.add_exception_handler(StorageFull, _storage_full)
    tell_invalid_fields(app)
    # The last one is the outermost.
    app.add_middleware(RateLimitHeadersMiddleware)
    app.add_middleware(LastSlash, routes=app.router.routes)
    app.add_middleware(RequestLogMiddleware)
    app.add_middleware(DrainMiddleware)
    return app


async def _storage_full(request: Request, error: Exception) -> Response:
    logger.error("storage is full: %s", error)
    return Problem(507, "storage_full", "There is no room left for this file.").response()


app = create_app()
