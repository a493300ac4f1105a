"""Takes money and gives it back, by a provider."""

import logging
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager

import httpx
from fastapi import FastAPI, Request
from starlette.responses import Response

from payment_api.payments import Payments
from payment_api.provider import Provider, ProviderUnavailable, Refused
from payment_api.routes import router
from payment_api.settings import SECRET_KEY, settings
from payment_api.stripe_provider import StripeProvider
from payment_api.test_provider import TestProvider
from service_kit.environment import secret_path, secret_values
from service_kit.health import Check
from service_kit.problems import Problem, unavailable
from shop.app import make_app
from shop.calls import Peer, open_client

logger = logging.getLogger(__name__)

SERVICE = "payment-api"
PROVIDER_SECONDS = 8.0


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    chosen = settings()
    async with AsyncExitStack() as stack:
        client = await stack.enter_async_context(open_client("ORDER"))
        orders = Peer(client, (SERVICE, "order-api"), "ORDER", 8002)
        provider: Provider = TestProvider(orders)
        if chosen.provider == "stripe":
            # The one client of this project that believes HTTPS_PROXY: its way out is by a proxy.
            outside = httpx.AsyncClient(timeout=PROVIDER_SECONDS, trust_env=True)
            await stack.enter_async_context(outside)
            provider = StripeProvider(outside, chosen.stripe_url)
        app.state.payments = Payments(provider, orders)
        yield


def checks(request: Request) -> Mapping[str, Check]:
    """Whether it could charge: the provider itself is not asked every few seconds."""

    async def provider() -> None:
        if settings().provider == "stripe" and not secret_values(secret_path(*SECRET_KEY)):
            raise ProviderUnavailable("the key file is empty")

    return {"provider": provider}


async def provider_is_away(_: Request, error: Exception) -> Response:
    logger.warning("the payment provider: %s", error)
    return unavailable("payment provider").response()


async def provider_refuses(_: Request, error: Exception) -> Response:
    """An answer about this charge: no reason to leave those of others alone."""
    logger.error("the payment provider refuses: %s", error)
    return Problem(409, "provider_refused", f"The provider refuses: {error}.").response()


app = make_app(SERVICE, lifespan, checks, [router])
app.add_exception_handler(ProviderUnavailable, provider_is_away)
app.add_exception_handler(Refused, provider_refuses)
