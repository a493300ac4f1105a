"""What the applications of all services of the shop are made of."""

import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from fastapi import APIRouter, FastAPI, Request
from starlette.responses import Response

from service_kit.api import LastSlash, tell_invalid_fields
from service_kit.database import DatabaseUnavailable
from service_kit.drain import DrainMiddleware
from service_kit.health import Check, alive_response, collect_health, health_response
from service_kit.middleware import RequestLogMiddleware
from service_kit.problems import Problem, add_problem_handlers
from shop.calls import PeerRefused, PeerUnavailable

logger = logging.getLogger(__name__)

type Checks = Callable[[Request], Mapping[str, Check]]


def make_app(
    service: str,
    lifespan: Any,
    checks: Checks,
    routers: Sequence[APIRouter],
    *,
    openapi_url: str | None = None,
    middleware: Sequence[tuple[Any, dict[str, Any]]] = (),
    before_routing: Sequence[tuple[Any, dict[str, Any]]] = (),
) -> FastAPI:
    app = FastAPI(
        title=service,
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        openapi_url=openapi_url,
        redirect_slashes=False,
    )
    # Not from the environment: whose tokens it takes is not a matter of configuration.
    app.state.service = service
    for router in (_health(checks), *routers):
        app.include_router(router)
    add_problem_handlers(app, {DatabaseUnavailable: "database", PeerUnavailable: "service behind"})
    app.add_exception_handler(PeerRefused, _pass_refusal_on)
    tell_invalid_fields(app)
    # The last one is the outermost.
    for kind, options in middleware:
        app.add_middleware(kind, **options)
    app.add_middleware(LastSlash, routes=app.router.routes)
    for kind, options in before_routing:
        app.add_middleware(kind, **options)
    app.add_middleware(RequestLogMiddleware)
    app.add_middleware(DrainMiddleware)
    return app


def _health(checks: Checks) -> APIRouter:
    router = APIRouter(tags=["health"])

    async def ready(request: Request) -> Response:
        return health_response(await collect_health(checks(request)))

    async def live() -> Response:
        return alive_response()

    routes: tuple[tuple[str, Callable[..., Awaitable[Response]]], ...] = (
        ("/api/v1/health/", ready),
        ("/api/v1/health/live/", live),
        ("/health", ready),  # the address in the documents of this architecture
    )
    for path, answer in routes:
        router.add_api_route(path, answer, methods=["GET"], include_in_schema=path != "/health")
    return router


async def _pass_refusal_on(_: Request, error: Exception) -> Response:
    """What a service behind refused is refused here, in its own words."""
    assert isinstance(error, PeerRefused)  # noqa: S101 - registered for it above
    if error.status in (401, 403) and error.code in ("service_not_authenticated", "error"):
        # Ours to mend, and nothing that a client could: it has shown a login, or needs none.
        logger.error("%s", error)
        return Problem(
            503, "service_unavailable", "A service does not answer. Try again shortly."
        ).response()
    known = ("type", "title", "status", "detail", "code", "request_id")
    members = {name: value for name, value in error.body.items() if name not in known}
    detail = str(error.body.get("detail", "It was refused."))
    return Problem(error.status, error.code, detail, **members).response()
