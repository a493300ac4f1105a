"""Orders, as the gateway asks for them."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Header, Query, Request, Response

from order_api import orders
from order_api.driver import Driver
from order_api.resources import Resources, resources_of
from service_kit.health import health_response
from service_kit.problems import Problem, invalid
from shop.callers import admin_of, called_by, person_of
from shop.contracts import KEY, NewOrder
from shop.tokens import Caller

router = APIRouter(prefix="/internal/v1")

type Res = Annotated[Resources, Depends(resources_of)]
type Gateway = Annotated[Caller, Depends(called_by("api-gateway"))]


def driver_of(request: Request) -> Driver:
    driver: Driver = request.app.state.driver
    return driver


type Drive = Annotated[Driver, Depends(driver_of)]


@router.post("/orders")
async def place(
    caller: Gateway,
    resources: Res,
    driver: Drive,
    data: NewOrder,
    response: Response,
    idempotency_key: Annotated[str, Header(pattern=KEY.pattern)],
) -> dict[str, Any]:
    """201 at its end, 202 while it is on its way, whatever the end is."""
    person = person_of(caller)
    if data.payment_token is None:
        if resources.settings.provider != "test":
            raise invalid({"payment_token": ["Name the means of payment."]})
        data.payment_token = "tok_ok"  # noqa: S105 - no secret
    order, lease = await orders.place(resources, person, idempotency_key, data)
    seconds = resources.settings.wait_seconds
    if lease is not None:
        await driver.drive(order, lease, seconds)
    else:
        await driver.wait_for_end(order, seconds)
    shown = await orders.show(resources, order, person)
    response.status_code = 201 if shown["final"] else 202
    return shown


@router.get("/orders")
async def find(
    caller: Gateway,
    resources: Res,
    everybody: bool = False,
    page: Annotated[int, Query(ge=1, le=100_000)] = 1,
    page_size: Annotated[int, Query(ge=1, le=100)] = 20,
) -> dict[str, Any]:
    person = admin_of(caller) if everybody else person_of(caller)
    count, found = await orders.find(
        resources, person, everybody=everybody, page=page, page_size=page_size
    )
    return {"count": count, "results": found}


@router.get("/orders/{number}")
async def show(caller: Gateway, resources: Res, number: UUID) -> dict[str, Any]:
    return await orders.show(resources, number, person_of(caller))


@router.get("/orders/{number}/events")
async def events(caller: Gateway, resources: Res, number: UUID) -> dict[str, Any]:
    await orders.show(resources, number, person_of(caller))  # whether it may be seen
    return {"results": await orders.events(resources, number)}


@router.post("/orders/{number}/cancel")
async def cancel(
    caller: Gateway, resources: Res, driver: Drive, number: UUID, response: Response
) -> dict[str, Any]:
    person = person_of(caller)
    await orders.show(resources, number, person)
    lease = await orders.cancel(resources, number, person)
    if lease is not None:
        await driver.drive(number, lease, resources.settings.wait_seconds)
    shown = await orders.show(resources, number, person)
    response.status_code = 200 if shown["final"] else 202
    return shown


@router.get("/baskets")
async def baskets(
    _: Annotated[Caller, Depends(called_by("recommendation"))],
    resources: Res,
    after: UUID | None = None,
) -> dict[str, Any]:
    return await orders.baskets(resources, str(after) if after else None, 500)


@router.post("/payments/webhook")
async def webhook(caller: Gateway, request: Request, resources: Res) -> dict[str, str]:
    """From the provider, by the gateway: payment-api has the secret that tells whether it is."""
    if resources.settings.provider == "test":
        raise Problem(404, "not_found", "The test provider calls nobody.")
    news = await resources.payments.call(
        "POST",
        "/internal/v1/webhook",
        raw=await request.body(),
        headers={"Stripe-Signature": request.headers.get("Stripe-Signature", "")},
    )
    if news.get("order_id"):
        await orders.wake(resources, UUID(news["order_id"]))
    return {"status": "received"}


@router.get("/payments/health")
async def payments_health(caller: Gateway, resources: Res) -> Response:
    try:
        await resources.payments.alive()
    except Exception:  # noqa: BLE001 - whatever it was, it does not answer
        return health_response({"payments": "failed"})
    return health_response({"payments": "ok"})
