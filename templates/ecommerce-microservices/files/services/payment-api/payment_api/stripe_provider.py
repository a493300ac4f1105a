"""Stripe, by its HTTP interface: four kinds of requests, each with an idempotency key.

A PaymentIntent is made first and confirmed then. Made twice with one key it is one, for a day:
after that it is known by its id alone. A cancelled one can never be confirmed. So a charge that is
undone stays undone, also when a request that was slow arrives after that.
(docs.stripe.com/api/idempotent_requests, /payments/payment-intents)
"""

import hashlib
import hmac
import json
import time
from collections.abc import Mapping
from typing import Any

import httpx

from payment_api.provider import InvalidWebhook, News, ProviderUnavailable, Refused, Undone
from payment_api.settings import SECRET_KEY, WEBHOOK_SECRET
from service_kit.environment import secret_path, secret_values
from shop.contracts import Charge, Charged

# The answers below have the shape of this version, whatever the account's default is.
VERSION = "2025-09-30.clover"
WEBHOOK_TOLERANCE_SECONDS = 300
PAGE = 100
# Our key may not do this, somebody else is at it, too many requests: says nothing of the charge.
_LATER = (403, 409, 429)
_CANCELLABLE = (
    "requires_payment_method",
    "requires_capture",
    "requires_confirmation",
    "requires_action",
)


class StripeProvider:
    name = "stripe"

    def __init__(self, client: httpx.AsyncClient, url: str) -> None:
        self._client = client
        self._url = url

    async def open(self, key: str, asked: Charge) -> str:
        made = await self._post(
            "/v1/payment_intents",
            f"{key}-intent",
            {
                "amount": str(asked.amount_cents),
                "currency": asked.currency.lower(),
                "metadata[order_id]": str(asked.order_id),
                "metadata[key]": key,
                "automatic_payment_methods[enabled]": "true",
                # Nobody can be sent to a page of a bank from here.
                "automatic_payment_methods[allow_redirects]": "never",
            },
        )
        return str(made["id"])

    async def charge(self, key: str, asked: Charge, opened: str) -> Charged:
        intent = await self._intent(opened)
        if intent["status"] == "requires_payment_method" and intent.get("last_payment_error"):
            return _charged(intent)
        if intent["status"] in ("requires_payment_method", "requires_confirmation"):
            path = f"/v1/payment_intents/{opened}/confirm"
            try:
                intent = await self._post(path, f"{key}-confirm", {"payment_method": asked.token})
            except Refused as refused:
                if refused.code == "payment_intent_unexpected_state":
                    # Another request was faster, and may have charged: its state says so next time.
                    raise ProviderUnavailable(f"{opened} is being changed") from None
                return Charged(state="declined", reference=opened, decline_code=refused.code)
        return _charged(intent)

    async def undo(self, key: str, asked: Charge, opened: str) -> Undone:  # noqa: ARG002 - it has both
        intent = await self._intent(opened)
        if intent["status"] in _CANCELLABLE:
            path = f"/v1/payment_intents/{opened}/cancel"
            # No key: what was refused while it was being confirmed may be right a moment later.
            intent = await self._post(path, None, {"cancellation_reason": "abandoned"})
        if intent["status"] == "canceled":
            return Undone("cancelled", opened)
        if intent["status"] != "succeeded":
            raise ProviderUnavailable(f"{opened} is {intent['status']}, and cannot be undone yet")
        try:
            await self._post("/v1/refunds", f"{key}-refund", {"payment_intent": opened})
        except Refused as refused:
            if refused.code != "charge_already_refunded":
                raise
        return Undone("refunded", opened)

    async def charges(self, after: str | None) -> list[dict[str, Any]]:
        query = {"limit": str(PAGE), "expand[]": "data.latest_charge"}
        if after:
            query["starting_after"] = after
        listed = await self._send("GET", "/v1/payment_intents", params=query)
        return [_listed(one) for one in listed["data"]]

    def news(self, body: bytes, headers: Mapping[str, str]) -> News:
        check_signature(body, headers.get("stripe-signature", ""))
        try:
            event = json.loads(body)
            thing = event["data"]["object"]
            return News(str(event["type"]), thing.get("metadata", {}).get("order_id"))
        except (ValueError, KeyError, AttributeError, TypeError) as error:
            raise InvalidWebhook(f"it is no event: {error}") from None

    async def _intent(self, opened: str) -> dict[str, Any]:
        """As it is now: a repeated POST would get the answer of the first."""
        return await self._send("GET", f"/v1/payment_intents/{opened}")

    async def _post(self, path: str, key: str | None, form: dict[str, str]) -> dict[str, Any]:
        headers = {} if key is None else {"Idempotency-Key": key}
        return await self._send("POST", path, headers=headers, data=form)

    async def _send(self, method: str, path: str, **more: Any) -> dict[str, Any]:
        headers = {"Stripe-Version": VERSION, **more.pop("headers", {})}
        # The first line is the key to use; while it is being changed the other is good as well.
        for value in secret_values(secret_path(*SECRET_KEY)):
            headers["Authorization"] = f"Bearer {value}"
            try:
                answer = await self._client.request(
                    method, self._url + path, headers=headers, **more
                )
            except httpx.HTTPError as error:
                raise ProviderUnavailable(f"{type(error).__name__} {error}") from None
            if answer.status_code != 401:
                return _understood(answer)
        raise ProviderUnavailable("it takes none of our keys: see stripe_secret_key")


def check_signature(body: bytes, header: str) -> None:
    """`t=1700000000,v1=<hmac of "t.body">`, not older than five minutes."""
    fields = [part.partition("=") for part in header.split(",")]
    stamps = [value for name, _, value in fields if name.strip() == "t"]
    given = [value for name, _, value in fields if name.strip() == "v1"]
    if len(stamps) != 1 or not stamps[0].isdecimal() or not given:
        raise InvalidWebhook("its signature has no time, or no value")
    if abs(time.time() - int(stamps[0])) > WEBHOOK_TOLERANCE_SECONDS:
        raise InvalidWebhook("it is too old")
    signed = stamps[0].encode() + b"." + body
    for secret in secret_values(secret_path(*WEBHOOK_SECRET)):
        right = hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()
        if any(hmac.compare_digest(right.encode(), one.encode()) for one in given):
            return
    raise InvalidWebhook("its signature is of another secret")


def _understood(answer: httpx.Response) -> dict[str, Any]:
    try:
        body: dict[str, Any] = answer.json()
    except ValueError:
        raise ProviderUnavailable(f"answered {answer.status_code} without JSON") from None
    if answer.status_code < 400:
        return body
    error = body.get("error", {})
    # A card that is declined is an answer, and brings the intent with it.
    if answer.status_code == 402 and "payment_intent" in error:
        intent: dict[str, Any] = error["payment_intent"]
        return {"last_payment_error": error, **intent}
    code = str(error.get("decline_code") or error.get("code") or error.get("type"))
    if answer.status_code >= 500 or answer.status_code in _LATER:
        raise ProviderUnavailable(f"answered {answer.status_code} {code}")
    raise Refused(code)


def _charged(intent: Mapping[str, Any]) -> Charged:
    reference = intent["id"]
    match intent["status"]:
        case "succeeded":
            return Charged(state="succeeded", reference=reference)
        case "processing" | "requires_capture":
            return Charged(state="processing", reference=reference)
        case _:
            error = intent.get("last_payment_error") or {}
            code = error.get("decline_code") or error.get("code") or intent["status"]
            return Charged(state="declined", reference=reference, decline_code=str(code)[:40])


def _listed(intent: Mapping[str, Any]) -> dict[str, Any]:
    charge = intent.get("latest_charge") or {}
    refunded = isinstance(charge, dict) and charge.get("refunded")
    states = {"succeeded": "refunded" if refunded else "succeeded", "canceled": "cancelled"}
    metadata = intent.get("metadata") or {}
    return {
        "cursor": intent["id"],
        "key": metadata.get("key", intent["id"]),
        "order_id": metadata.get("order_id", ""),
        "amount_cents": intent["amount"],
        "state": states.get(intent["status"], "attempted"),
    }
