"""The adapter: what it sends, what it makes of the answers.

They are in the shapes of the API reference, and none was recorded from an account.
"""

import hashlib
import hmac
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs
from uuid import UUID

import httpx
import pytest
from tests import stripe_answers as stripe

from payment_api.provider import InvalidWebhook, ProviderUnavailable
from payment_api.stripe_provider import StripeProvider
from shop.contracts import Charge

KEY = "order-6a1bd2c0"
ASKED = Charge(
    order_id=UUID("6a1bd2c0-0000-4000-8000-000000000000"),
    amount_cents=1999,
    currency="EUR",
    token="pm_card_visa",
)
OPENED = "pi_3MtwBwLkdIwHu7ix28a3tqPa"
INTENT = f"/v1/payment_intents/{OPENED}"

type Answer = tuple[int, dict[str, Any]] | Exception


class Stripe:
    """Answers by method and path; the last answer of each stays."""

    def __init__(self, answers: dict[str, list[Answer]]) -> None:
        self.answers = answers
        self.requests: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        waiting = self.answers[f"{request.method} {request.url.path}"]
        answer = waiting.pop(0) if len(waiting) > 1 else waiting[0]
        if isinstance(answer, Exception):
            raise answer
        return httpx.Response(answer[0], json=answer[1])

    def sent(self) -> list[str]:
        return [f"{one.method} {one.url.path}" for one in self.requests]


@pytest.fixture
def secrets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "key").write_text("sk_test_new\nsk_test_old\n")
    (tmp_path / "hook").write_text("whsec_new\nwhsec_old\n")
    monkeypatch.setenv("STRIPE_SECRET_KEY_FILE", str(tmp_path / "key"))
    monkeypatch.setenv("STRIPE_WEBHOOK_SECRET_FILE", str(tmp_path / "hook"))
    return tmp_path


@pytest.fixture
def adapter(secrets: Path) -> Callable[[Stripe], StripeProvider]:
    def made(answers: Stripe) -> StripeProvider:
        client = httpx.AsyncClient(transport=httpx.MockTransport(answers))
        return StripeProvider(client, "https://api.stripe.com")

    return made


def usual(more: dict[str, list[Answer]] | None = None) -> dict[str, list[Answer]]:
    return {
        "POST /v1/payment_intents": [(200, stripe.intent())],
        f"GET {INTENT}": [(200, stripe.intent())],
        f"POST {INTENT}/confirm": [(200, stripe.intent("succeeded"))],
        f"POST {INTENT}/cancel": [(200, stripe.intent("canceled"))],
        "POST /v1/refunds": [(200, stripe.refund())],
        **(more or {}),
    }


async def test_a_charge_has_a_key_for_each_step(adapter: Callable[[Stripe], Any]) -> None:
    answers = Stripe(usual())
    provider = adapter(answers)
    charged = await provider.charge(KEY, ASKED, await provider.open(KEY, ASKED))
    assert (charged.state, charged.reference) == ("succeeded", OPENED)
    made, _, confirmed = answers.requests
    assert made.headers["Idempotency-Key"] == f"{KEY}-intent"
    assert confirmed.headers["Idempotency-Key"] == f"{KEY}-confirm"
    assert made.headers["Authorization"] == "Bearer sk_test_new"
    assert made.headers["Stripe-Version"]
    form = parse_qs(made.content.decode())
    assert (form["amount"], form["currency"]) == (["1999"], ["eur"])
    assert form["metadata[order_id]"] == [str(ASKED.order_id)]
    assert parse_qs(confirmed.content.decode())["payment_method"] == ["pm_card_visa"]


async def test_what_is_charged_already_is_not_confirmed_again(
    adapter: Callable[[Stripe], Any],
) -> None:
    answers = Stripe(usual({f"GET {INTENT}": [(200, stripe.intent("succeeded"))]}))
    assert (await adapter(answers).charge(KEY, ASKED, OPENED)).state == "succeeded"
    assert f"POST {INTENT}/confirm" not in answers.sent()


async def test_a_declined_card_is_an_answer(adapter: Callable[[Stripe], Any]) -> None:
    answers = Stripe(usual({f"POST {INTENT}/confirm": [(402, stripe.declined())]}))
    charged = await adapter(answers).charge(KEY, ASKED, OPENED)
    assert (charged.state, charged.decline_code) == ("declined", "insufficient_funds")


@pytest.mark.parametrize(
    "trouble",
    [
        httpx.ReadTimeout("slow"),
        (500, {"error": {"type": "api_error"}}),
        (429, {"error": {"code": "rate_limit"}}),
        (409, {"error": {"type": "idempotency_error"}}),
        (403, {"error": {"type": "invalid_request_error"}}),
        (400, {"error": {"code": "payment_intent_unexpected_state"}}),
    ],
)
async def test_what_is_not_known_is_asked_again(
    adapter: Callable[[Stripe], Any], trouble: Answer
) -> None:
    answers = Stripe(usual({f"POST {INTENT}/confirm": [trouble]}))
    with pytest.raises(ProviderUnavailable):
        await adapter(answers).charge(KEY, ASKED, OPENED)


async def test_what_was_not_charged_is_cancelled_and_stays_so(
    adapter: Callable[[Stripe], Any],
) -> None:
    answers = Stripe(usual())
    undone = await adapter(answers).undo(KEY, ASKED, OPENED)
    assert undone.state == "cancelled"
    assert "POST /v1/refunds" not in answers.sent()
    late = Stripe(usual({f"GET {INTENT}": [(200, stripe.intent("canceled"))]}))
    charged = await adapter(late).charge(KEY, ASKED, OPENED)
    assert (charged.state, charged.decline_code) == ("declined", "canceled")
    assert f"POST {INTENT}/confirm" not in late.sent()


async def test_what_was_charged_is_refunded_once(adapter: Callable[[Stripe], Any]) -> None:
    answers = Stripe(usual({f"GET {INTENT}": [(200, stripe.intent("succeeded"))]}))
    provider = adapter(answers)
    for _ in range(2):
        assert (await provider.undo(KEY, ASKED, OPENED)).state == "refunded"
    refunds = [one for one in answers.requests if one.url.path == "/v1/refunds"]
    assert {one.headers["Idempotency-Key"] for one in refunds} == {f"{KEY}-refund"}
    assert f"POST {INTENT}/cancel" not in answers.sent()


async def test_a_payment_on_its_way_is_not_undone_yet(adapter: Callable[[Stripe], Any]) -> None:
    answers = Stripe(usual({f"GET {INTENT}": [(200, stripe.intent("processing"))]}))
    with pytest.raises(ProviderUnavailable, match="cannot be undone yet"):
        await adapter(answers).undo(KEY, ASKED, OPENED)


async def test_the_second_key_is_good_while_the_first_is_new(
    adapter: Callable[[Stripe], Any],
) -> None:
    tried: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        tried.append(request.headers["Authorization"])
        refused = request.headers["Authorization"] != "Bearer sk_test_old"
        return httpx.Response(401 if refused else 200, json=stripe.intent("succeeded"))

    charged = await adapter(answer).charge(KEY, ASKED, OPENED)  # type: ignore[arg-type]
    assert charged.state == "succeeded"
    assert tried[:2] == ["Bearer sk_test_new", "Bearer sk_test_old"]


async def test_its_list_says_what_was_kept(adapter: Callable[[Stripe], Any]) -> None:
    given = stripe.intent("succeeded", latest_charge={"refunded": True})
    listed = {"data": [stripe.intent("succeeded"), given, stripe.intent("canceled")]}
    answers = Stripe({"GET /v1/payment_intents": [(200, listed)]})
    found = await adapter(answers).charges(None)
    assert [one["state"] for one in found] == ["succeeded", "refunded", "cancelled"]
    assert found[0]["order_id"] == str(ASKED.order_id)


def signed(body: bytes, secret: str, moment: float | None = None) -> dict[str, str]:
    stamp = int(time.time() if moment is None else moment)
    value = hmac.new(secret.encode(), f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()
    return {"stripe-signature": f"t={stamp},v1={'0' * 64},v1={value},v0=old"}


@pytest.mark.parametrize("secret", ["whsec_new", "whsec_old"])
def test_a_webhook_is_believed_by_its_signature(
    adapter: Callable[[Stripe], Any], secret: str
) -> None:
    body = json.dumps(stripe.event()).encode()
    news = adapter(Stripe({})).news(body, signed(body, secret))
    assert (news.kind, news.order_id) == ("payment_intent.succeeded", str(ASKED.order_id))


def test_a_webhook_is_not_believed_otherwise(adapter: Callable[[Stripe], Any]) -> None:
    body, provider = json.dumps(stripe.event()).encode(), adapter(Stripe({}))
    for headers in (
        {},
        {"stripe-signature": "t=1,v1="},
        signed(body, "whsec_of_somebody"),
        signed(body, "whsec_new", time.time() - 400),
        signed(body + b" ", "whsec_new"),
    ):
        with pytest.raises(InvalidWebhook):
            provider.news(body, headers)
