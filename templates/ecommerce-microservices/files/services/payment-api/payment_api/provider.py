"""What a payment provider can do for us. Each command carries a key, and is the same done twice."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from shop.contracts import Charge, Charged


class ProviderUnavailable(Exception):  # noqa: N818 - a state, told to the caller as one
    """No answer, or none that can be understood. What it did is not known: ask again."""


class Refused(Exception):  # noqa: N818 - an answer
    """It said no, and did nothing. Asked again it says the same: `code` is its reason."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        # As long as the ledger has room for.
        self.code = code[:40]


class InvalidWebhook(Exception):  # noqa: N818 - what is said of it
    """Nobody who knows the secret wrote this."""


@dataclass(frozen=True, slots=True)
class Undone:
    """`refunded`: money went back. `cancelled`: none was taken, and none will be by this key."""

    state: Literal["refunded", "cancelled"]
    reference: str


@dataclass(frozen=True, slots=True)
class News:
    """Of a webhook: something happened to the charge of this order."""

    kind: str
    order_id: str | None


class Provider(Protocol):
    name: str

    async def open(self, key: str, asked: Charge) -> str:
        """What it calls this charge, before any money moves: to be kept, and given to the others.

        Empty where it knows our keys for ever, and so needs no name of its own.
        """
        ...

    async def charge(self, key: str, asked: Charge, opened: str) -> Charged: ...

    async def undo(self, key: str, asked: Charge, opened: str) -> Undone: ...

    async def charges(self, after: str | None) -> list[dict[str, Any]]:
        """A page of what it took: cursor, key, order_id, amount_cents, state."""
        ...

    def news(self, body: bytes, headers: Mapping[str, str]) -> News: ...
