"""The ledger may say what the provider calls a charge, as soon as there is one."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

NAME = "payment_ledger_kind"
KINDS = "kind IN ('requested', 'opened', 'succeeded', 'declined', 'voided', 'refunded')"


def upgrade() -> None:
    # In a batch: SQLite cannot change a constraint, and gets a copy of the table.
    with op.batch_alter_table("payment_ledger") as table:
        table.drop_constraint(NAME, type_="check")
        table.create_check_constraint(NAME, KINDS)
