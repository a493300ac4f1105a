"""One way to the services that suggest and find: how many there are, the environment says."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Annotated, Any

from fastapi import APIRouter, FastAPI, Path, Request

from ai_gateway.settings import settings
from service_kit.health import Check
from service_kit.problems import Problem
from shop.app import make_app
from shop.calls import Peer, open_client

# Suggestions are no reason to wait.
SECONDS = 2.0
PORT = 8011
SERVICE = "ai-gateway"


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    prefixes = {name: name.upper().replace("-", "_") for name in settings().services}
    async with open_client(*prefixes.values()) as client:
        app.state.peers = {
            name: Peer(client, (SERVICE, name), prefix, PORT) for name, prefix in prefixes.items()
        }
        yield


def checks(request: Request) -> Mapping[str, Check]:
    peers: dict[str, Peer] = request.app.state.peers
    return {name: peer.alive for name, peer in peers.items()}


router = APIRouter(prefix="/api/v1/ai", tags=["ai"])

type Name = Annotated[str, Path(pattern="^[a-z][a-z0-9-]{1,30}$")]


@router.get("/")
async def services() -> dict[str, list[str]]:
    return {"services": list(settings().services)}


@router.get("/{service}/{path:path}")
async def ask(service: Name, path: str, request: Request) -> Any:
    """What is asked of a service is for that service to know; here it only has to be there."""
    peers: dict[str, Peer] = request.app.state.peers
    if service not in peers:
        raise Problem(404, "not_found", "There is no such service.")
    query = dict(request.query_params)
    target = f"/internal/v1/{path.strip('/')}"
    return await peers[service].call("GET", target, query=query, seconds=SECONDS)


app = make_app(SERVICE, lifespan, checks, [router], openapi_url="/api/v1/ai/openapi.json")
