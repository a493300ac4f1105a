"""Compares what three sides say: product-api of stock, the provider of money, orders of both."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, func, select

from order_api.models import LedgerEntry, Order, OrderLine, State, Step
from order_api.resources import Resources
from order_api.saga import charge_key
from service_kit.rows import now
from shop.calls import Peer

# An order that is so much older than its patience, and not at its end, is stuck.
STUCK_AFTER = timedelta(minutes=5)
PAGE = 500
# Of an order what is compared, and no object of it: a shop may have millions.
_COLUMNS = (Order.id, Order.state, Order.step, Order.total_cents, Order.updated_at)

type Found = Row[UUID, str, str, int | None, datetime]


async def wait_for_flight(resources: Resources, seconds: int) -> None:
    deadline = now() + timedelta(seconds=seconds)
    while now() < deadline:
        async with resources.database.transaction() as session:
            asked = select(func.count()).select_from(Order).where(Order.step != Step.DONE)
            if await session.scalar(asked) == 0:
                return
        await asyncio.sleep(0.5)


async def reconcile(resources: Resources) -> tuple[list[str], dict[str, int]]:
    """Findings, none when all is well, and what was counted. In pages: orders are never deleted."""
    began = now()
    findings: list[str] = []
    held: Counter[int] = Counter()
    sold: Counter[int] = Counter()
    bought: Counter[int] = Counter()
    in_flight: set[UUID] = set()
    counted = {"orders": 0, "confirmed": 0, "charges": 0, "refunded": 0}
    async for orders in _orders(resources):
        confirmed = [order.id for order in orders if order.state == State.CONFIRMED]
        for lines in (await _lines(resources, confirmed)).values():
            bought.update(lines)
        in_flight |= {order.id for order in orders if order.step != Step.DONE}
        counted["orders"] += len(orders)
        counted["confirmed"] += len(confirmed)
        findings += _stuck(resources, orders)
    async for reservations in _pages(resources.products, "/internal/v1/reservations", "id"):
        numbers = [UUID(one["id"]) for one in reservations]
        known, wanted = await _known(resources, numbers), await _lines(resources, numbers)
        for number, one in zip(numbers, reservations, strict=True):
            pile = sold if one["state"] == "sold" else held
            reserved = {line["product_id"]: line["quantity"] for line in one["lines"]}
            pile.update(reserved)
            if one["state"] == "sold" and number in in_flight:
                bought.update(reserved)  # sold already, and the order is about to know
            findings += _reservation(one, known.get(number), wanted[number], reserved)
    async for products in _pages(resources.products, "/internal/v1/piles", "id"):
        for pile_of in products:
            findings += _piles(pile_of, held, sold, bought)
    findings += await _money(resources, began, counted)
    return findings, counted | {"sold": sum(sold.values()), "held": sum(held.values())}


async def _orders(resources: Resources, *where: ColumnElement[bool]) -> AsyncIterator[list[Found]]:
    after: list[ColumnElement[bool]] = []
    while True:
        asked = select(*_COLUMNS).where(*where, *after).order_by(Order.id).limit(PAGE)
        async with resources.database.transaction() as session:
            found = list((await session.execute(asked)).all())
        if not found:
            return
        yield found
        after = [Order.id > found[-1].id]


async def _known(resources: Resources, numbers: Iterable[UUID]) -> dict[UUID, Found]:
    async with resources.database.transaction() as session:
        found = await session.execute(select(*_COLUMNS).where(Order.id.in_(numbers)))
        return {one.id: one for one in found}


async def _lines(resources: Resources, orders: Iterable[UUID]) -> dict[UUID, dict[int, int]]:
    lines: dict[UUID, dict[int, int]] = {number: {} for number in orders}
    columns = (OrderLine.order_id, OrderLine.product_id, OrderLine.quantity)
    async with resources.database.transaction() as session:
        asked = select(*columns).where(OrderLine.order_id.in_(lines))
        for number, product, quantity in await session.execute(asked):
            lines[number][product] = quantity
    return lines


def _reservation(
    one: dict[str, Any], order: Found | None, wanted: dict[int, int], reserved: dict[int, int]
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


async def _money(resources: Resources, began: datetime, counted: dict[str, int]) -> list[str]:
    """By the provider's own list: what it took, and did not give back."""
    found: list[str] = []
    paid: Counter[UUID] = Counter()
    async for charges in _pages(resources.payments, "/internal/v1/charges", "cursor"):
        counted["refunded"] += sum(one["state"] == "refunded" for one in charges)
        taken = [(_order_of(one), one) for one in charges if one["state"] == "succeeded"]
        counted["charges"] += len(taken)
        known = await _known(resources, [number for number, _ in taken if number is not None])
        for number, charge in taken:
            name = f"charge {charge['key']}"
            if number is None or (order := known.get(number)) is None:
                found.append(f"{name}: there is no such order")
                continue
            paid[number] += 1
            cents = charge["amount_cents"]
            if cents != order.total_cents:
                found.append(f"{name}: {cents}, and the order is {order.total_cents}")
            if order.state != State.CONFIRMED and order.step == Step.DONE:
                found.append(f"{name}: kept, and its order is {order.state}")
    found += [
        f"order {number}: charged {times} times" for number, times in paid.items() if times > 1
    ]
    # What was confirmed since may have been paid behind the place where the list was read.
    due = (Order.state == State.CONFIRMED, Order.total_cents > 0, Order.updated_at < began)
    async for orders in _orders(resources, *due):
        told = await _told(resources, [charge_key(order.id) for order in orders])
        for order in orders:
            if paid[order.id] == 0:
                found.append(f"order {order.id}: confirmed, and never paid")
            if charge_key(order.id) not in told:
                found.append(f"order {order.id}: confirmed, and the ledger does not know of it")
    return found


def _order_of(charge: dict[str, Any]) -> UUID | None:
    """None when it is none of ours: others may use the account at the provider as well."""
    try:
        return UUID(charge["order_id"])
    except ValueError:
        return None


async def _told(resources: Resources, keys: Sequence[str]) -> set[str]:
    """Which of these the ledger says were charged."""
    async with resources.database.transaction() as session:
        asked = select(LedgerEntry.key).where(
            LedgerEntry.key.in_(keys), LedgerEntry.kind == "succeeded"
        )
        return set(await session.scalars(asked))


def _stuck(resources: Resources, orders: Sequence[Found]) -> list[str]:
    patience = timedelta(seconds=resources.settings.give_up_seconds) + STUCK_AFTER
    return [
        f"order {one.id}: stuck in {one.step} since {one.updated_at:%Y-%m-%d %H:%M:%S} UTC"
        for one in orders
        if one.step != Step.DONE and now() - one.updated_at > patience
    ]


async def _pages(peer: Peer, path: str, cursor: str) -> AsyncIterator[list[dict[str, Any]]]:
    after: Any = None
    while True:
        answer = await peer.call("GET", path, query={"after": after}, seconds=20)
        if not answer["results"]:
            return
        yield answer["results"]
        after = answer["results"][-1][cursor]
