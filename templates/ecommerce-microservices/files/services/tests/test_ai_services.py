"""The services behind the AI gateway, from the shop's own data."""

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from types import ModuleType
from typing import Any

import httpx
import pytest
from tests.conftest import Shop

import ai_gateway.main
import recommendation.main
import search.main
from product_api.seed import seed
from shop.refreshed import Refreshed

ROUTES = {
    "ai-gateway": {"recommendation": "recommendation", "search": "search"},
    "recommendation": {"api-gateway": "api-gateway"},
    "search": {"api-gateway": "api-gateway"},
}


@pytest.fixture
async def ai(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[httpx.AsyncClient]:
    monkeypatch.setenv("GATEWAY_HOST", "api-gateway")
    modules: dict[str, ModuleType] = {
        "recommendation": recommendation.main,
        "search": search.main,
        "ai-gateway": ai_gateway.main,
    }
    async with AsyncExitStack() as stack:
        for name, module in modules.items():
            monkeypatch.setenv(f"{name.upper()}_HOST", name)
            monkeypatch.setattr(module, "open_client", _client_of(shop, name))
            shop.network.apps[name] = module.app
            await stack.enter_async_context(module.app.router.lifespan_context(module.app))
        transport = httpx.ASGITransport(app=ai_gateway.main.app)
        yield await stack.enter_async_context(
            httpx.AsyncClient(transport=transport, base_url="http://localhost/api/v1/ai")
        )


def _client_of(shop: Shop, caller: str) -> Callable[..., Any]:
    @asynccontextmanager
    async def opened(*_: str) -> AsyncIterator[httpx.AsyncClient]:
        transport = shop.network.seen_by(caller, ROUTES[caller])
        async with httpx.AsyncClient(transport=transport) as client:
            yield client

    return opened


async def read_again(module: ModuleType, name: str) -> None:
    """Now rather than in half a minute."""
    refreshed: Refreshed[Any] = getattr(module.app.state, name)
    refreshed._model = await refreshed._make()


async def test_there_are_as_many_as_the_environment_says(ai: httpx.AsyncClient) -> None:
    assert (await ai.get("/")).json() == {"services": ["recommendation", "search"]}
    unknown = await ai.get("/oracle/answer")
    assert (unknown.status_code, unknown.json()["code"]) == (404, "not_found")


async def test_the_catalogue_is_found_by_words(shop: Shop, ai: httpx.AsyncClient) -> None:
    await seed(shop.products)
    await read_again(search.main, "index")
    found = (await ai.get("/search/query/", params={"q": "lapto"})).json()["results"]
    assert found[0]["name"] == "Laptop"
    empty = await ai.get("/search/query/", params={"q": ""})
    assert (empty.status_code, empty.json()["code"]) == (400, "invalid")


async def test_what_was_bought_together_is_suggested(shop: Shop, ai: httpx.AsyncClient) -> None:
    numbers = [await shop.product(name=name) for name in ("One", "Two", "Three")]
    async with shop.member() as client:
        for basket in (numbers[:2], numbers[:2], numbers[1:]):
            items = [{"product_id": number, "quantity": 1} for number in basket]
            assert (await client.post("/orders/", json={"items": items})).status_code == 201
    await read_again(recommendation.main, "model")
    found = (await ai.get(f"/recommendation/products/{numbers[0]}/?limit=2")).json()["results"]
    assert [one["product_id"] for one in found] == [numbers[1], numbers[2]]
    assert found[0]["score"] > found[1]["score"]


async def test_health_names_each_of_them(shop: Shop, ai: httpx.AsyncClient) -> None:
    shop.accident("ai-gateway", "health", "lost")
    sick = await ai.get("http://localhost/api/v1/health/")
    well = await ai.get("http://localhost/health")
    assert (sick.status_code, len(sick.json()["failed"])) == (503, 1)
    assert (well.json()["recommendation"], well.json()["search"]) == ("ok", "ok")
