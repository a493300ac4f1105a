"""Commands of the operator."""

import io
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from tests.conftest import PASSWORD, Shop, use_csrf
from tests.test_checkout import buy

from order_api import manage as orders
from order_api.resources import Resources
from product_api import manage as products
from product_api.seed import PRODUCTS, seed


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{PASSWORD}\n" * 3))


@pytest.fixture
def of_the_shop(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """The commands open what the shop has open."""

    @asynccontextmanager
    async def opened(*, pooled: bool) -> AsyncIterator[Resources]:
        yield shop.orders

    monkeypatch.setattr(orders, "open_resources", opened)


async def test_the_models_and_the_migrations_agree(
    shop: Shop, capsys: pytest.CaptureFixture[str]
) -> None:
    assert await orders.SCHEMA.show(shop.orders.database) == 0
    assert await products.SCHEMA.show(shop.products) == 0
    said = capsys.readouterr().out.splitlines()
    assert said == ["database: 0002, newest: 0002", "database: 0001, newest: 0001"]


async def test_the_catalogue_is_filled_once(shop: Shop) -> None:
    assert await seed(shop.products) == len(PRODUCTS)
    assert await seed(shop.products) == 0
    async with shop.visitor() as client:
        found = (await client.get("/products/", params={"search": "lap", "page_size": 1})).json()
        assert (found["count"], found["previous"]) == (2, None)
        second = (await client.get(f"http://localhost{found['next']}")).json()
        assert (second["results"][0]["name"], second["next"]) == ("Laptop sleeve", None)
        asked = (await client.get("/products/", params={"ids": "3,1,999"})).json()
    assert [one["id"] for one in asked["results"]] == [1, 3]


@pytest.mark.usefixtures("typed", "of_the_shop")
async def test_an_administrator_is_made_and_unmade(shop: Shop) -> None:
    assert await orders.create_user("Root@example.com", "admin") == 0
    assert await orders.create_user("root@example.com", "admin") == 1
    async with shop.visitor() as client:
        await use_csrf(client)
        credentials = {"email": "root@example.com", "password": PASSWORD}
        signed_in = await client.post("/auth/login/", json=credentials)
        assert signed_in.json()["role"] == "admin"
        assert (await client.get("/admin/stock/")).status_code == 200
        assert await orders.change_user("root@example.com", "role_set", role="customer") == 0
        shop.apps["api-gateway"].state.resources.sessions._known.clear()
        assert (await client.get("/admin/stock/")).status_code == 401
    assert await orders.change_user("nobody@example.com", "role_set", role="admin") == 1


@pytest.mark.usefixtures("of_the_shop")
async def test_reconcile_says_by_its_exit_code(
    shop: Shop, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    product = await shop.product(stock=5)
    async with shop.member() as client:
        await buy(client, product)
    assert await orders.run_reconcile(wait=1, as_json=True) == 0
    assert json.loads(capsys.readouterr().out)["findings"] == []

    async def found(_: object) -> tuple[list[str], dict[str, int]]:
        return ["product 1: it is wrong"], {"orders": 1}

    with monkeypatch.context() as patch:
        patch.setattr(orders, "reconcile", found)
        patch.setattr(orders, "LOOK_AGAIN_SECONDS", 0.0)
        assert await orders.run_reconcile(wait=0, as_json=False) == 1
    assert "1 findings (orders 1)" in capsys.readouterr().out
    shop.accident("order-api", "piles", "lost", lasting=True)
    assert await orders.run_reconcile(wait=0, as_json=False) == 75
