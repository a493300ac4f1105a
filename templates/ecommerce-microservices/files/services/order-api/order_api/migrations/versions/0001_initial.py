"""Accounts, orders, the audit log and the ledger, and the books of the test provider."""

import sqlalchemy as sa
from alembic import op

from order_api.models import BigNumber, Json
from service_kit.migrate import append_only
from service_kit.rows import UtcDateTime

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    accounts()
    orders()
    books()
    append_only("audit_log")
    append_only("payment_ledger")


def accounts() -> None:
    op.create_table(
        "users",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("email", sa.String(254), nullable=False, unique=True),
        sa.Column("password_hash", sa.String(256), nullable=False),
        sa.Column("role", sa.String(10), nullable=False, server_default="customer"),
        sa.Column("active", sa.Boolean(), nullable=False, server_default=sa.true()),
        sa.Column("created_at", UtcDateTime(), nullable=False, server_default=sa.func.now()),
        sa.CheckConstraint("email = lower(email)", name="users_email_lower"),
    )
    op.create_table(
        "sessions",
        sa.Column("token_hash", sa.String(64), primary_key=True),
        sa.Column(
            "user_id", sa.Uuid(), sa.ForeignKey("users.id", ondelete="CASCADE"), nullable=False
        ),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
    )
    op.create_index("ix_sessions_user_id", "sessions", ["user_id"])
    op.create_index("ix_sessions_expires_at", "sessions", ["expires_at"])


def orders() -> None:
    op.create_table(
        "orders",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("user_id", sa.Uuid(), sa.ForeignKey("users.id"), nullable=False),
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("fingerprint", sa.String(64), nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("step", sa.String(12), nullable=False),
        sa.Column("target", sa.String(12)),
        sa.Column("reason", sa.String(40)),
        sa.Column("unavailable", Json, nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("total_cents", sa.BigInteger()),
        sa.Column("expected_total_cents", sa.BigInteger()),
        sa.Column("payment_token", sa.String(100)),
        sa.Column("shipping", Json),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("due_at", UtcDateTime(), nullable=False),
        sa.Column("lease", sa.Uuid()),
        sa.Column("lease_until", UtcDateTime(), nullable=False),
        sa.Column("request_id", sa.String(64), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.UniqueConstraint("user_id", "key", name="orders_key"),
        sa.CheckConstraint(
            "state IN ('processing', 'confirmed', 'declined', 'out_of_stock', 'cancelling',"
            " 'cancelled')",
            name="orders_state",
        ),
        sa.CheckConstraint(
            "step IN ('reserve', 'charge', 'commit', 'undo_charge', 'release', 'done')",
            name="orders_step",
        ),
        sa.CheckConstraint(
            "(step = 'done') = (state NOT IN ('processing', 'cancelling'))", name="orders_end"
        ),
    )
    op.create_index("orders_of_user", "orders", ["user_id", "created_at", "id"])
    op.create_index(
        "orders_in_flight", "orders", ["due_at"], postgresql_where=sa.text("step <> 'done'")
    )
    op.create_index(
        "orders_confirmed",
        "orders",
        ["updated_at", "id"],
        postgresql_where=sa.text("state = 'confirmed'"),
    )
    op.create_table(
        "order_lines",
        sa.Column("order_id", sa.Uuid(), sa.ForeignKey("orders.id"), primary_key=True),
        sa.Column("product_id", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("unit_price_cents", sa.BigInteger()),
        sa.CheckConstraint("quantity > 0", name="order_lines_quantity"),
    )


def books() -> None:
    op.create_table(
        "audit_log",
        sa.Column("id", BigNumber, primary_key=True),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("event", sa.String(40), nullable=False),
        sa.Column("actor", sa.String(254), nullable=False),
        sa.Column("order_id", sa.Uuid()),
        sa.Column("detail", Json, nullable=False),
        sa.Column("request_id", sa.String(64), nullable=False),
    )
    op.create_index("audit_log_of_order", "audit_log", ["order_id", "id"])
    op.create_table(
        "payment_ledger",
        sa.Column("id", BigNumber, primary_key=True),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("key", sa.String(80), nullable=False),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("amount_cents", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("provider", sa.String(20), nullable=False),
        sa.Column("reference", sa.String(100), nullable=False),
        sa.Column("detail", sa.String(40), nullable=False),
        sa.UniqueConstraint("key", "kind", name="payment_ledger_once"),
        sa.CheckConstraint(
            "kind IN ('requested', 'succeeded', 'declined', 'voided', 'refunded')",
            name="payment_ledger_kind",
        ),
    )
    op.create_index("ix_payment_ledger_order_id", "payment_ledger", ["order_id"])
    op.create_table(
        "test_charges",
        sa.Column("key", sa.String(80), primary_key=True),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("amount_cents", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("decline_code", sa.String(40)),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint(
            "state IN ('attempted', 'succeeded', 'declined', 'refunded', 'cancelled')",
            name="test_charges_state",
        ),
    )
    op.create_index("ix_test_charges_order_id", "test_charges", ["order_id"])
