"""An order from the customer's side."""

import asyncio
from uuid import uuid4

import httpx
import pytest
from tests.conftest import Shop, give_up_at_once


async def buy(
    client: httpx.AsyncClient, product: int, quantity: int = 1, key: str = "", **more: object
) -> httpx.Response:
    data = {"items": [{"product_id": product, "quantity": quantity}], **more}
    headers = {"Idempotency-Key": key or uuid4().hex}
    return await client.post("/orders/", json=data, headers=headers)


async def test_an_order_takes_stock_and_money(shop: Shop) -> None:
    product = await shop.product(stock=5, price_cents=1999)
    async with shop.member() as client:
        answer = await buy(client, product, 2)
        assert answer.status_code == 201, answer.text
        order = answer.json()
        assert (order["state"], order["final"], order["total_cents"]) == ("confirmed", True, 3998)
        assert order["lines"] == [
            {"product_id": product, "quantity": 2, "name": "Lamp", "unit_price_cents": 1999}
        ]
        assert "email" not in order or order["email"] is None
        events = (await client.get(f"/orders/{order['id']}/events/")).json()["results"]
        listed = (await client.get("/orders/")).json()
    told = [one["event"] for one in events]
    assert told == ["order_placed", "stock_reserved", "payment_taken", "order_confirmed"]
    assert (listed["count"], listed["next"]) == (1, None)
    assert await shop.piles(product) == (3, 0, 2)
    assert await shop.reconciled() == {
        "orders": 1,
        "confirmed": 1,
        "charges": 1,
        "refunded": 0,
        "sold": 2,
        "held": 0,
    }


async def test_the_documents_own_requests_work(shop: Shop) -> None:
    product = await shop.product()
    async with shop.member() as client:
        answer = await client.post("/orders", json={"product_id": product, "quantity": 2})
        assert answer.status_code == 201, answer.text
        listed = await client.get("http://localhost/api/products")
        one = await client.get(f"http://localhost/api/products/{product}")
    assert listed.json()["results"][0]["price"] == "19.99"
    assert one.json()["available"] == 8
    assert "sold" not in one.json()


@pytest.mark.parametrize(
    ("token", "reason"),
    [("tok_declined", "card_declined"), ("tok_insufficient_funds", "insufficient_funds")],
)
async def test_a_declined_payment_gives_the_stock_back(shop: Shop, token: str, reason: str) -> None:
    product = await shop.product(stock=5)
    async with shop.member() as client:
        answer = await buy(client, product, payment_token=token)
    assert (answer.status_code, answer.json()["code"]) == (402, "payment_declined")
    assert (answer.json()["order"]["state"], answer.json()["order"]["reason"]) == (
        "declined",
        reason,
    )
    assert await shop.piles(product) == (5, 0, 0)
    assert (await shop.reconciled())["charges"] == 0


async def test_what_is_not_there_is_not_sold(shop: Shop) -> None:
    product = await shop.product(stock=3)
    async with shop.member() as client:
        answer = await buy(client, product, 4)
        unknown = await buy(client, 4711)
    assert (answer.status_code, answer.json()["code"]) == (409, "out_of_stock")
    assert answer.json()["lines"] == [{"product_id": product, "available": 3}]
    assert answer.json()["order"]["unavailable"] == answer.json()["lines"]
    assert unknown.json()["lines"] == [{"product_id": 4711, "available": 0}]
    assert await shop.piles(product) == (3, 0, 0)
    await shop.reconciled()


async def test_all_of_a_basket_or_nothing(shop: Shop) -> None:
    there, scarce = await shop.product(stock=5), await shop.product(stock=1, name="Last")
    data = {"items": [{"product_id": there, "quantity": 1}, {"product_id": scarce, "quantity": 2}]}
    async with shop.member() as client:
        assert (await client.post("/orders/", json=data)).status_code == 409
    assert await shop.piles(there) == (5, 0, 0)


@pytest.mark.parametrize("token", ["tok_timeout", "tok_error", "tok_duplicate", "tok_slow"])
async def test_a_provider_in_trouble_charges_once(shop: Shop, token: str) -> None:
    product = await shop.product(stock=5)
    async with shop.member() as client:
        answer = await buy(client, product, payment_token=token)
    assert answer.status_code == 201, answer.text
    assert (await shop.reconciled())["charges"] == 1


async def test_a_provider_that_never_answers_costs_the_customer_nothing(shop: Shop) -> None:
    product = await shop.product(stock=5)
    give_up_at_once(shop)
    async with shop.member() as client:
        answer = await buy(client, product, payment_token="tok_down")
        await shop.settle()
        order = (await client.get("/orders/")).json()["results"][0]
    assert answer.status_code in (202, 409)
    assert (order["state"], order["reason"]) == ("cancelled", "timed_out")
    assert await shop.piles(product) == (5, 0, 0)
    await shop.reconciled()


async def test_the_same_key_is_the_same_order(shop: Shop) -> None:
    product = await shop.product(stock=5)
    async with shop.member() as client:
        key = uuid4().hex
        many = await asyncio.gather(*(buy(client, product, key=key) for _ in range(5)))
        other = await buy(client, product, 2, key=key)
    assert {one.status_code for one in many} == {201}
    assert len({one.json()["id"] for one in many}) == 1
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
    assert await shop.piles(product) == (4, 0, 1)
    # Of somebody else it is another order.
    async with shop.member("eve@example.com") as client:
        assert (await buy(client, product, key=key)).json()["id"] != many[0].json()["id"]


async def test_a_price_that_changed_is_asked_about(shop: Shop) -> None:
    product = await shop.product(stock=5, price_cents=1999)
    async with shop.member() as client:
        refused = await buy(client, product, 2, expected_total_cents=3000)
        taken = await buy(client, product, 2, expected_total_cents=3998)
    assert (refused.status_code, refused.json()["code"]) == (409, "price_changed")
    assert refused.json()["order"]["total_cents"] == 3998
    assert taken.status_code == 201
    assert (await shop.reconciled())["charges"] == 1


async def test_a_confirmed_order_is_taken_back(shop: Shop) -> None:
    product = await shop.product(stock=5)
    async with shop.member() as client:
        order = (await buy(client, product, 2)).json()
        back = await client.post(f"/orders/{order['id']}/cancel/")
        again = await client.post(f"/orders/{order['id']}/cancel/")
        declined = (await buy(client, product, payment_token="tok_declined")).json()["order"]
        refused = await client.post(f"/orders/{declined['id']}/cancel/")
    assert (back.status_code, back.json()["state"]) == (200, "cancelled")
    assert again.status_code == 200
    assert refused.json()["code"] == "not_cancellable"
    assert await shop.piles(product) == (5, 0, 0)
    assert (await shop.reconciled())["refunded"] == 1


async def test_what_costs_nothing_is_not_charged(shop: Shop) -> None:
    product = await shop.product(stock=5, price_cents=0)
    async with shop.member() as client:
        assert (await buy(client, product)).status_code == 201
    assert (await shop.reconciled())["charges"] == 0


async def test_an_address_is_kept_and_looked_at(shop: Shop) -> None:
    product = await shop.product()
    address = {
        "name": "Ada L.",
        "street": "1 Engine Row",
        "postal_code": "N1",
        "city": "London",
        "country": "GB",
    }
    async with shop.member() as client:
        order = (await buy(client, product, shipping=address)).json()
        wrong = await buy(client, product, shipping={**address, "country": "Britain", "city": " "})
    assert order["shipping"] == address
    assert set(wrong.json()["errors"]) == {"shipping.country", "shipping.city"}


async def test_orders_of_others_are_not_there(shop: Shop) -> None:
    product = await shop.product()
    async with shop.member() as client:
        order = (await buy(client, product)).json()
    async with shop.member("eve@example.com") as eve:
        assert (await eve.get(f"/orders/{order['id']}/")).status_code == 404
        assert (await eve.post(f"/orders/{order['id']}/cancel/")).status_code == 404
        assert (await eve.get("/orders/", params={"all": "true"})).status_code == 403
    async with shop.member("root@example.com", "admin") as admin:
        seen = (await admin.get("/orders/", params={"all": "true"})).json()["results"]
    assert [one["email"] for one in seen] == ["ada@example.com"]
    async with shop.visitor() as nobody:
        assert (await nobody.get("/orders/")).status_code == 401


async def test_the_last_piece_has_one_buyer(shop: Shop) -> None:
    product = await shop.product(stock=3)
    async with shop.member() as client:
        answers = await asyncio.gather(*(buy(client, product) for _ in range(12)))
    assert sorted(one.status_code for one in answers) == [201] * 3 + [409] * 9
    assert await shop.piles(product) == (0, 0, 3)
    await shop.reconciled()
