"""What other services ask of this one."""

from collections.abc import Sequence
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Header, Query, Request
from sqlalchemy import select

from product_api import catalogue, stock
from product_api.models import Product, Reservation, State
from product_api.settings import settings
from service_kit.rows import Database
from shop import contracts
from shop.callers import admin_of, called_by
from shop.contracts import (
    KEY,
    MAX_ID,
    TEXT,
    AdminProduct,
    Lines,
    Movement,
    NewProduct,
    ProductChange,
    ProductId,
    StockChange,
)
from shop.tokens import Caller

router = APIRouter(prefix="/internal/v1")

type Db = Annotated[Database, Depends(database_of)]
type Gateway = Annotated[Caller, Depends(called_by("api-gateway"))]
type Orders = Annotated[Caller, Depends(called_by("order-api"))]
type Search = Annotated[Caller, Depends(called_by("search"))]
type Number = Annotated[int, Query(ge=1, le=100_000)]
type Size = Annotated[int, Query(ge=1, le=100)]

AUDIT_PAGE = 500


def database_of(request: Request) -> Database:
    database: Database = request.app.state.database
    return database


def shown(product: Product) -> dict[str, Any]:
    """With all its piles; who may see them is decided where people come in."""
    return AdminProduct.model_validate(product).model_dump(mode="json")


@router.get("/products")
async def find(
    caller: Gateway,
    database: Db,
    search: Annotated[str, Query(max_length=100, pattern=TEXT.pattern)] = "",
    ids: Annotated[str, Query(pattern=r"^(\d{1,9}(,\d{1,9}){0,49})?$")] = "",
    everything: bool = False,
    page: Number = 1,
    page_size: Size = 20,
) -> dict[str, Any]:
    count, found = await catalogue.find(
        database,
        search=search,
        ids=[int(one) for one in ids.split(",") if one],
        everything=everything and admin_of(caller).admin,
        page=page,
        page_size=page_size,
    )
    return {"count": count, "results": [shown(one) for one in found]}


@router.post("/products", status_code=201)
async def create(caller: Gateway, database: Db, data: NewProduct) -> dict[str, Any]:
    return shown(await catalogue.create(database, data, admin_of(caller).email))


@router.get("/products/{number}")
async def get(caller: Gateway, database: Db, number: ProductId) -> dict[str, Any]:
    admin = caller.person is not None and caller.person.admin
    return shown(await catalogue.get(database, number, everything=admin))


@router.patch("/products/{number}")
async def change(
    caller: Gateway,
    database: Db,
    number: ProductId,
    data: ProductChange,
    version: Annotated[int | None, Query(le=MAX_ID)] = None,
) -> dict[str, Any]:
    actor = admin_of(caller).email
    return shown(await catalogue.change(database, number, data, actor, version))


@router.post("/products/{number}/stock")
async def adjust(
    caller: Gateway,
    database: Db,
    number: ProductId,
    data: StockChange,
    idempotency_key: Annotated[str | None, Header(pattern=KEY.pattern)] = None,
) -> dict[str, Any]:
    actor = admin_of(caller).email
    return shown(await catalogue.adjust(database, number, data, actor, idempotency_key))


@router.get("/movements")
async def movements(
    caller: Gateway,
    database: Db,
    product_id: ProductId | None = None,
    page: Number = 1,
    page_size: Size = 50,
) -> dict[str, Any]:
    admin_of(caller)
    count, found = await catalogue.movements(database, product_id, page, page_size)
    results = [Movement.model_validate(one).model_dump(mode="json") for one in found]
    return {"count": count, "results": results}


@router.put("/reservations/{order}")
async def reserve(_: Orders, database: Db, order: UUID, data: Lines) -> contracts.Reservation:
    await stock.reserve(database, order, data.lines, settings().reservation_seconds)
    return await _reservation(database, order)


@router.post("/reservations/{order}/commit")
async def commit(_: Orders, database: Db, order: UUID) -> contracts.Reservation:
    await stock.commit(database, order)
    return await _reservation(database, order)


@router.delete("/reservations/{order}")
async def release(_: Orders, database: Db, order: UUID) -> contracts.Reservation:
    await stock.release(database, order)
    return await _reservation(database, order)


@router.get("/catalogue")
async def everything(_: Search, database: Db, after: int = 0) -> dict[str, Any]:
    """What is sold, for who makes an index of it."""
    async with database.transaction() as session:
        asked = select(Product).where(Product.active, Product.id > after)
        found = (await session.scalars(asked.order_by(Product.id).limit(AUDIT_PAGE))).all()
    results = [
        {"product_id": one.id, "name": one.name, "description": one.description} for one in found
    ]
    return {"results": results}


@router.get("/piles")
async def piles(_: Orders, database: Db, after: int = 0) -> dict[str, Any]:
    """For `reconcile`: the figures of each product."""
    async with database.transaction() as session:
        asked = select(Product).where(Product.id > after).order_by(Product.id).limit(AUDIT_PAGE)
        found = (await session.scalars(asked)).all()
    names = ("id", "name", "stock", "available", "reserved", "sold")
    return {"results": [{name: getattr(one, name) for name in names} for one in found]}


@router.get("/reservations")
async def reservations(_: Orders, database: Db, after: UUID | None = None) -> dict[str, Any]:
    """For `reconcile`: all that holds stock or has sold it."""
    async with database.transaction() as session:
        asked = select(Reservation).where(Reservation.state.in_((State.HELD, State.SOLD)))
        if after is not None:
            asked = asked.where(Reservation.id > after)
        found = (await session.scalars(asked.order_by(Reservation.id).limit(AUDIT_PAGE))).all()
        lines = {one.id: await stock.lines_of(session, one.id) for one in found}
    return {"results": [_shown(one, lines[one.id]) for one in found]}


async def _reservation(database: Database, order: UUID) -> contracts.Reservation:
    async with database.transaction() as session:
        found = await session.get_one(Reservation, order)
        lines = await stock.lines_of(session, order)
    return contracts.Reservation.model_validate(_shown(found, lines))


def _shown(found: Reservation, lines: Sequence[Any]) -> dict[str, Any]:
    names = ("product_id", "quantity", "name", "unit_price_cents")
    return {
        "id": str(found.id),
        "state": found.state,
        "currency": settings().currency,
        "lines": [{name: getattr(line, name) for name in names} for line in lines],
    }
