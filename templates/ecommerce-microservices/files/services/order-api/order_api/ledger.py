"""Keeps payment-api's ledger, and the books of the test provider.

payment-api is on the payment network alone and has no database (the matrix of this architecture),
so what it must not forget it tells order-api, whose database is backed up with the orders.
"""

from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Depends
from pydantic import Field
from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from order_api.models import LedgerEntry, TestCharge
from order_api.resources import Resources, resources_of
from service_kit.problems import Problem
from service_kit.rows import now
from shop.callers import called_by
from shop.contracts import Cents, Shape

type Res = Annotated[Resources, Depends(resources_of)]
type Key = Annotated[str, Field(pattern="^[A-Za-z0-9._-]{8,80}$")]

router = APIRouter(prefix="/internal/v1", dependencies=[Depends(called_by("payment-api"))])

PAGE = 500


class Entry(Shape):
    key: Key
    kind: Literal["requested", "opened", "succeeded", "declined", "voided", "refunded"]
    order_id: UUID
    amount_cents: Cents
    currency: str
    provider: Annotated[str, Field(max_length=20)]
    reference: Annotated[str, Field(max_length=100)] = ""
    detail: Annotated[str, Field(max_length=40)] = ""


class Attempt(Shape):
    key: Key
    order_id: UUID
    amount_cents: Cents
    currency: str
    outcome: Literal["succeeded", "declined"]
    decline_code: str | None = None
    # Which attempt is the first that does anything.
    settle_at: int = 1


@router.post("/ledger")
async def write(data: Entry, resources: Res) -> dict[str, Any]:
    """Adds a line once, and says all that this charge's lines say."""
    async with resources.database.transaction() as session:
        await _insert(session, LedgerEntry, {**data.model_dump(), "at": now()})
        asked = select(LedgerEntry).where(LedgerEntry.key == data.key).order_by(LedgerEntry.id)
        found = (await session.scalars(asked)).all()
    return {
        "lines": [
            {"kind": one.kind, "reference": one.reference, "detail": one.detail} for one in found
        ]
    }


@router.post("/test-charges")
async def attempt(data: Attempt, resources: Res) -> dict[str, Any]:
    _test_provider_only(resources)
    moment = now()
    async with resources.database.transaction() as session:
        row = data.model_dump(include={"key", "order_id", "amount_cents", "currency"})
        fresh = {"state": "attempted", "attempts": 0, "created_at": moment, "updated_at": moment}
        await _insert(session, TestCharge, row | fresh)
        charge = await _charge(session, data.key)
        charge.attempts += 1
        if charge.state == "attempted" and charge.attempts >= data.settle_at:
            charge.state, charge.decline_code = data.outcome, data.decline_code
            charge.updated_at = moment
        return _shown(charge)


@router.post("/test-charges/undo")
async def undo(data: Attempt, resources: Res) -> dict[str, Any]:
    """Money goes back; where none was taken, none will be."""
    _test_provider_only(resources)
    moment = now()
    async with resources.database.transaction() as session:
        row = data.model_dump(include={"key", "order_id", "amount_cents", "currency"})
        fresh = {"state": "cancelled", "attempts": 0, "created_at": moment, "updated_at": moment}
        await _insert(session, TestCharge, row | fresh)
        charge = await _charge(session, data.key)
        if charge.state == "succeeded":
            charge.state = "refunded"
        elif charge.state == "attempted":
            charge.state = "cancelled"
        charge.updated_at = moment
        return _shown(charge)


@router.get("/test-charges")
async def charges(resources: Res, after: str = "") -> dict[str, Any]:
    _test_provider_only(resources)
    asked = select(TestCharge).where(TestCharge.key > after).order_by(TestCharge.key).limit(PAGE)
    async with resources.database.transaction() as session:
        found = (await session.scalars(asked)).all()
    return {"results": [_shown(one) for one in found]}


async def _charge(session: AsyncSession, key: str) -> TestCharge:
    asked = select(TestCharge).where(TestCharge.key == key).with_for_update()
    return (await session.scalars(asked)).one()


async def _insert(session: AsyncSession, table: type[Any], values: dict[str, Any]) -> None:
    """Nothing happens when it is there."""
    of = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    await session.execute(of.insert(table).values(**values).on_conflict_do_nothing())


def _test_provider_only(resources: Resources) -> None:
    if resources.settings.provider != "test":
        raise Problem(404, "not_found", "There is no test provider here.")


def _shown(charge: TestCharge) -> dict[str, Any]:
    names = ("key", "amount_cents", "currency", "state", "decline_code", "attempts")
    shown = {name: getattr(charge, name) for name in names}
    return {**shown, "order_id": str(charge.order_id)}
