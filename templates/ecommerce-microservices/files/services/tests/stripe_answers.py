"""Answers in the shapes of Stripe's API reference (docs.stripe.com/api), shortened to what is read.

Written down from the reference, not from an account: nothing here was sent by Stripe to us.
"""

from typing import Any


def intent(status: str = "requires_payment_method", **more: Any) -> dict[str, Any]:
    return {
        "id": "pi_3MtwBwLkdIwHu7ix28a3tqPa",
        "object": "payment_intent",
        "amount": 1999,
        "currency": "eur",
        "status": status,
        "last_payment_error": None,
        "latest_charge": None,
        "metadata": {"order_id": "6a1bd2c0-0000-4000-8000-000000000000", "key": "order-6a1b"},
        **more,
    }


def declined() -> dict[str, Any]:
    """402, to a confirm."""
    error = {
        "code": "card_declined",
        "decline_code": "insufficient_funds",
        "message": "Your card has insufficient funds.",
        "type": "card_error",
    }
    return {"error": {**error, "payment_intent": intent(last_payment_error=error)}}


def refund() -> dict[str, Any]:
    return {
        "id": "re_1Nispe2eZvKYlo2Cd31jOCgZ",
        "object": "refund",
        "amount": 1999,
        "payment_intent": intent()["id"],
        "status": "succeeded",
    }


def event() -> dict[str, Any]:
    return {
        "id": "evt_1NG8Du2eZvKYlo2CUI79vXWy",
        "object": "event",
        "type": "payment_intent.succeeded",
        "data": {"object": intent("succeeded")},
    }
