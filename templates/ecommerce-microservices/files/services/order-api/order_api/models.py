"""The tables. Types are those that PostgreSQL and, on a laptop, SQLite have in common."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    Integer,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from service_kit.accounts import SessionColumns, UserColumns
from service_kit.rows import UtcDateTime, now

# SQLite numbers rows by itself only when the type is INTEGER.
BigNumber = BigInteger().with_variant(Integer(), "sqlite")
Json = JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")


class Base(DeclarativeBase):
    pass


class User(UserColumns, Base):
    role: Mapped[str] = mapped_column(String(10), default="customer", server_default="customer")


class Session(SessionColumns, Base):
    pass


class State(StrEnum):
    """What the customer sees."""

    PROCESSING = "processing"
    CONFIRMED = "confirmed"
    DECLINED = "declined"
    OUT_OF_STOCK = "out_of_stock"
    CANCELLING = "cancelling"
    CANCELLED = "cancelled"

    @property
    def final(self) -> bool:
        return self not in (State.PROCESSING, State.CANCELLING)


class Step(StrEnum):
    """What is to be done next. The row is the outbox: nothing else remembers it."""

    RESERVE = "reserve"
    CHARGE = "charge"
    COMMIT = "commit"
    UNDO_CHARGE = "undo_charge"
    RELEASE = "release"
    DONE = "done"


class Order(Base):
    __tablename__ = "orders"
    __table_args__ = (
        UniqueConstraint("user_id", "key", name="orders_key"),
        CheckConstraint(
            "state IN ('processing', 'confirmed', 'declined', 'out_of_stock', 'cancelling',"
            " 'cancelled')",
            name="orders_state",
        ),
        CheckConstraint(
            "step IN ('reserve', 'charge', 'commit', 'undo_charge', 'release', 'done')",
            name="orders_step",
        ),
        CheckConstraint(
            "(step = 'done') = (state NOT IN ('processing', 'cancelling'))", name="orders_end"
        ),
        Index("orders_of_user", "user_id", "created_at", "id"),
        # What recovery looks for; finished orders, which are most of them, are not in it.
        Index("orders_in_flight", "due_at", postgresql_where=text("step <> 'done'")),
        Index("orders_confirmed", "updated_at", "id", postgresql_where=text("state = 'confirmed'")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    # Of the client: the same one is the same order, if it asks for the same.
    key: Mapped[str] = mapped_column(String(64))
    fingerprint: Mapped[str] = mapped_column(String(64))
    state: Mapped[str] = mapped_column(String(12), default=State.PROCESSING)
    step: Mapped[str] = mapped_column(String(12), default=Step.RESERVE)
    # The state that the way back leads to.
    target: Mapped[str | None] = mapped_column(String(12))
    reason: Mapped[str | None] = mapped_column(String(40))
    unavailable: Mapped[list[dict[str, Any]]] = mapped_column(Json, default=list)
    currency: Mapped[str] = mapped_column(String(3))
    total_cents: Mapped[int | None] = mapped_column(BigInteger)
    expected_total_cents: Mapped[int | None] = mapped_column(BigInteger)
    # Stands for a means of payment, and goes when the money is taken or will not be.
    payment_token: Mapped[str | None] = mapped_column(String(100))
    shipping: Mapped[dict[str, Any] | None] = mapped_column(Json)
    attempts: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    # Whose turn it is, and until when: a process that dies gives nothing back.
    lease: Mapped[UUID | None] = mapped_column()
    lease_until: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    request_id: Mapped[str] = mapped_column(String(64), default="")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)


class OrderLine(Base):
    __tablename__ = "order_lines"
    __table_args__ = (CheckConstraint("quantity > 0", name="order_lines_quantity"),)

    order_id: Mapped[UUID] = mapped_column(ForeignKey("orders.id"), primary_key=True)
    # Of product-api; no foreign key reaches there.
    product_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    quantity: Mapped[int] = mapped_column(Integer)
    name: Mapped[str] = mapped_column(String(200), default="")
    unit_price_cents: Mapped[int | None] = mapped_column(BigInteger)


class AuditEntry(Base):
    """Who did what. The application's role can add lines, and change or delete none."""

    __tablename__ = "audit_log"
    __table_args__ = (Index("audit_log_of_order", "order_id", "id"),)

    id: Mapped[int] = mapped_column(BigNumber, primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    event: Mapped[str] = mapped_column(String(40))
    actor: Mapped[str] = mapped_column(String(254))
    order_id: Mapped[UUID | None] = mapped_column()
    detail: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    request_id: Mapped[str] = mapped_column(String(64), default="")


class LedgerEntry(Base):
    """What payment-api asked its provider for and was told. New lines only, as in the audit log."""

    __tablename__ = "payment_ledger"
    __table_args__ = (
        # Each thing happens to a charge once: this is what makes a second telling harmless.
        UniqueConstraint("key", "kind", name="payment_ledger_once"),
        CheckConstraint(
            "kind IN ('requested', 'opened', 'succeeded', 'declined', 'voided', 'refunded')",
            name="payment_ledger_kind",
        ),
    )

    id: Mapped[int] = mapped_column(BigNumber, primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    key: Mapped[str] = mapped_column(String(80))
    kind: Mapped[str] = mapped_column(String(10))
    order_id: Mapped[UUID] = mapped_column(index=True)
    amount_cents: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str] = mapped_column(String(3))
    provider: Mapped[str] = mapped_column(String(20))
    reference: Mapped[str] = mapped_column(String(100), default="")
    detail: Mapped[str] = mapped_column(String(40), default="")


class TestCharge(Base):
    """The books of the built-in test provider: what a real one keeps on its side."""

    __test__ = False
    __tablename__ = "test_charges"
    __table_args__ = (
        CheckConstraint(
            "state IN ('attempted', 'succeeded', 'declined', 'refunded', 'cancelled')",
            name="test_charges_state",
        ),
    )

    key: Mapped[str] = mapped_column(String(80), primary_key=True)
    order_id: Mapped[UUID] = mapped_column(index=True)
    amount_cents: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str] = mapped_column(String(3))
    state: Mapped[str] = mapped_column(String(10))
    decline_code: Mapped[str | None] = mapped_column(String(40))
    attempts: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
