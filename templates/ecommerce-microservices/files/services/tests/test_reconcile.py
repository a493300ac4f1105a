"""It finds what it is for: each defect that must never be, made by hand."""

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import delete, event, update
from tests.conftest import Shop
from tests.test_checkout import buy

import order_api.reconcile
from order_api.models import Order, OrderLine, TestCharge
from order_api.reconcile import reconcile
from product_api.models import Product, ReservationLine
from service_kit.rows import now


async def an_order(shop: Shop) -> str:
    product = await shop.product(stock=5)
    async with shop.member() as client:
        number: str = (await buy(client, product, 2)).json()["id"]
    assert (await reconcile(shop.orders))[0] == []
    return number


async def said(shop: Shop) -> str:
    return "\n".join((await reconcile(shop.orders))[0])


async def test_sold_and_not_ordered(shop: Shop) -> None:
    await an_order(shop)
    async with shop.products.transaction() as session:
        await session.execute(
            update(Product).values(sold=Product.sold + 1, available=Product.available - 1)
        )
    assert "3 sold, 2 in reservations" in await said(shop)


async def test_reserved_and_forgotten(shop: Shop) -> None:
    await an_order(shop)
    async with shop.products.transaction() as session:
        await session.execute(update(Product).values(reserved=1, available=Product.available - 1))
    assert "1 reserved, 0 in reservations" in await said(shop)


async def test_an_order_that_holds_something_else(shop: Shop) -> None:
    await an_order(shop)
    async with shop.products.transaction() as session:
        await session.execute(update(ReservationLine).values(quantity=1))
    assert "the order is {1: 2}" in await said(shop)


async def test_confirmed_and_never_paid(shop: Shop) -> None:
    await an_order(shop)
    async with shop.orders.database.transaction() as session:
        await session.execute(delete(TestCharge))
    assert "confirmed, and never paid" in await said(shop)


async def test_paid_and_not_confirmed(shop: Shop) -> None:
    await an_order(shop)
    async with shop.orders.database.transaction() as session:
        await session.execute(update(Order).values(state="cancelled"))
    text = await said(shop)
    assert "kept, and its order is cancelled" in text
    assert "sold, and its order is cancelled" in text


async def test_charged_twice(shop: Shop) -> None:
    number = await an_order(shop)
    async with shop.orders.database.transaction() as session:
        order = await session.get_one(Order, UUID(number))
        session.add(
            TestCharge(
                key="another-key",
                order_id=order.id,
                amount_cents=3998,
                currency="EUR",
                state="succeeded",
            )
        )
    assert "charged 2 times" in await said(shop)


async def test_another_amount(shop: Shop) -> None:
    await an_order(shop)
    async with shop.orders.database.transaction() as session:
        await session.execute(update(TestCharge).values(amount_cents=1))
    assert "1, and the order is 3998" in await said(shop)


async def test_money_of_nobody(shop: Shop) -> None:
    await an_order(shop)
    async with shop.orders.database.transaction() as session:
        await session.execute(delete(OrderLine))
        await session.execute(delete(Order))
    text = await said(shop)
    assert text.count("there is no such order") == 2


async def test_orders_are_read_a_page_at_a_time(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    product = await shop.product(stock=9)
    async with shop.member() as client:
        for _ in range(5):
            await buy(client, product)
    monkeypatch.setattr(order_api.reconcile, "PAGE", 2, raising=False)
    asked: list[str] = []

    def told(_: object, __: object, statement: str, *___: object) -> None:
        asked.append(" ".join(statement.split()))

    engine = shop.orders.database.engine.sync_engine
    event.listen(engine, "before_cursor_execute", told)
    try:
        counted = await shop.reconciled()
    finally:
        event.remove(engine, "before_cursor_execute", told)
    assert (counted["orders"], counted["confirmed"], counted["sold"]) == (5, 5, 5)
    tables = ("FROM orders", "FROM order_lines", "FROM payment_ledger")
    whole = [one for one in asked if not ("LIMIT" in one or " IN (" in one)]
    assert not [one for one in whole if any(table in one for table in tables)]
    # A page of orders has one question for its lines, and the page of reservations has one.
    assert sum("FROM order_lines" in one for one in asked) == 3 + 1


@pytest.mark.parametrize("late", [True, False])
async def test_an_order_that_is_stuck(shop: Shop, late: bool) -> None:

    await an_order(shop)
    moment = now() - timedelta(hours=1 if late else 0)
    async with shop.orders.database.transaction() as session:
        await session.execute(
            update(Order).values(
                state="processing",
                step="commit",
                updated_at=moment,
                due_at=now() + timedelta(hours=1),
                lease_until=now() + timedelta(hours=1),
            )
        )
    assert ("stuck in commit" in await said(shop)) == late
