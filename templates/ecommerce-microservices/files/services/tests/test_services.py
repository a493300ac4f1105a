"""Between the services: who is let in, what is passed on, what a log line can be followed by."""

from uuid import uuid4

import httpx
import pytest
from tests.conftest import Shop
from tests.network import Network
from tests.test_checkout import buy

from shop.calls import Peer, PeerRefused, PeerUnavailable

INTERNAL = "/internal/v1/reservations/6a1bd2c0-0000-4000-8000-000000000000"


def direct(shop: Shop, service: str) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(app=shop.apps[service])
    return httpx.AsyncClient(transport=transport, base_url="http://there")


@pytest.mark.parametrize("service", ["product-api", "order-api", "payment-api"])
async def test_without_a_token_nobody_is_let_in(shop: Shop, service: str) -> None:
    routes = [route for route in shop.apps[service].routes if hasattr(route, "methods")]
    async with direct(shop, service) as client:
        for route in routes:
            path = str(getattr(route, "path", "")).replace("{number}", "1")
            path = path.replace("{order}", str(uuid4())).replace("{key}", "order-12345678")
            for method in getattr(route, "methods", set()) & {"GET", "PUT", "POST", "DELETE"}:
                answer = await client.request(method, path)
                open_to_all = "health" in path and "payments" not in path
                assert (answer.status_code == 200) == open_to_all, (method, path)
                if not open_to_all:
                    assert answer.json()["code"] == "service_not_authenticated", path


async def test_the_wrong_service_has_no_business_there(shop: Shop) -> None:
    """The gateway has a key of product-api's, and it does not open the reservations."""
    async with httpx.AsyncClient(
        transport=shop.network.seen_by("test", {"product-api": "product-api"})
    ) as client:
        gateway = Peer(client, ("api-gateway", "product-api"), "PRODUCT", 8001)
        with pytest.raises(PeerRefused) as refused:
            await gateway.call("DELETE", INTERNAL)
    assert refused.value.code == "forbidden"


async def test_the_relay_can_change_nothing(shop: Shop) -> None:
    product = await shop.product(stock=5)
    sent: dict[str, object] = {}

    async def tampering(request: httpx.Request) -> httpx.Response:
        sent.update(headers=dict(request.headers), path=request.url.path)
        return httpx.Response(503)

    async with httpx.AsyncClient(transport=httpx.MockTransport(tampering)) as client:
        orders = Peer(
            client, ("order-api", "product-api"), "PRODUCT", 8080, via="/relay/product-api"
        )
        with pytest.raises(PeerUnavailable):
            await orders.call(
                "PUT",
                INTERNAL,
                json={"lines": [{"product_id": product, "quantity": 1}]},
                seconds=0.2,
            )
    headers = {"Authorization": str(sent["headers"]["authorization"])}  # type: ignore[index]
    greedy = {"lines": [{"product_id": product, "quantity": 5}]}
    async with direct(shop, "api-gateway") as client:
        answer = await client.put(str(sent["path"]), json=greedy, headers=headers)
    assert answer.json()["code"] == "service_not_authenticated"
    assert await shop.piles(product) == (5, 0, 0)


async def test_the_relay_leads_to_commands_of_services_alone(shop: Shop) -> None:
    async with direct(shop, "api-gateway") as client:
        for path in ("/relay/payment-api/internal/v1/charges", "/relay/product-api/health"):
            assert (await client.get(path)).status_code == 404
        live = await client.get("/relay/product-api/api/v1/health/live/")
    assert live.json()["status"] == "alive"


async def test_one_request_id_goes_through_all_of_them(shop: Shop) -> None:
    product = await shop.product()
    async with shop.member() as client:
        shop.network.headers.clear()
        client.headers["X-Request-ID"] = "trace-4711-abc"
        answer = await buy(client, product)
    assert answer.headers["X-Request-ID"] == "trace-4711-abc"
    ids = {headers.get("x-request-id") for headers in shop.network.headers}
    assert ids == {"trace-4711-abc"}
    callers = {line.split()[0] for line in shop.network.sent}
    assert callers == {"api-gateway", "order-api", "payment-api"}


async def test_health_of_each_through_the_gateway(shop: Shop) -> None:
    async with shop.visitor() as client:
        for path in ("/health", "/products/health", "/orders/health", "/payments/health"):
            answer = await client.get(path)
            assert answer.status_code == 200, (path, answer.text)
            assert '"status": "healthy"' in answer.text, path
        own = (await client.get("/health/")).json()
    assert (own["products"], own["orders"], own["version"]) == ("ok", "ok", "dev")
    for service in shop.apps:
        async with direct(shop, service) as client:
            assert (await client.get("/health")).json()["status"] == "healthy", service


async def test_a_service_that_is_down_is_said_to_be(shop: Shop) -> None:
    product = await shop.product()
    shop.accident("api-gateway", "internal|health", "lost", lasting=True)
    async with shop.visitor() as client:
        health = await client.get("/health/")
        answer = await client.get(f"/products/{product}/")
    assert (health.status_code, health.json()["failed"]) == (503, ["orders", "products"])
    assert (answer.status_code, answer.json()["code"]) == (503, "service_unavailable")
    assert answer.headers["Retry-After"] == "5"


async def test_the_windows_stay_open_without_order_api(shop: Shop) -> None:
    product = await shop.product()
    async with shop.member() as client:
        await client.get("/auth/me/")
        shop.apps["api-gateway"].state.resources.sessions._known.clear()
        shop.accident("api-gateway", "accounts", "lost", lasting=True)
        assert (await client.get(f"/products/{product}/")).status_code == 200
        assert (await client.get("/orders/")).status_code == 503


async def test_nobody_waits_for_who_is_down(shop: Shop) -> None:
    network = Network(apps=dict(shop.apps))
    network.accidents += [*shop.network.accidents]
    transport = network.seen_by("api-gateway", {"product-api": "product-api"})
    shop.network = network
    shop.accident("api-gateway", "products", "lost", lasting=True)
    async with httpx.AsyncClient(transport=transport) as client:
        peer = Peer(client, ("api-gateway", "product-api"), "PRODUCT", 8001)
        with pytest.raises(PeerUnavailable):
            await peer.call("GET", "/internal/v1/products", seconds=8)
        tried = len(network.sent)
        with pytest.raises(PeerUnavailable, match="left alone"):
            await peer.call("GET", "/internal/v1/products", seconds=8)
    assert tried <= 9
    assert len(network.sent) == tried


async def test_programs_can_read_what_there_is(shop: Shop) -> None:
    async with shop.visitor() as client:
        described = (await client.get("/openapi.json")).json()
        facts = (await client.get("/shop/")).json()
    for path in (
        "/products/",
        "/orders/",
        "/orders/{number}/cancel/",
        "/auth/login/",
        "/admin/audit/",
    ):
        assert f"/api/v1{path}" in described["paths"], path
    assert not [path for path in described["paths"] if "relay" in path]
    assert (facts["currency"], facts["max_lines"], facts["ai"]) == ("EUR", 20, [])
    assert facts["payment"]["tokens"][0]["token"] == "tok_ok"
