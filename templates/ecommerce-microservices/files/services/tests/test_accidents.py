"""Whoever dies, and whenever: no stock and no money is lost or taken twice."""

import pytest
from tests.conftest import Shop, give_up_at_once
from tests.test_checkout import buy

# Each command of an order, and of what payment-api does for one of them.
CALLS = [
    ("order-api", r"PUT /relay/product-api/internal/v1/reservations/"),
    ("order-api", r"PUT /internal/v1/charges/"),
    ("order-api", r"POST /relay/product-api/.*/commit"),
    ("api-gateway", r"PUT /internal/v1/reservations/"),
    ("api-gateway", r"POST /internal/v1/reservations/.*/commit"),
    ("payment-api", r"POST /internal/v1/ledger"),
    ("payment-api", r"POST /internal/v1/test-charges"),
]
BACK = [
    ("order-api", r"POST /internal/v1/charges/.*/undo"),
    ("order-api", r"DELETE /relay/product-api/internal/v1/reservations/"),
    ("payment-api", r"POST /internal/v1/ledger"),
    ("payment-api", r"POST /internal/v1/test-charges/undo"),
]
KINDS = ["lost", "unanswered", "killed", "killed_after"]


def cases(calls: list[tuple[str, str]]) -> list[tuple[str, str, str]]:
    """Who dies in the middle is a broken connection for who waits: two of the four."""
    return [
        (caller, pattern, kind)
        for caller, pattern in calls
        for kind in (KINDS if caller == "order-api" else KINDS[:2])
    ]


@pytest.mark.parametrize(("caller", "pattern", "kind"), cases(CALLS))
async def test_an_order_survives_it(shop: Shop, caller: str, pattern: str, kind: str) -> None:
    product = await shop.product(stock=5)
    async with shop.member() as client:
        struck = shop.accident(caller, pattern, kind)
        answer = await buy(client, product, 2)
        await shop.settle()
        order = (await client.get("/orders/")).json()["results"][0]
    assert struck.seen > 0
    assert answer.status_code in (201, 202), answer.text
    assert order["state"] == "confirmed"
    assert await shop.piles(product) == (3, 0, 2)
    assert (await shop.reconciled())["charges"] == 1


@pytest.mark.parametrize(("caller", "pattern", "kind"), cases(BACK))
async def test_the_way_back_survives_it(shop: Shop, caller: str, pattern: str, kind: str) -> None:
    product = await shop.product(stock=5)
    async with shop.member() as client:
        order = (await buy(client, product, 2)).json()
        struck = shop.accident(caller, pattern, kind)
        await client.post(f"/orders/{order['id']}/cancel/")
        await shop.settle()
        order = (await client.get(f"/orders/{order['id']}/")).json()
    assert struck.seen > 0
    assert order["state"] == "cancelled"
    assert await shop.piles(product) == (5, 0, 0)
    counted = await shop.reconciled()
    assert (counted["charges"], counted["refunded"]) == (0, 1)


@pytest.mark.parametrize("kind", KINDS)
async def test_a_declined_order_survives_the_release(shop: Shop, kind: str) -> None:
    product = await shop.product(stock=5)
    async with shop.member() as client:
        shop.accident("order-api", r"DELETE /relay/product-api/", kind)
        await buy(client, product, payment_token="tok_declined")
        await shop.settle()
        order = (await client.get("/orders/")).json()["results"][0]
    assert order["state"] == "declined"
    assert await shop.piles(product) == (5, 0, 0)
    await shop.reconciled()


async def test_a_charge_that_arrives_after_it_was_undone_is_refused(shop: Shop) -> None:
    """The request was on its way for so long that its order is over."""
    product = await shop.product(stock=5)
    async with shop.member() as client:
        shop.accident("order-api", r"PUT /internal/v1/charges/", "lost", lasting=True)
        give_up_at_once(shop)
        await buy(client, product)
        await shop.settle()
        order = (await client.get("/orders/")).json()["results"][0]
        shop.network.accidents.clear()
    assert order["state"] == "cancelled"
    late = {"order_id": order["id"], "amount_cents": 1999, "currency": "EUR", "token": "tok_ok"}
    path = f"/internal/v1/charges/order-{order['id']}"
    with pytest.raises(Exception, match="charge_voided"):
        await shop.orders.payments.call("PUT", path, json=late)
    path = f"/internal/v1/reservations/{order['id']}"
    with pytest.raises(Exception, match="reservation_gone"):
        await shop.orders.products.call(
            "PUT", path, json={"lines": [{"product_id": product, "quantity": 1}]}
        )
    assert (await shop.reconciled())["charges"] == 0
