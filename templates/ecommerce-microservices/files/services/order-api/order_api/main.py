"""Orders from reservation to money, accounts, the ledger."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from fastapi import FastAPI, Request

from order_api.account_routes import router as accounts
from order_api.driver import Driver
from order_api.ledger import router as ledger
from order_api.resources import SERVICE, open_resources
from order_api.routes import router as orders
from service_kit.health import Check
from shop.app import make_app


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    async with open_resources() as resources:
        app.state.resources = resources
        app.state.driver = driver = Driver(resources)
        driver.start()
        try:
            yield
        finally:
            await driver.stop()


def checks(request: Request) -> Mapping[str, Check]:
    """Its own database alone: two services that wait for each other would never be healthy."""
    return {"database": request.app.state.resources.database.check}


app = make_app(SERVICE, lifespan, checks, [orders, accounts, ledger])
