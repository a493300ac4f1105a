"""Finds products by words, misspelt ones as well."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Annotated, Any

from fastapi import APIRouter, Depends, FastAPI, Query, Request

from search.index import Document, Index
from search.settings import settings
from service_kit.health import Check
from service_kit.problems import unavailable
from shop.app import make_app
from shop.callers import called_by
from shop.calls import Peer, open_client
from shop.refreshed import NotReady, Refreshed

SERVICE = "search"


async def read(products: Peer) -> Index:
    documents: list[Document] = []
    after = 0
    while True:
        answer = await products.call("GET", "/internal/v1/catalogue", query={"after": after})
        if not answer["results"]:
            return Index(documents)
        documents += [Document(**one) for one in answer["results"]]
        after = documents[-1].product_id


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    async with open_client("GATEWAY") as client:
        products = Peer(client, (SERVICE, "product-api"), "GATEWAY", 8080, via="/relay/product-api")
        app.state.index = index = Refreshed(lambda: read(products), settings().refresh_seconds)
        async with index.running():
            yield


def index_of(request: Request) -> Refreshed[Index]:
    index: Refreshed[Index] = request.app.state.index
    return index


def checks(request: Request) -> Mapping[str, Check]:
    return {"data": index_of(request).check}


router = APIRouter(prefix="/internal/v1", dependencies=[Depends(called_by("ai-gateway"))])


@router.get("/query")
async def query(
    q: Annotated[str, Query(min_length=1, max_length=200)],
    refreshed: Annotated[Refreshed[Index], Depends(index_of)],
    limit: Annotated[int, Query(ge=1, le=50)] = 10,
) -> dict[str, Any]:
    try:
        found = refreshed.model.find(q, limit)
    except NotReady:
        raise unavailable("search") from None
    return {
        "results": [
            {"product_id": one.product_id, "name": one.name, "score": round(score, 4)}
            for one, score in found
        ]
    }


app = make_app(SERVICE, lifespan, checks, [router])
