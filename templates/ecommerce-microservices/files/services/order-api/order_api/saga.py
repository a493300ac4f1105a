"""The way of an order: reserve, charge, commit; or back: undo the charge, release.

Each step is a command to another service with the order's id as its key, so it may be done twice,
and a conditional UPDATE that remembers what comes next. Whoever dies between the two leaves a row
that says what is to be done again. The way back closes the door behind it: after a release no
reserve of this order succeeds, and after an undo no charge, also not one that is still on its way.
"""

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select, update

from order_api.audit import note
from order_api.models import Order, OrderLine, State, Step
from order_api.resources import Resources
from service_kit.rows import now
from shop.calls import PeerRefused
from shop.contracts import Charged

logger = logging.getLogger(__name__)

ACTOR = "order-api"
# Before it has stock an order costs nobody anything, and may wait while others are served.
RESERVE_ATTEMPTS = 8


@dataclass(frozen=True, slots=True)
class Next:
    """What a step leads to."""

    step: Step
    event: str
    changes: dict[str, Any] = field(default_factory=dict)
    prices: dict[int, tuple[str, int]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class NotYet:
    """No answer that means anything: asked again later."""

    why: str


type Outcome = Next | NotYet


async def take_step(resources: Resources, order: Order, lease: UUID) -> Outcome:
    """Does what the row says and writes down what comes next, if the lease is still ours."""
    outcome = await _STEPS[Step(order.step)](resources, order)
    if isinstance(outcome, Next):
        await _enter(resources, order, lease, outcome)
    return outcome


async def _reserve(resources: Resources, order: Order) -> Outcome:
    if order.attempts >= RESERVE_ATTEMPTS and _too_late(resources, order):
        return _back(Step.RELEASE, "given_up", State.CANCELLED, "timed_out")
    async with resources.database.transaction() as session:
        lines = (await session.scalars(_lines(order.id))).all()
    wanted = [{"product_id": line.product_id, "quantity": line.quantity} for line in lines]
    path = f"/internal/v1/reservations/{order.id}"
    try:
        answer = await resources.products.call("PUT", path, json={"lines": wanted})
    except PeerRefused as refused:
        if refused.code == "out_of_stock":
            lacking = {"unavailable": list(refused.body.get("lines", []))}
            return _back(Step.RELEASE, "stock_refused", State.OUT_OF_STOCK, "out_of_stock", lacking)
        if refused.code == "reservation_gone":
            return _back(Step.RELEASE, "reservation_gone", State.CANCELLED, "timed_out")
        raise
    prices = {
        line["product_id"]: (line["name"], line["unit_price_cents"]) for line in answer["lines"]
    }
    total = sum(line["unit_price_cents"] * line["quantity"] for line in answer["lines"])
    changes = {"total_cents": total, "currency": answer["currency"]}
    if order.expected_total_cents not in (None, total):
        back = _back(Step.RELEASE, "price_changed", State.CANCELLED, "price_changed", changes)
        return Next(back.step, back.event, back.changes, prices)
    # What costs nothing is not charged: providers refuse that.
    return Next(Step.CHARGE if total else Step.COMMIT, "stock_reserved", changes, prices)


async def _charge(resources: Resources, order: Order) -> Outcome:
    if order.attempts > 0 and _too_late(resources, order):
        return _back(Step.UNDO_CHARGE, "payment_given_up", State.CANCELLED, "timed_out")
    asked = {
        "order_id": str(order.id),
        "amount_cents": order.total_cents,
        "currency": order.currency,
        "token": order.payment_token or "",
    }
    path = f"/internal/v1/charges/{charge_key(order.id)}"
    try:
        answer = await resources.payments.call("PUT", path, json=asked, seconds=10)
    except PeerRefused as refused:
        if refused.code == "charge_voided":
            return _back(Step.UNDO_CHARGE, "charge_voided", State.CANCELLED, "timed_out")
        raise
    charged = Charged.model_validate(answer)
    if charged.state == "processing":
        return NotYet("the provider is still at it")
    if charged.state == "declined":
        reason = charged.decline_code or "card_declined"
        return _back(Step.RELEASE, "payment_declined", State.DECLINED, reason)
    return Next(Step.COMMIT, "payment_taken", {"payment_token": None})


async def _commit(resources: Resources, order: Order) -> Outcome:
    path = f"/internal/v1/reservations/{order.id}/commit"
    try:
        await resources.products.call("POST", path)
    except PeerRefused as refused:
        if refused.code != "reservation_gone":
            raise
        # It took too long, and somebody else has what was held: the money goes back.
        return _back(Step.UNDO_CHARGE, "reservation_gone", State.OUT_OF_STOCK, "out_of_stock")
    return Next(Step.DONE, "order_confirmed", {"state": State.CONFIRMED})


async def _undo_charge(resources: Resources, order: Order) -> Outcome:
    if not order.total_cents:
        # Never charged: there is nothing at a provider that could be undone.
        return Next(Step.RELEASE, "charge_cancelled")
    path = f"/internal/v1/charges/{charge_key(order.id)}/undo"
    asked = {
        "order_id": str(order.id),
        "amount_cents": order.total_cents,
        "currency": order.currency,
        "token": "",
    }
    answer = await resources.payments.call("POST", path, json=asked, seconds=10)
    return Next(Step.RELEASE, f"charge_{answer['state']}")


async def _release(resources: Resources, order: Order) -> Outcome:
    await resources.products.call("DELETE", f"/internal/v1/reservations/{order.id}")
    return Next(Step.DONE, f"order_{order.target}", {"state": order.target, "payment_token": None})


_STEPS: dict[Step, Callable[[Resources, Order], Awaitable[Outcome]]] = {
    Step.RESERVE: _reserve,
    Step.CHARGE: _charge,
    Step.COMMIT: _commit,
    Step.UNDO_CHARGE: _undo_charge,
    Step.RELEASE: _release,
}


def _too_late(resources: Resources, order: Order) -> bool:
    """Since this step began: how long an order waited for its turn is not the provider's fault."""
    return now() - order.updated_at > timedelta(seconds=resources.settings.give_up_seconds)


def charge_key(order: UUID) -> str:
    return f"order-{order}"


def _back(
    step: Step, event: str, target: State, reason: str, more: dict[str, Any] | None = None
) -> Next:
    return Next(step, event, {"target": target, "reason": reason[:40], **(more or {})})


def _lines(order: UUID) -> Any:
    return select(OrderLine).where(OrderLine.order_id == order).order_by(OrderLine.product_id)


async def _enter(resources: Resources, order: Order, lease: UUID, following: Next) -> None:
    moment = now()
    values: dict[str, Any] = {
        "step": following.step,
        "attempts": 0,
        "due_at": moment,
        "lease_until": moment + timedelta(seconds=resources.settings.lease_seconds),
        "updated_at": moment,
        **following.changes,
    }
    async with resources.database.transaction() as session:
        entered = await session.scalar(
            update(Order)
            .where(Order.id == order.id, Order.step == order.step, Order.lease == lease)
            .values(**values)
            .returning(Order.id)
        )
        if entered is None:
            # Another process took over; what was done here it does again, to no effect.
            logger.info("order %s is another's by now", order.id)
            return
        for product, (name, cents) in sorted(following.prices.items()):
            await session.execute(
                update(OrderLine)
                .where(OrderLine.order_id == order.id, OrderLine.product_id == product)
                .values(name=name, unit_price_cents=cents)
            )
        told = {
            key: following.changes[key]
            for key in ("reason", "total_cents")
            if key in following.changes
        }
        note(session, following.event, actor=ACTOR, order=order.id, **told)
