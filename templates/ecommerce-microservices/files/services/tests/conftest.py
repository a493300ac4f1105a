"""The whole shop in one process: four applications, two databases, a network with accidents."""

import asyncio
import dataclasses
import shutil
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import httpx
import pytest
from argon2 import PasswordHasher
from fastapi import FastAPI
from sqlalchemy import select
from tests.databases import (
    as_superuser,
    drop_database,
    environment,
    fresh_name,
    make_database,
    postgres,
    variables,
)
from tests.network import Accident, Network

import api_gateway.main
import api_gateway.settings
import order_api.main
import order_api.manage
import order_api.models
import order_api.resources
import order_api.settings
import payment_api.main
import payment_api.settings
import product_api.main
import product_api.manage
import product_api.models
import product_api.settings
from order_api.reconcile import reconcile
from order_api.resources import Resources
from service_kit import passwords
from service_kit.rows import Database

PASSWORD = "correct-horse-battery-9"
PAIRS = (
    ("api-gateway", "product-api"),
    ("api-gateway", "order-api"),
    ("order-api", "product-api"),
    ("order-api", "payment-api"),
    ("payment-api", "order-api"),
    ("recommendation", "order-api"),
    ("search", "product-api"),
    ("ai-gateway", "recommendation"),
    ("ai-gateway", "search"),
)
# As each service sees the others: order-api has no way to product-api but the gateway's.
ROUTES = {
    "api-gateway": {"product-api": "product-api", "order-api": "order-api"},
    "order-api": {"product-api": "api-gateway", "payment-api": "payment-api"},
    "payment-api": {"order-api": "order-api"},
}
SETTINGS = (
    api_gateway.settings,
    order_api.settings,
    payment_api.settings,
    product_api.settings,
)


@pytest.fixture(autouse=True)
def surroundings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for caller, callee in PAIRS:
        name = f"pair_{caller}_{callee}".replace("-", "_")
        (tmp_path / name).write_text(f"{name * 3}\n")
    monkeypatch.setenv("PAIR_KEYS_DIRECTORY", str(tmp_path))
    for name, host in (
        ("PRODUCT", "product-api"),
        ("ORDER", "order-api"),
        ("PAYMENT", "payment-api"),
    ):
        monkeypatch.setenv(f"{name}_HOST", host)
    # Read at each connection, so it has to stay.
    (tmp_path / "db_password").write_text("for-tests-only\n")
    monkeypatch.setenv("DB_PASSWORD_FILE", str(tmp_path / "db_password"))
    monkeypatch.setenv("REDIS_HOST", "none")
    monkeypatch.setenv("RATE_LIMIT_API", "100000/min")
    monkeypatch.setenv("RATE_LIMIT_AUTH", "100000/min")
    monkeypatch.setenv("SAGA_LEASE_SECONDS", "1")
    monkeypatch.setenv("ORDER_WAIT_SECONDS", "5")
    # Real hashes are slow on purpose.
    cheap = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    monkeypatch.setattr(passwords, "_hasher", cheap)
    forget_settings()


def forget_settings() -> None:
    for module in SETTINGS:
        module.settings.cache_clear()


@pytest.fixture(scope="session")
def databases(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """Of each service one with the schema as the migrations make it: a template for the tests."""
    folder = tmp_path_factory.mktemp("schema")
    names = {service: fresh_name(service) for service in ("product-api", "order-api")}
    for service, manage in (("product-api", product_api.manage), ("order-api", order_api.manage)):
        if postgres():
            asyncio.run(make_database(names[service]))
        with environment(variables(folder, names[service], "app_owner")):
            forget_settings()
            assert asyncio.run(manage.SCHEMA.migrate(manage._database())) == 0
    forget_settings()
    yield {**names, "folder": str(folder)}
    if postgres():
        for name in names.values():
            asyncio.run(drop_database(name))


@dataclass(slots=True)
class Shop:
    network: Network
    apps: dict[str, FastAPI]
    transport: httpx.ASGITransport

    @property
    def orders(self) -> Resources:
        resources: Resources = self.apps["order-api"].state.resources
        return resources

    @property
    def products(self) -> Database:
        database: Database = self.apps["product-api"].state.database
        return database

    def accident(self, caller: str, pattern: str, kind: Any, **more: Any) -> Accident:
        made = Accident(caller, pattern, kind, **more)
        self.network.accidents.append(made)
        return made

    def visitor(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(transport=self.transport, base_url="http://localhost/api/v1")

    @asynccontextmanager
    async def member(
        self, email: str = "ada@example.com", role: str = "customer"
    ) -> AsyncIterator[httpx.AsyncClient]:
        await self.orders.accounts.create(email, PASSWORD, role=role)
        async with self.visitor() as client:
            await use_csrf(client)
            credentials = {"email": email, "password": PASSWORD}
            signed_in = await client.post("/auth/login/", json=credentials)
            assert signed_in.status_code == 200, signed_in.text
            client.headers["X-CSRFToken"] = signed_in.json()["csrf_token"]
            yield client

    async def product(self, stock: int = 10, price_cents: int = 1999, name: str = "Lamp") -> int:
        async with self.member("root@example.com", "admin") as admin:
            data = {"name": name, "price_cents": price_cents, "stock": stock}
            made = await admin.post("/products/", json=data)
        assert made.status_code == 201, made.text
        number: int = made.json()["id"]
        return number

    async def piles(self, number: int) -> tuple[int, int, int]:
        """Available, reserved, sold."""
        async with self.products.transaction() as session:
            product = await session.get_one(product_api.models.Product, number)
            return product.available, product.reserved, product.sold

    async def settle(self, seconds: float = 15.0) -> None:
        """Until no order is in flight."""
        async with asyncio.timeout(seconds):
            while await self.in_flight():
                await asyncio.sleep(0.1)

    async def in_flight(self) -> int:
        async with self.orders.database.transaction() as session:
            models = order_api.models
            asked = models.Order.step != models.Step.DONE
            return len((await session.scalars(select(models.Order.id).where(asked))).all())

    async def reconciled(self) -> dict[str, int]:
        findings, counted = await reconcile(self.orders)
        assert findings == []
        return counted


def give_up_at_once(shop: Shop) -> None:
    """After a second instead of ten minutes."""
    shop.orders.settings = dataclasses.replace(shop.orders.settings, give_up_seconds=1)


async def use_csrf(client: httpx.AsyncClient) -> None:
    answer = await client.get("/auth/csrf/")
    client.headers["X-CSRFToken"] = answer.json()["csrf_token"]


@pytest.fixture
async def shop(
    databases: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Shop]:
    network = Network()
    modules: dict[str, ModuleType] = {
        "product-api": product_api.main,
        "order-api": order_api.main,
        "payment-api": payment_api.main,
        "api-gateway": api_gateway.main,
    }
    apps: dict[str, FastAPI] = {name: module.app for name, module in modules.items()}
    network.apps.update(apps)
    for caller, module in (
        ("api-gateway", api_gateway.main),
        ("order-api", order_api.resources),
        ("payment-api", payment_api.main),
    ):
        monkeypatch.setattr(module, "open_client", _client_of(network, caller))
    async with AsyncExitStack() as stack:
        for name, app in apps.items():
            values = await _own_database(stack, databases, name, tmp_path)
            with environment(values):
                forget_settings()
                await stack.enter_async_context(app.router.lifespan_context(app))
        transport = httpx.ASGITransport(app=apps["api-gateway"], client=("203.0.113.7", 1234))
        yield Shop(network, apps, transport)
    forget_settings()


def _client_of(network: Network, caller: str) -> Callable[..., Any]:
    @asynccontextmanager
    async def opened(*_: str) -> AsyncIterator[httpx.AsyncClient]:
        transport = network.seen_by(caller, ROUTES[caller])
        async with httpx.AsyncClient(transport=transport) as client:
            yield client

    return opened


async def _own_database(
    stack: AsyncExitStack, databases: dict[str, str], service: str, folder: Path
) -> dict[str, str]:
    """A copy of the template."""
    if service not in databases:
        return {}
    name = fresh_name(service)
    if postgres():
        await as_superuser(f"CREATE DATABASE {name} TEMPLATE {databases[service]}")
        stack.push_async_callback(drop_database, name)
    else:
        (folder / name).mkdir()
        made = Path(databases["folder"]) / databases[service] / "app.db"
        shutil.copy(made, folder / name / "app.db")
    return variables(folder, name, "app")
