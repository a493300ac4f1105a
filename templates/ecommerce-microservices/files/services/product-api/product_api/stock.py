"""Takes stock and gives it back. Each command may come twice, late, or after its opposite.

Locks are taken in one order, the reservation and then its products by number, so no two commands
wait for each other. Stock moves by an UPDATE that names what must be there: two buyers of the last
piece cannot both have it, and the table's own constraints would refuse them.
"""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from product_api.models import Product, Reservation, ReservationLine, State, StockMovement
from service_kit.problems import Problem
from service_kit.request_id import current_request_id
from service_kit.rows import Database, now
from shop.contracts import Lack, Line

ACTOR = "order-api"

type Pile = InstrumentedAttribute[int]


class OutOfStock(Problem):
    def __init__(self, lines: Sequence[Lack]) -> None:
        super().__init__(
            409,
            "out_of_stock",
            "There is not enough of this left.",
            lines=[line.model_dump() for line in lines],
        )


def gone() -> Problem:
    return Problem(409, "reservation_gone", "This reservation is over, and its stock is not held.")


async def reserve(database: Database, order: UUID, lines: Sequence[Line], seconds: int) -> None:
    """All of it or nothing."""
    if await _still_held(database, order):
        return
    try:
        async with database.transaction() as session:
            moment = now()
            session.add(
                Reservation(
                    id=order, state=State.HELD, expires_at=moment + timedelta(seconds=seconds)
                )
            )
            await session.flush()
            lacking = [
                line.product_id
                for line in sorted(lines, key=lambda line: line.product_id)
                if not await _hold(session, order, line)
            ]
            if lacking:
                raise OutOfStock(await _left(session, lacking))
    except IntegrityError:
        # The same command came twice, and this one was second.
        if not await _still_held(database, order):
            raise gone() from None


async def commit(database: Database, order: UUID) -> None:
    """What was held is sold. One that expired in the meantime is taken again, if it is there."""
    async with database.transaction() as session:
        reservation = await _locked(session, order)
        if reservation is None or reservation.state in (State.RELEASED, State.RETURNED):
            raise gone()
        if reservation.state == State.SOLD:
            return
        held = reservation.state == State.HELD
        pile = Product.reserved if held else Product.available
        for line in await lines_of(session, order):
            taken = await session.scalar(
                update(Product)
                .where(Product.id == line.product_id, pile >= line.quantity)
                .values({pile: pile - line.quantity, Product.sold: Product.sold + line.quantity})
                .returning(Product.id)
            )
            if taken is None:
                raise gone()
            _note(session, "sold", line)
        _enter(reservation, State.SOLD)


async def release(database: Database, order: UUID) -> None:
    """Afterwards nothing of it is held or sold, and a reserve that comes later is refused."""
    try:
        async with database.transaction() as session:
            reservation = await _locked(session, order)
            if reservation is None:
                session.add(Reservation(id=order, state=State.RELEASED, expires_at=now()))
                return
            if reservation.state == State.HELD:
                await _give_back(session, order, Product.reserved, "released")
                _enter(reservation, State.RELEASED)
            elif reservation.state == State.SOLD:
                await _give_back(session, order, Product.sold, "returned")
                _enter(reservation, State.RETURNED)
            elif reservation.state == State.EXPIRED:
                _enter(reservation, State.RELEASED)
    except IntegrityError:
        # A reserve was faster by a moment: it is there now.
        await release(database, order)


async def expire(database: Database) -> int:
    """Gives back what was held too long. Orders in flight are none of these, as a rule."""
    async with database.transaction() as session:
        over = select(Reservation.id).where(
            Reservation.state == State.HELD, Reservation.expires_at < now()
        )
        found = (await session.scalars(over.limit(200))).all()
    for order in found:
        async with database.transaction() as session:
            reservation = await _locked(session, order)
            if reservation is not None and reservation.state == State.HELD:
                await _give_back(session, order, Product.reserved, "expired")
                _enter(reservation, State.EXPIRED)
    return len(found)


async def lines_of(session: AsyncSession, order: UUID) -> Sequence[ReservationLine]:
    found = select(ReservationLine).where(ReservationLine.reservation_id == order)
    return (await session.scalars(found.order_by(ReservationLine.product_id))).all()


async def _still_held(database: Database, order: UUID) -> bool:
    async with database.transaction() as session:
        state = await session.scalar(select(Reservation.state).where(Reservation.id == order))
    if state in (State.RELEASED, State.EXPIRED, State.RETURNED):
        raise gone()
    return state is not None


async def _hold(session: AsyncSession, order: UUID, line: Line) -> bool:
    taken = await session.execute(
        update(Product)
        .where(Product.id == line.product_id, Product.active, Product.available >= line.quantity)
        .values(
            available=Product.available - line.quantity, reserved=Product.reserved + line.quantity
        )
        .returning(Product.name, Product.price_cents)
    )
    found = taken.one_or_none()
    if found is None:
        return False
    held = ReservationLine(
        reservation_id=order,
        product_id=line.product_id,
        quantity=line.quantity,
        name=found.name,
        unit_price_cents=found.price_cents,
    )
    session.add(held)
    _note(session, "held", held)
    return True


async def _left(session: AsyncSession, products: Sequence[int]) -> list[Lack]:
    asked = select(Product.id, Product.available).where(Product.id.in_(products), Product.active)
    left = {row.id: row.available for row in await session.execute(asked)}
    return [Lack(product_id=number, available=left.get(number, 0)) for number in products]


async def _locked(session: AsyncSession, order: UUID) -> Reservation | None:
    return await session.scalar(
        select(Reservation).where(Reservation.id == order).with_for_update()
    )


async def _give_back(session: AsyncSession, order: UUID, pile: Pile, kind: str) -> None:
    for line in await lines_of(session, order):
        await session.execute(
            update(Product)
            .where(Product.id == line.product_id)
            .values(
                {pile: pile - line.quantity, Product.available: Product.available + line.quantity}
            )
        )
        _note(session, kind, line)


def _enter(reservation: Reservation, state: State) -> None:
    reservation.state = state
    reservation.updated_at = now()


def _note(session: AsyncSession, kind: str, line: ReservationLine) -> None:
    session.add(
        StockMovement(
            product_id=line.product_id,
            kind=kind,
            quantity=line.quantity,
            actor="clock" if kind == "expired" else ACTOR,
            reservation_id=line.reservation_id,
            request_id=current_request_id() or "",
        )
    )
