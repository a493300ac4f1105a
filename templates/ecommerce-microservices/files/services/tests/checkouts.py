"""Many customers who want the same thing, and do not give up: a client of the shop's edge.

It needs httpx alone, so that it can be pointed at any shop that runs.
"""

import asyncio
import random
from collections import Counter
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import httpx

# Who is told to come again comes again, with the same key.
AGAIN = frozenset({429, 500, 502, 503, 504})
PATIENCE = 120


@dataclass(slots=True)
class Outcome:
    answers: Counter[str] = field(default_factory=Counter)
    orders: set[str] = field(default_factory=set)
    tries: int = 0


async def sign_in(base: str, email: str, password: str) -> dict[str, str]:
    """Headers of somebody who is signed in; makes the account when there is none."""
    async with httpx.AsyncClient(base_url=f"{base}/api/v1", verify=False, timeout=60) as client:  # noqa: S501
        for path in ("/auth/register/", "/auth/login/"):
            token = (await client.get("/auth/csrf/")).json()["csrf_token"]
            answer = await client.post(
                path, json={"email": email, "password": password}, headers={"X-CSRFToken": token}
            )
            answer.raise_for_status()
            given = answer.json().get("csrf_token", "")
        cookies = "; ".join(f"{cookie.name}={cookie.value}" for cookie in client.cookies.jar)
        return {"Cookie": cookies, "X-CSRFToken": given}


async def check_out(
    client: httpx.AsyncClient, headers: dict[str, str], order: dict[str, Any], outcome: Outcome
) -> None:
    """One customer: asks until there is an answer that means something."""
    key = uuid4().hex
    for _ in range(PATIENCE):
        outcome.tries += 1
        try:
            answer = await client.post(
                "/orders/", json=order, headers={**headers, "Idempotency-Key": key}
            )
        except httpx.HTTPError:
            await asyncio.sleep(random.uniform(0.5, 2))  # noqa: S311
            continue
        if answer.status_code not in AGAIN and answer.status_code != 202:
            shown = answer.json()
            outcome.answers[shown.get("code") or shown["state"]] += 1
            outcome.orders.add((shown.get("order") or shown)["id"])
            return
        await asyncio.sleep(random.uniform(0.5, 2))  # noqa: S311
    outcome.answers["gave up"] += 1


async def check_out_many(
    base: str, headers: dict[str, str], order: dict[str, Any], count: int
) -> Outcome:
    outcome = Outcome()
    limits = httpx.Limits(max_connections=400, max_keepalive_connections=200)
    async with httpx.AsyncClient(
        base_url=f"{base}/api/v1",
        limits=limits,
        timeout=httpx.Timeout(60, pool=None),
        verify=False,  # noqa: S501 - a test's own edge has a certificate of its own
    ) as client:
        await asyncio.gather(*(check_out(client, headers, order, outcome) for _ in range(count)))
    return outcome
