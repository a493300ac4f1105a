"""What is too long, too large or no text is said to be: no 500 that comes again each time."""

import pytest
from tests.conftest import Shop
from tests.test_checkout import buy

MAX_ID = 2**31 - 1


@pytest.mark.parametrize(
    ("key", "status"), [("k" * 64, 201), ("k" * 65, 400), ("k" * 8 + "!", 400)]
)
async def test_a_key_has_an_end(shop: Shop, key: str, status: int) -> None:
    product = await shop.product()
    async with shop.member() as client:
        answer = await buy(client, product, key=key)
    assert answer.status_code == status, answer.text


async def test_a_key_of_another_change_of_stock_is_refused(shop: Shop) -> None:
    product = await shop.product(stock=3)
    path, headers = f"/admin/stock/{product}/", {"Idempotency-Key": "delivery-4711"}
    async with shop.member("root@example.com", "admin") as admin:
        first = await admin.post(path, json={"change": 4, "reason": "came in"}, headers=headers)
        for other in ({"change": 5, "reason": "came in"}, {"change": 4, "reason": "found"}):
            answer = await admin.post(path, json=other, headers=headers)
            assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_key_reused")
        nowhere = await admin.post(f"/admin/stock/{MAX_ID}/", json={"change": 1}, headers=headers)
        listed = (await admin.get("/admin/stock/")).json()["results"]
    assert (first.status_code, nowhere.status_code) == (200, 404)
    assert listed[0]["stock"] == 7


async def test_an_id_that_no_column_holds_is_no_defect(shop: Shop) -> None:
    product = await shop.product()
    async with shop.member("root@example.com", "admin") as admin:
        for number, status in ((MAX_ID, 404), (MAX_ID + 1, 400), (2**64, 400)):
            path = f"/products/{number}/"
            assert (await admin.get(path)).status_code == status
            assert (await admin.patch(path, json={"name": "Lamp"})).status_code == status
            moved = await admin.post(f"/admin/stock/{number}/", json={"change": 1})
            assert moved.status_code == status
        book = await admin.get("/admin/audit/", params={"product_id": MAX_ID + 1})
        versions = {"If-Match": f'"{MAX_ID + 1}"'}
        changed = await admin.patch(f"/products/{product}/", json={"name": "L"}, headers=versions)
    assert (book.status_code, changed.status_code) == (400, 400)


async def test_a_search_for_what_is_no_text_is_refused(shop: Shop) -> None:
    async with shop.visitor() as client:
        for path in ("/products/", "/products"):
            assert (await client.get(path, params={"search": "la\0mp"})).status_code == 400
        assert (await client.get("/products/", params={"search": "l\u00e4\nmp"})).status_code == 200
