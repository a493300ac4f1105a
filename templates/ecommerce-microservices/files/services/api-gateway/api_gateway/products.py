"""The catalogue for everybody; stock and its book for administrators."""

from typing import Annotated, Any

from fastapi import APIRouter, Header, Query, Request
from starlette.responses import Response

from api_gateway.callers import Admin, Anybody, Res
from api_gateway.pages import Number, Size, paged
from service_kit.health import collect_health, health_response
from service_kit.problems import invalid
from shop.contracts import (
    KEY,
    TEXT,
    AdminProduct,
    Movement,
    NewProduct,
    Page,
    Product,
    ProductChange,
    ProductId,
    StockChange,
)

router = APIRouter(tags=["products"])

type Search = Annotated[str, Query(max_length=100, pattern=TEXT.pattern)]
type Ids = Annotated[str, Query(pattern=r"^(\d{1,9}(,\d{1,9}){0,49})?$")]
PILES = {"stock", "reserved", "sold"}


def shown(product: dict[str, Any]) -> Product:
    """How much was sold is nobody's business."""
    return Product.model_validate({k: v for k, v in product.items() if k not in PILES})


@router.get("/products/health/", tags=["health"])
async def health(resources: Res) -> Response:
    return health_response(await collect_health({"products": resources.products.alive}))


@router.get("/products/")
async def find(
    request: Request,
    person: Anybody,
    resources: Res,
    search: Search = "",
    ids: Ids = "",
    page: Number = 1,
    page_size: Size = 20,
) -> Page[Product]:
    query = {"search": search, "ids": ids, "page": page, "page_size": page_size}
    answer = await resources.products.call("GET", "/internal/v1/products", query=query)
    answer["results"] = [shown(one) for one in answer["results"]]
    return Page[Product].model_validate(paged(request, answer, page, page_size))


@router.post("/products/", status_code=201)
async def create(person: Admin, resources: Res, data: NewProduct) -> AdminProduct:
    made = await resources.products.call(
        "POST",
        "/internal/v1/products",
        json=data.model_dump(mode="json", exclude_none=True),
        person=person,
        again=False,
    )
    return AdminProduct.model_validate(made)


@router.get("/products/{number}/")
async def get(person: Anybody, resources: Res, number: ProductId) -> Product:
    path = f"/internal/v1/products/{number}"
    return shown(await resources.products.call("GET", path, person=person))


@router.patch("/products/{number}/")
async def change(
    person: Admin,
    resources: Res,
    number: ProductId,
    data: ProductChange,
    if_match: Annotated[str | None, Header(max_length=20)] = None,
) -> AdminProduct:
    """With If-Match it changes nothing that somebody else has changed in the meantime."""
    version = (if_match or "").strip().removeprefix("W/").strip('"')
    if if_match is not None and not version.isdecimal():
        raise invalid({"If-Match": ["The version of the product, in quotes."]})
    changed = await resources.products.call(
        "PATCH",
        f"/internal/v1/products/{number}",
        json=data.model_dump(mode="json", exclude_none=True),
        query={"version": version or None},
        person=person,
        # Done twice with a version, the second time is refused.
        again=if_match is None,
    )
    return AdminProduct.model_validate(changed)


@router.get("/admin/stock/", tags=["administration"])
async def stock(
    request: Request,
    person: Admin,
    resources: Res,
    search: Search = "",
    ids: Ids = "",
    page: Number = 1,
    page_size: Size = 20,
) -> Page[AdminProduct]:
    query = {
        "search": search,
        "ids": ids,
        "everything": "true",
        "page": page,
        "page_size": page_size,
    }
    answer = await resources.products.call(
        "GET", "/internal/v1/products", query=query, person=person
    )
    return Page[AdminProduct].model_validate(paged(request, answer, page, page_size))


@router.post("/admin/stock/{number}/", tags=["administration"])
async def adjust(
    person: Admin,
    resources: Res,
    number: ProductId,
    data: StockChange,
    idempotency_key: Annotated[str | None, Header(pattern=KEY.pattern)] = None,
) -> AdminProduct:
    changed = await resources.products.call(
        "POST",
        f"/internal/v1/products/{number}/stock",
        json=data.model_dump(),
        headers={"Idempotency-Key": idempotency_key} if idempotency_key else None,
        person=person,
        again=idempotency_key is not None,
    )
    return AdminProduct.model_validate(changed)


@router.get("/admin/audit/", tags=["administration"])
async def audit(
    request: Request,
    person: Admin,
    resources: Res,
    product_id: ProductId | None = None,
    page: Number = 1,
    page_size: Size = 50,
) -> Page[Movement]:
    """The book of stock: who moved what, when, why. Nobody can rewrite it."""
    query = {"product_id": product_id, "page": page, "page_size": page_size}
    answer = await resources.products.call(
        "GET", "/internal/v1/movements", query=query, person=person
    )
    return Page[Movement].model_validate(paged(request, answer, page, page_size))
