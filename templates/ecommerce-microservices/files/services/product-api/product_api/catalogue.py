"""What people write about products: names, prices, and how many came in."""

from collections.abc import Sequence

from sqlalchemy import Select, func, select, update
from sqlalchemy.exc import IntegrityError

from product_api.models import Product, StockMovement
from product_api.settings import settings
from service_kit.problems import Problem, invalid
from service_kit.request_id import current_request_id
from service_kit.rows import Database, now
from shop.contracts import NewProduct, ProductChange, StockChange


async def find(
    database: Database,
    *,
    search: str,
    ids: Sequence[int],
    everything: bool,
    page: int,
    page_size: int,
) -> tuple[int, Sequence[Product]]:
    asked = select(Product)
    if not everything:
        asked = asked.where(Product.active)
    if ids:
        asked = asked.where(Product.id.in_(ids))
    for word in search.split():
        asked = asked.where(Product.name.icontains(word, autoescape=True))
    return await _page(database, asked.order_by(Product.id), page, page_size)


async def get(database: Database, number: int, *, everything: bool) -> Product:
    async with database.transaction() as session:
        product = await session.get(Product, number)
    if product is None or not (product.active or everything):
        raise Problem(404, "not_found", "There is no such product.")
    return product


async def create(database: Database, data: NewProduct, actor: str) -> Product:
    async with database.transaction() as session:
        product = Product(
            name=data.name,
            description=data.description,
            price_cents=data.cents(),
            currency=settings().currency,
            stock=data.stock,
            available=data.stock,
        )
        session.add(product)
        await session.flush()
        session.add(_movement(product.id, "created", data.stock, actor))
    return product


async def change(
    database: Database, number: int, data: ProductChange, actor: str, version: int | None
) -> Product:
    values: dict[str, object] = {
        name: value
        for name in ("name", "description", "active")
        if (value := getattr(data, name)) is not None
    }
    if (cents := data.cents()) is not None:
        values["price_cents"] = cents
    if not values:
        raise invalid({"non_field_errors": ["Nothing was to be changed."]})
    async with database.transaction() as session:
        asked = update(Product).where(Product.id == number)
        if version is not None:
            asked = asked.where(Product.version == version)
        changed: Product | None = await session.scalar(
            asked.values(version=Product.version + 1, updated_at=now(), **values).returning(Product)
        )
        if changed is None:
            if await session.get(Product, number) is None:
                raise Problem(404, "not_found", "There is no such product.")
            raise Problem(412, "precondition_failed", "Somebody has changed it. Look at it again.")
        said = ", ".join(f"{name}={value}" for name, value in values.items())
        session.add(_movement(number, "changed", 0, actor, said[:200]))
    return changed


async def adjust(
    database: Database, number: int, data: StockChange, actor: str, key: str | None
) -> Product:
    """More came in, or fewer were counted. Never below what is reserved and sold."""
    named = {} if key is None else {"key": f"{number}:{key}"}
    try:
        async with database.transaction() as session:
            session.add(_movement(number, "adjusted", data.change, actor, data.reason, **named))
            await session.flush()
            changed: Product | None = await session.scalar(
                update(Product)
                .where(Product.id == number, Product.available + data.change >= 0)
                .values(
                    stock=Product.stock + data.change,
                    available=Product.available + data.change,
                    updated_at=now(),
                )
                .returning(Product)
            )
            if changed is None:
                left = await session.scalar(select(Product.available).where(Product.id == number))
                raise _refusal(left)
            return changed
    except IntegrityError:
        # Done already with this key; or there is no such product, and then this says so.
        product = await get(database, number, everything=True)
        if named:
            await _same(database, data, named["key"])
        return product


async def _same(database: Database, data: StockChange, key: str) -> None:
    """A key that is used again for something else would book nothing, and nobody would know."""
    async with database.transaction() as session:
        done = await session.scalar(select(StockMovement).where(StockMovement.key == key))
    if done is not None and (done.quantity, done.reason) != (data.change, data.reason):
        raise Problem(
            422, "idempotency_key_reused", "This Idempotency-Key belongs to another change."
        )


def _refusal(left: int | None) -> Problem:
    if left is None:
        return Problem(404, "not_found", "There is no such product.")
    return Problem(409, "stock_too_low", f"Only {left} are available.", available=left)


async def movements(
    database: Database, product: int | None, page: int, page_size: int
) -> tuple[int, Sequence[StockMovement]]:
    asked = select(StockMovement)
    if product is not None:
        asked = asked.where(StockMovement.product_id == product)
    return await _page(database, asked.order_by(StockMovement.id.desc()), page, page_size)


async def _page[T](
    database: Database, asked: Select[T], page: int, page_size: int
) -> tuple[int, Sequence[T]]:
    async with database.transaction() as session:
        count = await session.scalar(
            select(func.count()).select_from(asked.order_by(None).subquery())
        )
        rows = await session.scalars(asked.limit(page_size).offset((page - 1) * page_size))
        return count or 0, rows.all()


def _movement(
    number: int, kind: str, quantity: int, actor: str, reason: str = "", **more: str
) -> StockMovement:
    return StockMovement(
        product_id=number,
        kind=kind,
        quantity=quantity,
        actor=actor,
        reason=reason,
        request_id=current_request_id() or "",
        **more,
    )
