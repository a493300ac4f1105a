"""The API."""

import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from uuid import UUID

from fastapi import APIRouter, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.responses import Response
from starlette.routing import BaseRoute, Match
from starlette.types import ASGIApp, Receive, Scope, Send

from app.accounts.routes import router as accounts
from app.callers import Res
from app.files.jobs import process
from app.files.routes import router as files
from app.files.uploads import UploadSlots
from app.laptop import InlineQueue
from app.resources import open_resources
from app.storage import StorageFull, StorageUnavailable
from service_kit.database import DatabaseUnavailable
from service_kit.drain import DrainMiddleware
from service_kit.health import alive_response, collect_health, health_response
from service_kit.middleware import RequestLogMiddleware
from service_kit.problems import Problem, add_problem_handlers, invalid
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
    app.add_exception_handler(RequestValidationError, _invalid_fields)
    # The last one is the outermost.
    app.add_middleware(RateLimitHeadersMiddleware)
    app.add_middleware(LastSlash, routes=app.router.routes)
    app.add_middleware(RequestLogMiddleware)
    app.add_middleware(DrainMiddleware)
    return app


class LastSlash:
    """With or without it: a redirect would make a client repeat its upload."""

    def __init__(self, app: ASGIApp, routes: Sequence[BaseRoute]) -> None:
        self._app = app
        self._routes = routes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and not scope["path"].endswith("/"):
            with_it = f"{scope['path']}/"
            if not self._known(scope) and self._known({**scope, "path": with_it}):
                # In place: who writes the log and the metrics looks at it afterwards.
                scope["path"] = with_it
        await self._app(scope, receive, send)

    def _known(self, scope: Scope) -> bool:
        return any(route.matches(scope)[0] is not Match.NONE for route in self._routes)


async def _storage_full(request: Request, error: Exception) -> Response:
    logger.error("storage is full: %s", error)
    return Problem(507, "storage_full", "There is no room left for this file.").response()


async def _invalid_fields(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101 - registered for it above
    fields: dict[str, list[str]] = {}
    for one in error.errors():
        # ("body", "email"): where it is, then its name. A body that is no JSON has no name.
        name = str(one["loc"][1]) if len(one["loc"]) > 1 and one["type"] != "json_invalid" else ""
        fields.setdefault(name or "non_field_errors", []).append(one["msg"])
    return invalid(fields).response()


app = create_app()
