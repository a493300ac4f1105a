"""The built-in provider: moves no money, and fails in the ways of real ones when asked to.

Its books are kept by order-api, as a real provider keeps its own: they outlive this process.
"""

import asyncio
from collections.abc import Mapping
from typing import Any

from payment_api.provider import InvalidWebhook, News, ProviderUnavailable, Undone
from shop.calls import Peer
from shop.contracts import Charge, Charged

DECLINES = {"tok_declined": "card_declined", "tok_insufficient_funds": "insufficient_funds"}
SLOW_SECONDS = 2.0
PATH = "/internal/v1/test-charges"


class TestProvider:
    __test__ = False
    name = "test"

    def __init__(self, orders: Peer) -> None:
        self._orders = orders

    async def open(self, key: str, asked: Charge) -> str:
        return ""

    async def charge(self, key: str, asked: Charge, opened: str) -> Charged:
        match asked.token:
            case "tok_down":
                raise ProviderUnavailable("it is down")
            case "tok_slow":
                await asyncio.sleep(SLOW_SECONDS)
            case "tok_duplicate":
                # As a client does that lost its patience: the second request is on its way too.
                both = await asyncio.gather(self._book(key, asked), self._book(key, asked))
                return _charged(key, both[0])
            case _:
                pass
        booked = await self._book(key, asked)
        if asked.token == "tok_error" and booked["state"] == "attempted":  # noqa: S105 - no secret
            raise ProviderUnavailable("it failed, and booked nothing")
        if asked.token == "tok_timeout" and booked["attempts"] == 1:  # noqa: S105 - no secret
            raise ProviderUnavailable("it booked the charge, and the answer was lost")
        return _charged(key, booked)

    async def undo(self, key: str, asked: Charge, opened: str) -> Undone:
        booked = await self._orders.call("POST", f"{PATH}/undo", json=_row(key, asked))
        refunded = booked["state"] == "refunded"
        return Undone("refunded" if refunded else "cancelled", f"test_{key}")

    async def charges(self, after: str | None) -> list[dict[str, Any]]:
        answer = await self._orders.call("GET", PATH, query={"after": after})
        return [{**one, "cursor": one["key"]} for one in answer["results"]]

    def news(self, body: bytes, headers: Mapping[str, str]) -> News:
        raise InvalidWebhook("the test provider calls nobody")

    async def _book(self, key: str, asked: Charge) -> dict[str, Any]:
        row = _row(key, asked)
        row["settle_at"] = 2 if asked.token == "tok_error" else 1  # noqa: S105 - no secret
        booked: dict[str, Any] = await self._orders.call("POST", PATH, json=row)
        return booked


def _row(key: str, asked: Charge) -> dict[str, Any]:
    decline = DECLINES.get(asked.token)
    return {
        "key": key,
        **asked.model_dump(mode="json", exclude={"token"}),
        "outcome": "declined" if decline else "succeeded",
        "decline_code": decline,
    }


def _charged(key: str, booked: Mapping[str, Any]) -> Charged:
    reference = f"test_{key}"
    if booked["state"] == "succeeded":
        return Charged(state="succeeded", reference=reference)
    # Refunded or cancelled: the door is closed, as it is at a real provider.
    code = booked["decline_code"] or "cancelled"
    return Charged(state="declined", reference=reference, decline_code=code)
