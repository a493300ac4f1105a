"""Passes requests of services on to services that they share no network with.

Not below /api/, which is all that the edge routes here. The token is the caller's own and for the
callee: the gateway cannot make one, and a request that it changed would be refused.
"""

from fastapi import APIRouter, Request
from starlette.responses import Response

from api_gateway.callers import resources_of
from service_kit.problems import Problem
from shop.callers import target

router = APIRouter(prefix="/relay", include_in_schema=False)

PASSED = ("authorization", "content-type", "idempotency-key")
ALLOWED = ("/internal/v1/", "/api/v1/health/live/")


@router.api_route("/{callee}/{path:path}", methods=["GET", "POST", "PUT", "DELETE"])
async def relay(callee: str, path: str, request: Request) -> Response:
    peers = resources_of(request).relayed
    asked = target(request).removeprefix(f"/relay/{callee}")
    if callee not in peers or not asked.startswith(ALLOWED):
        raise Problem(404, "not_found", "There is nothing at this address.")
    headers = {name: request.headers[name] for name in PASSED if name in request.headers}
    answer = await peers[callee].passed_on(request.method, asked, await request.body(), headers)
    kept = {
        name: answer.headers[name]
        for name in ("content-type", "retry-after")
        if name in answer.headers
    }
    return Response(answer.content, status_code=answer.status_code, headers=kept)
