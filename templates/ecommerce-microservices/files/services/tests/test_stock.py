"""Stock: below zero never, held for a while, moved by nobody unseen."""

import asyncio
import dataclasses
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import text, update
from sqlalchemy.exc import DBAPIError
from tests.conftest import Shop
from tests.databases import postgres
from tests.test_checkout import buy

from order_api.reconcile import reconcile
from product_api import stock
from product_api.models import Product, Reservation
from service_kit.problems import Problem
from service_kit.rows import now
from shop.contracts import Line


def one_of(product: int, quantity: int = 1) -> list[Line]:
    return [Line(product_id=product, quantity=quantity)]


async def let_expire(shop: Shop) -> None:
    async with shop.products.transaction() as session:
        await session.execute(update(Reservation).values(expires_at=now() - timedelta(seconds=1)))
    await stock.expire(shop.products)


async def test_a_reservation_expires_and_gives_back(shop: Shop) -> None:
    product, order = await shop.product(stock=2), uuid4()
    await stock.reserve(shop.products, order, one_of(product, 2), 60)
    assert await shop.piles(product) == (0, 2, 0)
    await let_expire(shop)
    await let_expire(shop)
    assert await shop.piles(product) == (2, 0, 0)


async def test_an_expired_one_is_sold_all_the_same_if_the_stock_is_there(shop: Shop) -> None:
    product, order, other = await shop.product(stock=2), uuid4(), uuid4()
    for number in (order, other):
        await stock.reserve(shop.products, number, one_of(product), 60)
    await let_expire(shop)
    await stock.commit(shop.products, order)
    await stock.commit(shop.products, order)
    assert await shop.piles(product) == (1, 0, 1)
    await stock.reserve(shop.products, uuid4(), one_of(product), 60)
    with pytest.raises(Problem, match="over"):
        await stock.commit(shop.products, other)
    assert await shop.piles(product) == (0, 1, 1)


async def test_money_goes_back_when_the_stock_is_gone(shop: Shop) -> None:
    """It was held for too long, paid for, and sold to somebody else meanwhile."""
    product = await shop.product(stock=1)
    async with shop.member() as client:
        shop.orders.settings = dataclasses.replace(shop.orders.settings, wait_seconds=1)
        shop.accident("order-api", r"POST /relay/product-api/.*/commit", "lost", lasting=True)
        order = (await buy(client, product)).json()
        await let_expire(shop)
        await stock.reserve(shop.products, uuid4(), one_of(product), 60)
        shop.network.accidents.clear()
        await shop.settle()
        order = (await client.get(f"/orders/{order['id']}/")).json()
    assert (order["state"], order["reason"]) == ("out_of_stock", "out_of_stock")
    assert await shop.piles(product) == (0, 1, 0)
    findings, counted = await reconcile(shop.orders)
    assert (counted["charges"], counted["refunded"]) == (0, 1)
    # What this test held itself belongs to no order, and is found.
    assert [one for one in findings if "no such order" not in one] == []


async def test_a_release_that_is_first_closes_the_door(shop: Shop) -> None:
    product, order = await shop.product(stock=2), uuid4()
    await stock.release(shop.products, order)
    with pytest.raises(Problem, match="over"):
        await stock.reserve(shop.products, order, one_of(product), 60)
    assert await shop.piles(product) == (2, 0, 0)


async def test_reserve_and_release_at_once_leave_nothing_behind(shop: Shop) -> None:
    product = await shop.product(stock=5)
    orders = [uuid4() for _ in range(8)]
    await asyncio.gather(
        *(stock.reserve(shop.products, order, one_of(product), 60) for order in orders[:5]),
        *(stock.release(shop.products, order) for order in orders),
        return_exceptions=True,
    )
    for order in orders:
        await stock.release(shop.products, order)
    assert await shop.piles(product) == (5, 0, 0)


async def test_the_database_itself_refuses_what_does_not_add_up(shop: Shop) -> None:
    product = await shop.product(stock=1)
    for values in ({"available": -1}, {"available": 5}, {"sold": 3}, {"reserved": -1}):
        with pytest.raises(DBAPIError, match="(?i)check"):
            async with shop.products.transaction() as session:
                await session.execute(update(Product).values(**values))
    assert await shop.piles(product) == (1, 0, 0)


async def test_an_administrator_counts_stock(shop: Shop) -> None:
    product = await shop.product(stock=3)
    path = f"/admin/stock/{product}/"
    async with shop.member("root@example.com", "admin") as admin:
        headers = {"Idempotency-Key": uuid4().hex}
        came = {"change": 4, "reason": "came in"}
        await admin.post(path, json=came, headers=headers)
        done = await admin.post(path, json=came, headers=headers)  # a double click
        refused = await admin.post(path, json={"change": -8, "reason": "broken"})
        book = (await admin.get("/admin/audit/", params={"product_id": product})).json()
        listed = (await admin.get("/admin/stock/")).json()["results"]
    assert (done.json()["stock"], done.json()["available"]) == (7, 7)
    assert (refused.status_code, refused.json()["code"]) == (409, "stock_too_low")
    assert [(one["kind"], one["quantity"], one["actor"]) for one in book["results"]] == [
        ("adjusted", 4, "root@example.com"),
        ("created", 3, "root@example.com"),
    ]
    assert listed[0]["stock"] == 7


async def test_a_change_does_not_overwrite_another(shop: Shop) -> None:
    product = await shop.product()
    async with shop.member("root@example.com", "admin") as admin:
        path = f"/products/{product}/"
        seen = {"If-Match": '"1"'}
        first = await admin.patch(path, json={"price_cents": 1}, headers=seen)
        second = await admin.patch(path, json={"price_cents": 2}, headers=seen)
        await admin.patch(path, json={"active": False})
        assert (await admin.get(path)).status_code == 200
    assert (first.status_code, second.status_code) == (200, 412)
    async with shop.visitor() as nobody:
        assert (await nobody.get(path)).status_code == 404
        assert (await nobody.get("/products/")).json()["count"] == 0


async def test_customers_do_not_administer(shop: Shop) -> None:
    product = await shop.product()
    async with shop.member() as client:
        for method, path, data in (
            ("POST", "/products/", {"name": "X", "price_cents": 1}),
            ("PATCH", f"/products/{product}/", {"price_cents": 1}),
            ("POST", f"/admin/stock/{product}/", {"change": 1}),
            ("GET", "/admin/stock/", None),
            ("GET", "/admin/audit/", None),
        ):
            refused = await client.request(method, path, json=data)
            assert (refused.status_code, refused.json()["code"]) == (403, "forbidden"), path


@pytest.mark.skipif(postgres() is None, reason="SQLite has no roles: set TEST_POSTGRES")
async def test_nobody_rewrites_the_books(shop: Shop) -> None:
    product = await shop.product()
    async with shop.member() as client:
        await buy(client, product)
    for database, table in (
        (shop.products, "stock_movements"),
        (shop.orders.database, "audit_log"),
        (shop.orders.database, "payment_ledger"),
    ):
        for statement in (
            f"UPDATE {table} SET at = now()",
            f"DELETE FROM {table}",
            f"TRUNCATE {table}",
        ):
            with pytest.raises(DBAPIError, match="permission denied"):
                async with database.transaction() as session:
                    await session.execute(text(statement))
        with pytest.raises(DBAPIError, match="must be owner|permission denied"):
            async with database.transaction() as session:
                await session.execute(text(f"DROP TABLE {table}"))
