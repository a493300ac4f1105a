"""What is bought together."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Annotated, Any

from fastapi import APIRouter, Depends, FastAPI, Query, Request

from recommendation.model import Model
from recommendation.settings import settings
from service_kit.health import Check
from service_kit.problems import unavailable
from shop.app import make_app
from shop.callers import called_by
from shop.calls import Peer, open_client
from shop.refreshed import NotReady, Refreshed

# A shop of any size has a last order; a model in memory has room for so many.
MOST_ORDERS = 100_000
SERVICE = "recommendation"


async def read(orders: Peer) -> Model:
    baskets: list[list[int]] = []
    after: str | None = None
    while len(baskets) < MOST_ORDERS:
        answer = await orders.call("GET", "/internal/v1/baskets", query={"after": after})
        if not answer["results"]:
            break
        baskets += answer["results"]
        after = answer["after"]
    return Model(baskets)


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    async with open_client("GATEWAY") as client:
        orders = Peer(client, (SERVICE, "order-api"), "GATEWAY", 8080, via="/relay/order-api")
        app.state.model = model = Refreshed(lambda: read(orders), settings().refresh_seconds)
        async with model.running():
            yield


def model_of(request: Request) -> Refreshed[Model]:
    model: Refreshed[Model] = request.app.state.model
    return model


def checks(request: Request) -> Mapping[str, Check]:
    return {"data": model_of(request).check}


router = APIRouter(prefix="/internal/v1", dependencies=[Depends(called_by("ai-gateway"))])


@router.get("/products/{number}")
async def with_product(
    number: int,
    refreshed: Annotated[Refreshed[Model], Depends(model_of)],
    limit: Annotated[int, Query(ge=1, le=50)] = 5,
) -> dict[str, Any]:
    try:
        found = refreshed.model.with_product(number, limit)
    except NotReady:
        raise unavailable("recommendation") from None
    return {"results": [{"product_id": one, "score": round(score, 4)} for one, score in found]}


app = make_app(SERVICE, lifespan, checks, [router])
