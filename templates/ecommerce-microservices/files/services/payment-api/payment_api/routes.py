"""What order-api asks for. Nobody else may, and nobody else shares a network with this service."""

from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Request

from payment_api.payments import Payments
from payment_api.provider import InvalidWebhook
from service_kit.problems import Problem
from shop.callers import called_by
from shop.contracts import Charge, Charged

router = APIRouter(prefix="/internal/v1", dependencies=[Depends(called_by("order-api"))])


def payments_of(request: Request) -> Payments:
    payments: Payments = request.app.state.payments
    return payments


type Pay = Annotated[Payments, Depends(payments_of)]
type Key = Annotated[str, Path(pattern="^[A-Za-z0-9._-]{8,80}$")]


@router.put("/charges/{key}")
async def charge(key: Key, data: Charge, payments: Pay) -> Charged:
    return await payments.charge(key, data)


@router.post("/charges/{key}/undo")
async def undo(key: Key, data: Charge, payments: Pay) -> dict[str, str]:
    return asdict(await payments.undo(key, data))


@router.get("/charges")
async def charges(payments: Pay, after: str | None = None) -> dict[str, Any]:
    """The provider's own list: what `reconcile` believes."""
    return {"results": await payments.provider.charges(after)}


@router.post("/webhook")
async def webhook(request: Request, payments: Pay) -> dict[str, Any]:
    try:
        return asdict(payments.provider.news(await request.body(), request.headers))
    except InvalidWebhook as error:
        raise Problem(
            400, "invalid_signature", f"This is not from the provider: {error}."
        ) from None
