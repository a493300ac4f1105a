"""What the world may call: accounts, catalogue, orders."""

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

from fastapi import APIRouter, FastAPI, Request
from redis.asyncio import Redis
from starlette.types import ASGIApp, Receive, Scope, Send

from api_gateway.accounts import router as accounts
from api_gateway.admission import CHECKOUTS_AT_ONCE, Admission
from api_gateway.callers import Anybody, Res, Resources, Sessions
from api_gateway.orders import router as orders
from api_gateway.products import router as products
from api_gateway.relay import router as relay
from api_gateway.settings import settings
from service_kit.health import Check
from service_kit.rate_limit import (
    Counter,
    LocalCounter,
    RateLimitHeadersMiddleware,
    RateLimits,
    RedisCounter,
)
from service_kit.redis_client import redis_configured, redis_pool
from shop.app import make_app
from shop.calls import Peer, open_client
from shop.contracts import MAX_LINES, MAX_QUANTITY

PREFIX = "/api/v1"
SERVICE = "api-gateway"
TOKENS = {
    "tok_ok": "A card that works",
    "tok_declined": "A card that is declined",
    "tok_insufficient_funds": "A card without enough money",
    "tok_slow": "A card that takes two seconds",
    "tok_timeout": "A card whose first answer gets lost",
    "tok_error": "A card that fails once",
}


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    chosen = settings()
    async with AsyncExitStack() as stack:
        client = await stack.enter_async_context(open_client("PRODUCT", "ORDER"))
        held = await stack.enter_async_context(open_client("ORDER"))
        to_products, to_orders = (SERVICE, "product-api"), (SERVICE, "order-api")
        order_api = Peer(client, to_orders, "ORDER", 8002)
        # One process counts for itself; several need a place where they meet.
        counter: Counter = LocalCounter()
        if redis_configured(production=False):
            cache = Redis(connection_pool=redis_pool(1, timeout=1.0))
            stack.push_async_callback(cache.aclose, close_connection_pool=True)
            counter = RedisCounter(cache)
        app.state.resources = Resources(
            settings=chosen,
            products=Peer(client, to_products, "PRODUCT", 8001),
            orders=order_api,
            checkouts=Peer(held, to_orders, "ORDER", 8002, at_once=CHECKOUTS_AT_ONCE),
            relayed={
                "product-api": Peer(client, to_products, "PRODUCT", 8001),
                "order-api": Peer(client, to_orders, "ORDER", 8002),
            },
            limits=RateLimits(counter, chosen.rate_limits),
            sessions=Sessions(order_api),
        )
        yield


def checks(request: Request) -> Mapping[str, Check]:
    resources: Resources = request.app.state.resources
    return {"products": resources.products.alive, "orders": resources.orders.alive}


shop = APIRouter(tags=["shop"])


@shop.get("/shop/")
async def facts(person: Anybody, resources: Res) -> dict[str, Any]:
    """What a page must know of this shop before it shows anything."""
    chosen = resources.settings
    tokens = TOKENS if chosen.provider == "test" else {}
    return {
        "currency": chosen.currency,
        "max_lines": MAX_LINES,
        "max_quantity": MAX_QUANTITY,
        "payment": {
            "provider": chosen.provider,
            "tokens": [{"token": token, "label": label} for token, label in tokens.items()],
        },
        "ai": list(chosen.ai_services),
    }


class Unversioned:
    """The documents of this architecture call /api/products: that is the newest version."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope.get("path", "")
        if scope["type"] == "http" and path.startswith("/api/") and not path.startswith(PREFIX):
            scope["path"] = f"{PREFIX}{path.removeprefix('/api')}"
        await self._app(scope, receive, send)


api = APIRouter(prefix=PREFIX)
for part in (accounts, products, orders, shop):
    api.include_router(part)

app = make_app(
    SERVICE,
    lifespan,
    checks,
    [api, relay],
    openapi_url=f"{PREFIX}/openapi.json",
    middleware=[(RateLimitHeadersMiddleware, {})],
    before_routing=[(Unversioned, {}), (Admission, {})],
)
