"""Lines of the audit log, written in the transaction of what they tell."""

from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from order_api.models import AuditEntry
from service_kit.request_id import current_request_id


def note(
    session: AsyncSession, event: str, *, actor: str, order: UUID | None = None, **detail: Any
) -> None:
    session.add(
        AuditEntry(
            event=event,
            actor=actor,
            order_id=order,
            detail=detail,
            request_id=current_request_id() or "",
        )
    )
