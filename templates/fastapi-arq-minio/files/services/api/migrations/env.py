"""Alembic's entry: `python -m app.manage migrate` hands it a connection."""

from app.models import Base
from service_kit.migrate import run_migrations

run_migrations(Base.metadata)
