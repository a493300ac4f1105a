"""Orders as rows: made once for each key, shown, taken back."""

import hashlib
from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from order_api.audit import note
from order_api.models import AuditEntry, Order, OrderLine, State, Step, User
from order_api.resources import Resources
from service_kit.problems import Problem
from service_kit.request_id import current_request_id
from service_kit.rows import now
from shop.contracts import NewOrder, OrderEvent
from shop.tokens import Person


def fingerprint(data: NewOrder) -> str:
    return hashlib.sha256(data.model_dump_json().encode()).hexdigest()


async def place(
    resources: Resources, person: Person, key: str, data: NewOrder
) -> tuple[UUID, UUID | None]:
    """The order of this key, and a lease of it when it is new."""
    lease = uuid4()
    until = now() + timedelta(seconds=resources.settings.lease_seconds)
    order = Order(
        id=uuid4(),
        user_id=UUID(person.id),
        key=key,
        fingerprint=fingerprint(data),
        currency=resources.settings.currency,
        expected_total_cents=data.expected_total_cents,
        payment_token=data.payment_token,
        shipping=None if data.shipping is None else data.shipping.model_dump(),
        lease=lease,
        lease_until=until,
        request_id=current_request_id() or "",
    )
    try:
        async with resources.database.transaction() as session:
            session.add(order)
            await session.flush()
            session.add_all(
                OrderLine(order_id=order.id, product_id=line.product_id, quantity=line.quantity)
                for line in data.items
            )
            note(session, "order_placed", actor=person.email, order=order.id)
    except IntegrityError:
        return await _same(resources, person, key, data), None
    return order.id, lease


async def _same(resources: Resources, person: Person, key: str, data: NewOrder) -> UUID:
    async with resources.database.transaction() as session:
        found = await session.scalar(
            select(Order).where(Order.user_id == UUID(person.id), Order.key == key)
        )
    if found is None:
        raise Problem(401, "not_authenticated", "This account is no more. Sign in again.")
    if found.fingerprint != fingerprint(data):
        raise Problem(
            422, "idempotency_key_reused", "This Idempotency-Key belongs to another order."
        )
    return found.id


async def cancel(resources: Resources, number: UUID, person: Person) -> UUID | None:
    """Takes a confirmed order back: a lease to drive it, None when that has been done before."""
    lease, moment = uuid4(), now()
    async with resources.database.transaction() as session:
        taken = await session.scalar(
            update(Order)
            .where(Order.id == number, Order.state == State.CONFIRMED)
            .values(
                state=State.CANCELLING,
                step=Step.UNDO_CHARGE,
                target=State.CANCELLED,
                reason="cancelled_by_customer",
                attempts=0,
                due_at=moment,
                lease=lease,
                lease_until=moment + timedelta(seconds=resources.settings.lease_seconds),
                updated_at=moment,
            )
            .returning(Order.id)
        )
        if taken is not None:
            note(session, "cancel_asked", actor=person.email, order=number)
            return lease
        state = await session.scalar(select(Order.state).where(Order.id == number))
    if state in (State.CANCELLING, State.CANCELLED):
        return None
    raise Problem(409, "not_cancellable", f"An order that is {state} cannot be cancelled.")


async def wake(resources: Resources, number: UUID) -> None:
    """There is news of this order: it is looked at now rather than later."""
    async with resources.database.transaction() as session:
        await session.execute(
            update(Order).where(Order.id == number, Order.step != Step.DONE).values(due_at=now())
        )


async def show(resources: Resources, number: UUID, person: Person) -> dict[str, Any]:
    async with resources.database.transaction() as session:
        found = await session.scalar(select(Order).where(Order.id == number))
        if found is None or not (person.admin or found.user_id == UUID(person.id)):
            # As if there were none: ids tell nothing about other people.
            raise Problem(404, "not_found", "There is no such order.")
        return (await _shown(session, [found], person))[0]


async def find(
    resources: Resources, person: Person, *, everybody: bool, page: int, page_size: int
) -> tuple[int, list[dict[str, Any]]]:
    asked = select(Order)
    if not everybody:
        asked = asked.where(Order.user_id == UUID(person.id))
    async with resources.database.transaction() as session:
        count = await session.scalar(select(func.count()).select_from(asked.subquery()))
        ordered = asked.order_by(Order.created_at.desc(), Order.id)
        rows = await session.scalars(ordered.limit(page_size).offset((page - 1) * page_size))
        return count or 0, await _shown(session, rows.all(), person)


async def events(resources: Resources, number: UUID) -> list[dict[str, Any]]:
    async with resources.database.transaction() as session:
        found = await session.scalars(
            select(AuditEntry).where(AuditEntry.order_id == number).order_by(AuditEntry.id)
        )
        return [OrderEvent.model_validate(one).model_dump(mode="json") for one in found]


async def baskets(resources: Resources, after: str | None, size: int) -> dict[str, Any]:
    """What was bought together, for who makes suggestions: no names, no prices, no people."""
    asked = select(Order.id).where(Order.state == State.CONFIRMED)
    if after:
        asked = asked.where(Order.id > UUID(after))
    async with resources.database.transaction() as session:
        found = (await session.scalars(asked.order_by(Order.id).limit(size))).all()
        bought: dict[UUID, list[int]] = {one: [] for one in found}
        for line in await session.scalars(select(OrderLine).where(OrderLine.order_id.in_(found))):
            bought[line.order_id].append(line.product_id)
    return {
        "results": [sorted(products) for products in bought.values()],
        "after": str(found[-1]) if found else after,
    }


async def _shown(
    session: AsyncSession, found: Sequence[Order], person: Person
) -> list[dict[str, Any]]:
    numbers = [one.id for one in found]
    lines: dict[UUID, list[dict[str, Any]]] = {number: [] for number in numbers}
    asked = select(OrderLine).where(OrderLine.order_id.in_(numbers))
    for line in await session.scalars(asked.order_by(OrderLine.product_id)):
        names = ("product_id", "quantity", "name", "unit_price_cents")
        lines[line.order_id].append({name: getattr(line, name) for name in names})
    emails: dict[UUID, str] = {}
    if person.admin:
        people = select(User.id, User.email).where(User.id.in_({one.user_id for one in found}))
        emails = {row.id: row.email for row in await session.execute(people)}
    return [
        {
            "id": str(one.id),
            "state": one.state,
            "final": State(one.state).final,
            "reason": one.reason,
            "lines": lines[one.id],
            "unavailable": one.unavailable,
            "total_cents": one.total_cents,
            "currency": one.currency,
            "shipping": one.shipping,
            "created_at": one.created_at.isoformat(),
            "updated_at": one.updated_at.isoformat(),
            **({"email": emails.get(one.user_id)} if person.admin else {}),
        }
        for one in found
    ]
