"""A token is for one request of one service to one other, for half a minute."""

import time
from pathlib import Path

import jwt
import pytest

from shop.tokens import Person, TokenRefused, key_file, sign, verify

REQUEST = ("PUT", "/internal/v1/reservations/1?x=%C3%A4", b'{"lines":[]}')
ADA = Person("1", "ada@example.com", "customer")


def made(person: Person | None = None) -> str:
    return sign("order-api", "product-api", *REQUEST, person)


def test_it_says_who_calls_and_for_whom() -> None:
    caller = verify(made(ADA), "product-api", *REQUEST)
    assert (caller.service, caller.person) == ("order-api", ADA)


@pytest.mark.parametrize(
    ("callee", "request_"),
    [
        ("order-api", REQUEST),
        ("product-api", ("DELETE", *REQUEST[1:])),
        ("product-api", ("PUT", "/internal/v1/reservations/2", REQUEST[2])),
        ("product-api", (*REQUEST[:2], b'{"lines":[1]}')),
    ],
)
def test_it_is_good_for_nothing_else(callee: str, request_: tuple[str, str, bytes]) -> None:
    with pytest.raises(TokenRefused):
        verify(made(), callee, *request_)


def test_it_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    before = time.time() - 60
    with monkeypatch.context() as patch:
        patch.setattr("shop.tokens.time.time", lambda: before)
        old = made()
    with pytest.raises(TokenRefused, match="expired"):
        verify(old, "product-api", *REQUEST)


def test_keys_change_without_an_interruption() -> None:
    file = key_file("order-api", "product-api")
    old = file.read_text().strip()
    before = made()
    file.write_text(f"{'n' * 48}\n{old}\n")
    verify(before, "product-api", *REQUEST)
    verify(made(), "product-api", *REQUEST)
    file.write_text(f"{'n' * 48}\n")
    with pytest.raises(TokenRefused):
        verify(before, "product-api", *REQUEST)


@pytest.mark.parametrize("name", ["../../etc/passwd", "payment-api", "", "order-api/../x"])
def test_who_has_no_key_is_nobody(name: str) -> None:
    forged = jwt.encode({"iss": name, "aud": "product-api"}, "x" * 48, algorithm="HS256")
    with pytest.raises(TokenRefused):
        verify(forged, "product-api", *REQUEST)


def test_no_other_algorithm_is_taken() -> None:
    claims = jwt.decode(made(), options={"verify_signature": False})
    for forged in (
        jwt.encode(claims, None, algorithm="none"),
        jwt.encode(claims, "y" * 64, algorithm="HS512"),
    ):
        with pytest.raises(TokenRefused):
            verify(forged, "product-api", *REQUEST)


def test_each_pair_has_a_file_of_its_own(tmp_path: Path) -> None:
    assert key_file("api-gateway", "order-api").name == "pair_api_gateway_order_api"
