"""Checkout and orders."""

from typing import Annotated, Any
from uuid import UUID, uuid4

from fastapi import APIRouter, Depends, Header, Query, Request, Response

from api_gateway.callers import Member, Res, visitor_without_csrf
from api_gateway.pages import Number, Size, paged
from service_kit.health import collect_health, health_response
from service_kit.problems import Problem
from shop.contracts import KEY, NewOrder, Order, OrderEvent, Page

router = APIRouter(tags=["orders"])

# Longer than order-api lets a customer wait.
PLACE_SECONDS = 25.0
MAX_WEBHOOK_BYTES = 256 * 1024


@router.get("/orders/health/", tags=["health"])
async def health(resources: Res) -> Response:
    return health_response(await collect_health({"orders": resources.orders.alive}))


@router.get("/payments/health/", tags=["health"])
async def payments_health(resources: Res) -> Response:
    async def payments() -> None:
        await resources.orders.call("GET", "/internal/v1/payments/health", seconds=1.8)

    return health_response(await collect_health({"payments": payments}))


@router.post(
    "/orders/",
    status_code=201,
    responses={
        202: {"model": Order, "description": "On its way: ask again."},
        402: {"description": "payment_declined"},
        409: {"description": "out_of_stock, price_changed, order_cancelled"},
        422: {"description": "idempotency_key_reused"},
    },
)
async def place(
    person: Member,
    resources: Res,
    data: NewOrder,
    response: Response,
    idempotency_key: Annotated[str | None, Header(pattern=KEY.pattern)] = None,
) -> Order:
    """With an Idempotency-Key it may be sent again after a doubt: it is one order."""
    answer = await resources.checkouts.call(
        "POST",
        "/internal/v1/orders",
        json=data.model_dump(mode="json", exclude_none=True),
        headers={"Idempotency-Key": idempotency_key or uuid4().hex},
        person=person,
        seconds=PLACE_SECONDS,
        patient=True,
    )
    order = Order.model_validate(answer)
    if not order.final:
        response.status_code = 202
        response.headers["Location"] = f"/api/v1/orders/{order.id}/"
        return order
    if order.state == "confirmed":
        return order
    raise _refusal(order)


@router.get("/orders/")
async def find(
    request: Request,
    person: Member,
    resources: Res,
    everybody: Annotated[bool, Query(alias="all")] = False,
    page: Number = 1,
    page_size: Size = 20,
) -> Page[Order]:
    query = {
        "everybody": "true" if everybody else None,
        "page": page,
        "page_size": page_size,
    }
    answer = await resources.orders.call("GET", "/internal/v1/orders", query=query, person=person)
    return Page[Order].model_validate(paged(request, answer, page, page_size))


@router.get("/orders/{number}/")
async def get(person: Member, resources: Res, number: UUID) -> Order:
    path = f"/internal/v1/orders/{number}"
    return Order.model_validate(await resources.orders.call("GET", path, person=person))


@router.get("/orders/{number}/events/")
async def events(person: Member, resources: Res, number: UUID) -> dict[str, list[OrderEvent]]:
    path = f"/internal/v1/orders/{number}/events"
    answer = await resources.orders.call("GET", path, person=person)
    return {"results": [OrderEvent.model_validate(one) for one in answer["results"]]}


@router.post("/orders/{number}/cancel/")
async def cancel(person: Member, resources: Res, number: UUID, response: Response) -> Order:
    path = f"/internal/v1/orders/{number}/cancel"
    answer = await resources.checkouts.call("POST", path, person=person, seconds=PLACE_SECONDS)
    order = Order.model_validate(answer)
    response.status_code = 200 if order.final else 202
    return order


@router.post("/payments/webhook/", dependencies=[Depends(visitor_without_csrf)])
async def webhook(request: Request, resources: Res) -> dict[str, Any]:
    """From the payment provider: what proves it is its signature."""
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > MAX_WEBHOOK_BYTES:
            raise Problem(413, "too_large", "No event of a provider is as large as this.")
    answer: dict[str, Any] = await resources.orders.call(
        "POST",
        "/internal/v1/payments/webhook",
        raw=body,
        headers={"Stripe-Signature": request.headers.get("Stripe-Signature", "")},
    )
    return answer


def _refusal(order: Order) -> Problem:
    shown = order.model_dump(mode="json")
    if order.state == "declined":
        return Problem(402, "payment_declined", "The payment was declined.", order=shown)
    if order.state == "out_of_stock":
        lines = [line.model_dump() for line in order.unavailable]
        detail = "There is not enough of this left."
        return Problem(409, "out_of_stock", detail, order=shown, lines=lines)
    if order.reason == "price_changed":
        detail = "The price has changed. Look at the new one, then order again."
        return Problem(409, "price_changed", detail, order=shown)
    return Problem(409, "order_cancelled", "The order was cancelled.", order=shown)
