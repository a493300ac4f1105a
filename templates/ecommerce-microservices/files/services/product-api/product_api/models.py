"""The tables. Types are those that PostgreSQL and, on a laptop, SQLite have in common."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID, uuid4

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    Integer,
    String,
    Text,
    text,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from service_kit.rows import UtcDateTime, now

# SQLite numbers rows by itself only when the type is INTEGER.
BigNumber = BigInteger().with_variant(Integer(), "sqlite")


class Base(DeclarativeBase):
    pass


class Product(Base):
    """Each piece is in one of three piles; the database refuses what does not add up."""

    __tablename__ = "products"
    __table_args__ = (
        CheckConstraint("available >= 0", name="products_available"),
        CheckConstraint("reserved >= 0", name="products_reserved"),
        CheckConstraint("sold >= 0", name="products_sold"),
        CheckConstraint("stock = available + reserved + sold", name="products_stock"),
        CheckConstraint("price_cents >= 0", name="products_price"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    description: Mapped[str] = mapped_column(Text, default="")
    price_cents: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str] = mapped_column(String(3))
    # All that ever came in, less what was counted off.
    stock: Mapped[int] = mapped_column(BigInteger)
    available: Mapped[int] = mapped_column(BigInteger)
    reserved: Mapped[int] = mapped_column(BigInteger, default=0)
    sold: Mapped[int] = mapped_column(BigInteger, default=0)
    active: Mapped[bool] = mapped_column(default=True)
    # Of what people wrote: stock moves all the time and is no reason to refuse a change.
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)

    @property
    def price(self) -> str:
        return f"{self.price_cents // 100}.{self.price_cents % 100:02}"


class State(StrEnum):
    HELD = "held"
    SOLD = "sold"
    RELEASED = "released"
    EXPIRED = "expired"
    RETURNED = "returned"


class Reservation(Base):
    """Its id is that of the order. A row also says that there must never be one (released)."""

    __tablename__ = "reservations"
    __table_args__ = (
        CheckConstraint(
            "state IN ('held', 'sold', 'released', 'expired', 'returned')",
            name="reservations_state",
        ),
        # What the clock looks for; most reservations are over.
        Index("reservations_held", "expires_at", postgresql_where=text("state = 'held'")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    state: Mapped[str] = mapped_column(String(10))
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)


class ReservationLine(Base):
    __tablename__ = "reservation_lines"
    __table_args__ = (CheckConstraint("quantity > 0", name="reservation_lines_quantity"),)

    reservation_id: Mapped[UUID] = mapped_column(ForeignKey("reservations.id"), primary_key=True)
    product_id: Mapped[int] = mapped_column(ForeignKey("products.id"), primary_key=True)
    quantity: Mapped[int] = mapped_column(Integer)
    # As it was when it was reserved: what the customer pays.
    name: Mapped[str] = mapped_column(String(200))
    unit_price_cents: Mapped[int] = mapped_column(BigInteger)


class StockMovement(Base):
    """Who moved what, when. The application's role can add lines, and change or delete none."""

    __tablename__ = "stock_movements"
    __table_args__ = (Index("stock_movements_of_product", "product_id", "id"),)

    id: Mapped[int] = mapped_column(BigNumber, primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    product_id: Mapped[int] = mapped_column(ForeignKey("products.id"))
    kind: Mapped[str] = mapped_column(String(10))
    quantity: Mapped[int] = mapped_column(BigInteger)
    actor: Mapped[str] = mapped_column(String(254))
    reason: Mapped[str] = mapped_column(String(200), default="")
    reservation_id: Mapped[UUID | None] = mapped_column()
    request_id: Mapped[str] = mapped_column(String(64), default="")
    # A change of stock that is sent twice is done once.
    key: Mapped[str] = mapped_column(String(80), unique=True, default=lambda: str(uuid4()))
