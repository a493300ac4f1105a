"""Many customers who want the same thing, and do not give up: a client of the shop's edge.

It needs httpx alone, so it can be pointed at any shop that runs:
`python checkouts.py https://localhost --count 2000 --product 1` prints one line of JSON.
"""

import argparse
import asyncio
import json
import os
import random
import ssl
import sys
from collections import Counter
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import httpx

# Who is told to come again comes again, with the same key.
AGAIN = frozenset({429, 500, 502, 503, 504})
PATIENCE = 400
TOGETHER = 25


@dataclass(slots=True)
class Outcome:
    answers: Counter[str] = field(default_factory=Counter)
    orders: set[str] = field(default_factory=set)
    tries: int = 0


async def sign_in(base: str, email: str, password: str) -> dict[str, str]:
    """Headers of somebody who is signed in; makes the account when there is none."""
    async with httpx.AsyncClient(base_url=f"{base}/api/v1", verify=False, timeout=60) as client:  # noqa: S501
        given = ""
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
    """All at once. A pool of connections for each few: one for all looks through all each time."""
    outcome = Outcome()
    context = ssl.create_default_context()
    # A test's own edge has a certificate of its own.
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE

    async def some(number: int) -> None:
        async with httpx.AsyncClient(
            base_url=f"{base}/api/v1",
            limits=httpx.Limits(max_connections=None, max_keepalive_connections=number),
            timeout=60,
            verify=context,
        ) as client:
            await asyncio.gather(
                *(check_out(client, headers, order, outcome) for _ in range(number))
            )

    whole, rest = divmod(count, TOGETHER)
    await asyncio.gather(*(some(number) for number in [TOGETHER] * whole + [rest] if number))
    return outcome


async def run(base: str, count: int, product: int) -> Outcome:
    password = os.environ.get("SHOP_PASSWORD", "correct-horse-battery-9")
    headers = await sign_in(base, "many-customers@example.com", password)
    order = {"items": [{"product_id": product, "quantity": 1}], "payment_token": "tok_ok"}
    return await check_out_many(base, headers, order, count)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("base", help="of the edge, such as https://localhost")
    parser.add_argument("--count", type=int, default=2000)
    parser.add_argument("--product", type=int, default=1)
    chosen = parser.parse_args()
    outcome = asyncio.run(run(chosen.base, chosen.count, chosen.product))
    told = {"answers": outcome.answers, "orders": len(outcome.orders), "tries": outcome.tries}
    print(json.dumps(told))
    return 1 if outcome.answers["gave up"] else 0


if __name__ == "__main__":
    sys.exit(main())
