"""Orders with Stripe behind them: what it forgets after a day, and what it refuses for good."""

import asyncio
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs
from uuid import uuid4

import httpx
import pytest
from tests import stripe_answers as stripe
from tests.conftest import Shop
from tests.test_checkout import buy

from payment_api.payments import Payments
from payment_api.provider import Undone
from payment_api.stripe_provider import StripeProvider
from shop.calls import FAILURES, PeerRefused
from shop.contracts import Charge

type Answer = tuple[int, dict[str, Any]]


class Account:
    """An account at Stripe: its keys last a day, what it made lasts."""

    def __init__(self) -> None:
        self.intents: dict[str, dict[str, Any]] = {}
        self.refunded: list[str] = []
        # What it says no to, by the end of the path.
        self.refuses: dict[str, Answer] = {}
        self._keys: dict[str, Answer] = {}

    def a_day_later(self) -> None:
        self._keys.clear()

    def __call__(self, request: httpx.Request) -> httpx.Response:
        key = request.headers.get("Idempotency-Key", "")
        status, body = self._keys.get(key) or self._answer(request)
        if key and status < 400:
            self._keys[key] = status, dict(body)
        return httpx.Response(status, json=body)

    def _answer(self, request: httpx.Request) -> Answer:
        path = request.url.path
        for end, refusal in self.refuses.items():
            if request.method == "POST" and path.endswith(end):
                return refusal
        form = parse_qs(request.content.decode())
        if path == "/v1/payment_intents":
            number = f"pi_{len(self.intents) + 1}"
            self.intents[number] = stripe.intent(id=number, amount=int(form["amount"][0]))
            return 200, self.intents[number]
        if path == "/v1/refunds":
            if form["payment_intent"][0] in self.refunded:
                return refused("charge_already_refunded")
            self.refunded += form["payment_intent"]
            return 200, stripe.refund()
        _, _, _, number, *command = path.split("/")
        if command:
            ended = {"confirm": "succeeded", "cancel": "canceled"}[command[0]]
            self.intents[number]["status"] = ended
        return 200, self.intents[number]

    def states(self) -> list[str]:
        return [one["status"] for one in self.intents.values()]


def refused(code: str, status: int = 400) -> Answer:
    return status, {"error": {"type": "invalid_request_error", "code": code}}


@pytest.fixture
def account() -> Account:
    return Account()


@pytest.fixture
def payments(
    shop: Shop, account: Account, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Payments:
    """Of the shop: its orders are charged by that account from here on."""
    (tmp_path / "key").write_text("sk_test_new\n")
    monkeypatch.setenv("STRIPE_SECRET_KEY_FILE", str(tmp_path / "key"))
    client = httpx.AsyncClient(transport=httpx.MockTransport(account))
    provider = StripeProvider(client, "https://api.stripe.com")
    made = Payments(provider, shop.apps["payment-api"].state.payments._orders)
    shop.apps["payment-api"].state.payments = made
    return made


def asked() -> tuple[str, Charge]:
    number = uuid4()
    charge = Charge(order_id=number, amount_cents=1999, currency="EUR", token="pm_card_visa")
    return f"order-{number}", charge


async def test_what_was_charged_days_ago_goes_back(
    shop: Shop, account: Account, payments: Payments
) -> None:
    product = await shop.product(stock=5)
    async with shop.member() as client:
        order = (await buy(client, product)).json()
        account.a_day_later()
        back = await client.post(f"/orders/{order['id']}/cancel/")
    assert back.json()["state"] == "cancelled"
    assert (account.states(), account.refunded) == (["succeeded"], ["pi_1"])


async def test_a_charge_that_nobody_wrote_down_is_found_days_later(
    shop: Shop, account: Account, payments: Payments
) -> None:
    """Whoever made it died before the ledger had its end."""
    key, charge = asked()
    struck = shop.accident("payment-api", "POST /internal/v1/ledger", "killed", number=3)
    with pytest.raises(asyncio.CancelledError):
        await payments.charge(key, charge)
    assert (struck.seen, account.states()) == (3, ["succeeded"])
    account.a_day_later()
    charged = await payments.charge(key, charge)
    assert (charged.state, charged.reference) == ("succeeded", "pi_1")
    assert account.states() == ["succeeded"]


async def test_a_charge_of_before_there_was_a_line_for_its_name_goes_back(
    account: Account, payments: Payments
) -> None:
    key, charge = asked()
    account.intents["pi_old"] = stripe.intent("succeeded", id="pi_old")
    for kind, reference in (("requested", ""), ("succeeded", "pi_old")):
        await payments._write(key, kind, charge, reference)
    assert await payments.undo(key, charge) == Undone("refunded", "pi_old")
    assert account.refunded == ["pi_old"]


async def test_what_went_back_already_has_gone_back(account: Account, payments: Payments) -> None:
    key, charge = asked()
    await payments.charge(key, charge)
    for _ in range(2):
        assert (await payments.undo(key, charge)).state == "refunded"
        account.a_day_later()
    assert account.refunded == ["pi_1"]


async def test_what_cannot_be_opened_is_declined_and_nothing_to_undo(
    account: Account, payments: Payments
) -> None:
    account.refuses["/payment_intents"] = refused("amount_too_small")
    key, charge = asked()
    for _ in range(2):
        charged = await payments.charge(key, charge)
        assert (charged.state, charged.decline_code) == ("declined", "amount_too_small")
    assert await payments.undo(key, charge) == Undone("cancelled", "")


@pytest.mark.parametrize("status", [400, 402, 404])
async def test_a_means_of_payment_that_is_none_is_declined(
    shop: Shop, account: Account, payments: Payments, status: int
) -> None:
    product = await shop.product(stock=5)
    account.refuses["/confirm"] = refused("resource_missing", status)
    async with shop.member() as client:
        answer = await buy(client, product)
    assert (answer.status_code, answer.json()["code"]) == (402, "payment_declined")
    assert answer.json()["order"]["reason"] == "resource_missing"
    assert await shop.piles(product) == (5, 0, 0)


async def test_a_refund_that_is_refused_stops_nobody_else(
    shop: Shop, account: Account, payments: Payments
) -> None:
    """It is tried again later: the money is still there."""
    key, charge = asked()
    await payments.charge(key, charge)
    account.refuses["/refunds"] = refused("charge_disputed")
    path = f"/internal/v1/charges/{key}/undo"
    for _ in range(FAILURES + 1):
        with pytest.raises(PeerRefused, match="409 provider_refused"):
            await shop.orders.payments.call("POST", path, json=charge.model_dump(mode="json"))
    del account.refuses["/refunds"]
    undone = await shop.orders.payments.call("POST", path, json=charge.model_dump(mode="json"))
    assert undone["state"] == "refunded"


async def test_what_cost_nothing_is_taken_back_without_stripe(
    shop: Shop, account: Account, payments: Payments
) -> None:
    product = await shop.product(stock=5, price_cents=0)
    account.refuses["/payment_intents"] = refused("parameter_invalid_integer")
    async with shop.member() as client:
        order = (await buy(client, product)).json()
        back = await client.post(f"/orders/{order['id']}/cancel/")
    assert (back.status_code, back.json()["state"]) == (200, "cancelled")
    assert await shop.piles(product) == (5, 0, 0)
    assert not [line for line in shop.network.sent if "/charges/" in line]
