"""Alembic's entry: `python -m app.manage migrate` hands it a connection."""

from alembic import context

from app.models import Base

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=Base.metadata,
    # Each migration is whole or not at all, and holds its locks no longer than that.
    transaction_per_migration=True,
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
