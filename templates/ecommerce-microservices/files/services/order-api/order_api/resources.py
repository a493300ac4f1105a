"""What a process holds open, and closes at its end."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from fastapi import Request

from order_api.models import Session, User
from order_api.settings import Settings, settings
from service_kit.accounts import Accounts
from service_kit.rows import Database, open_database
from shop.calls import Peer, open_client

SERVICE = "order-api"


@dataclass(slots=True)
class Resources:
    settings: Settings
    database: Database
    accounts: Accounts[User]
    # On no network of ours: the gateway passes requests on to it, and cannot sign any itself.
    products: Peer
    payments: Peer


def resources_of(request: Request) -> Resources:
    opened: Resources = request.app.state.resources
    return opened


@asynccontextmanager
async def open_resources(*, pooled: bool = True) -> AsyncIterator[Resources]:
    chosen = settings()
    async with AsyncExitStack() as stack:
        database = open_database(
            production=chosen.production, folder=chosen.data_directory, pooled=pooled
        )
        stack.push_async_callback(database.close)
        client = await stack.enter_async_context(open_client("PRODUCT", "PAYMENT"))
        yield Resources(
            settings=chosen,
            database=database,
            accounts=Accounts(database, User, Session),
            products=Peer(
                client, (SERVICE, "product-api"), "PRODUCT", 8080, via="/relay/product-api"
            ),
            payments=Peer(client, (SERVICE, "payment-api"), "PAYMENT", 8003),
        )
