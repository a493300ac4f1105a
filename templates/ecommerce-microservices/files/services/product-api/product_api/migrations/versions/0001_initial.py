"""Products, reservations, and the book of stock that nobody rewrites."""

import sqlalchemy as sa
from alembic import op

from product_api.models import BigNumber
from service_kit.migrate import append_only
from service_kit.rows import UtcDateTime

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "products",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("price_cents", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("stock", sa.BigInteger(), nullable=False),
        sa.Column("available", sa.BigInteger(), nullable=False),
        sa.Column("reserved", sa.BigInteger(), nullable=False),
        sa.Column("sold", sa.BigInteger(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("available >= 0", name="products_available"),
        sa.CheckConstraint("reserved >= 0", name="products_reserved"),
        sa.CheckConstraint("sold >= 0", name="products_sold"),
        sa.CheckConstraint("stock = available + reserved + sold", name="products_stock"),
        sa.CheckConstraint("price_cents >= 0", name="products_price"),
    )
    op.create_table(
        "reservations",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint(
            "state IN ('held', 'sold', 'released', 'expired', 'returned')",
            name="reservations_state",
        ),
    )
    op.create_index(
        "reservations_held",
        "reservations",
        ["expires_at"],
        postgresql_where=sa.text("state = 'held'"),
    )
    op.create_table(
        "reservation_lines",
        sa.Column("reservation_id", sa.Uuid(), sa.ForeignKey("reservations.id"), primary_key=True),
        sa.Column("product_id", sa.Integer(), sa.ForeignKey("products.id"), primary_key=True),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("unit_price_cents", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("quantity > 0", name="reservation_lines_quantity"),
    )
    op.create_table(
        "stock_movements",
        sa.Column("id", BigNumber, primary_key=True),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("product_id", sa.Integer(), sa.ForeignKey("products.id"), nullable=False),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("actor", sa.String(254), nullable=False),
        sa.Column("reason", sa.String(200), nullable=False),
        sa.Column("reservation_id", sa.Uuid()),
        sa.Column("request_id", sa.String(64), nullable=False),
        sa.Column("key", sa.String(80), nullable=False, unique=True),
    )
    op.create_index("stock_movements_of_product", "stock_movements", ["product_id", "id"])
    append_only("stock_movements")
