"""Compares what three sides say: product-api of stock, the provider of money, orders of both."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

from sqlalchemy import func, select

from order_api.models import LedgerEntry, Order, OrderLine, State, Step
from order_api.resources import Resources
from order_api.saga import charge_key
from service_kit.rows import now
from shop.calls import Peer

# An order that is so much older than its patience, and not at its end, is stuck.
STUCK_AFTER = timedelta(minutes=5)


async def wait_for_flight(resources: Resources, seconds: int) -> None:
    deadline = now() + timedelta(seconds=seconds)
    while now() < deadline:
        async with resources.database.transaction() as session:
            asked = select(func.count()).select_from(Order).where(Order.step != Step.DONE)
            if await session.scalar(asked) == 0:
                return
        await asyncio.sleep(0.5)


async def reconcile(resources: Resources) -> tuple[list[str], dict[str, int]]:
    """Findings, none when all is well, and what was counted."""
    orders, lines = await _orders(resources)
    findings: list[str] = []
    held: Counter[int] = Counter()
    sold: Counter[int] = Counter()
    bought: Counter[int] = Counter()
    async for one in _pages(resources.products, "/internal/v1/reservations", "id"):
        pile = sold if one["state"] == "sold" else held
        reserved = {line["product_id"]: line["quantity"] for line in one["lines"]}
        pile.update(reserved)
        order = orders.get(one["id"])
        if one["state"] == "sold" and order is not None and order.step != Step.DONE:
            bought.update(reserved)  # sold already, and the order is about to know
        findings += _reservation(one, order, lines.get(one["id"], {}), reserved)
    confirmed = [number for number, order in orders.items() if order.state == State.CONFIRMED]
    for number in confirmed:
        bought.update(lines[number])
    counted = {"orders": len(orders), "confirmed": len(confirmed), "charges": 0, "refunded": 0}
    async for pile_of in _pages(resources.products, "/internal/v1/piles", "id"):
        findings += _piles(pile_of, held, sold, bought)
    findings += await _money(resources, orders, counted)
    findings += _stuck(resources, orders)
    return findings, counted | {"sold": sum(sold.values()), "held": sum(held.values())}


async def _orders(
    resources: Resources,
) -> tuple[dict[str, Order], dict[str, dict[int, int]]]:
    async with resources.database.transaction() as session:
        orders = {str(one.id): one for one in await session.scalars(select(Order))}
        lines: dict[str, dict[int, int]] = {number: {} for number in orders}
        for line in await session.scalars(select(OrderLine)):
            # One that was placed between the two questions is looked at next time.
            if str(line.order_id) in lines:
                lines[str(line.order_id)][line.product_id] = line.quantity
    return orders, lines


def _reservation(
    one: dict[str, Any], order: Order | None, wanted: dict[int, int], reserved: dict[int, int]
) -> list[str]:
    name = f"reservation {one['id']}"
    if order is None:
        return [f"{name}: {one['state']}, and there is no such order"]
    if wanted != reserved:
        return [f"{name}: holds {reserved}, and the order is {wanted}"]
    ended = order.step == Step.DONE
    if one["state"] == "sold" and ended and order.state != State.CONFIRMED:
        return [f"{name}: sold, and its order is {order.state}"]
    if one["state"] == "held" and ended:
        return [f"{name}: held, and its order is {order.state}"]
    return []


def _piles(
    product: dict[str, Any], held: Counter[int], sold: Counter[int], bought: Counter[int]
) -> list[str]:
    number, name = product["id"], f"product {product['id']}"
    found = []
    if product["available"] + product["reserved"] + product["sold"] != product["stock"]:
        found.append(f"{name}: available + reserved + sold is not stock ({product})")
    if min(product["available"], product["reserved"], product["sold"]) < 0:
        found.append(f"{name}: a pile is below zero ({product})")
    if product["reserved"] != held[number]:
        found.append(f"{name}: {product['reserved']} reserved, {held[number]} in reservations")
    if product["sold"] != sold[number]:
        found.append(f"{name}: {product['sold']} sold, {sold[number]} in reservations")
    if product["sold"] != bought[number]:
        found.append(f"{name}: {product['sold']} sold, {bought[number]} in orders")
    return found


async def _money(
    resources: Resources, orders: dict[str, Order], counted: dict[str, int]
) -> list[str]:
    """By the provider's own list: what it took, and did not give back."""
    found: list[str] = []
    paid: Counter[str] = Counter()
    async for charge in _pages(resources.payments, "/internal/v1/charges", "cursor"):
        counted["refunded"] += charge["state"] == "refunded"
        if charge["state"] != "succeeded":
            continue
        counted["charges"] += 1
        order = orders.get(charge["order_id"])
        name = f"charge {charge['key']}"
        if order is None:
            found.append(f"{name}: there is no such order")
            continue
        paid[charge["order_id"]] += 1
        if charge["amount_cents"] != order.total_cents:
            found.append(f"{name}: {charge['amount_cents']}, and the order is {order.total_cents}")
        if order.state != State.CONFIRMED and order.step == Step.DONE:
            found.append(f"{name}: kept, and its order is {order.state}")
    found += [
        f"order {number}: charged {times} times" for number, times in paid.items() if times > 1
    ]
    ledger = await _ledger(resources)
    for number, order in orders.items():
        if order.state != State.CONFIRMED or not order.total_cents:
            continue
        if paid[number] == 0:
            found.append(f"order {number}: confirmed, and never paid")
        if "succeeded" not in ledger.get(charge_key(order.id), set()):
            found.append(f"order {number}: confirmed, and the ledger does not know of it")
    return found


async def _ledger(resources: Resources) -> dict[str, set[str]]:
    kinds: dict[str, set[str]] = {}
    async with resources.database.transaction() as session:
        for key, kind in await session.execute(select(LedgerEntry.key, LedgerEntry.kind)):
            kinds.setdefault(key, set()).add(kind)
    return kinds


def _stuck(resources: Resources, orders: dict[str, Order]) -> list[str]:
    patience = timedelta(seconds=resources.settings.give_up_seconds) + STUCK_AFTER
    return [
        f"order {number}: stuck in {order.step} since {order.updated_at:%Y-%m-%d %H:%M:%S} UTC"
        for number, order in orders.items()
        if order.step != Step.DONE and now() - order.updated_at > patience
    ]


async def _pages(peer: Peer, path: str, cursor: str) -> AsyncIterator[dict[str, Any]]:
    after: Any = None
    while True:
        answer = await peer.call("GET", path, query={"after": after}, seconds=20)
        for one in answer["results"]:
            yield one
            after = one[cursor]
        if not answer["results"]:
            return
