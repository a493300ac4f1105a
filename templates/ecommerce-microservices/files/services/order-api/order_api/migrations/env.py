"""Alembic's entry: `python -m order_api.manage migrate` hands it a connection."""

from order_api.models import Base
from service_kit.migrate import run_migrations

run_migrations(Base.metadata)
