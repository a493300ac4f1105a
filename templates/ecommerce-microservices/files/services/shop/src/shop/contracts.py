"""The shapes of what the services send each other and the world: written once."""

import re
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

MAX_LINES = 20
MAX_QUANTITY = 99
MAX_CENTS = 10**11
# Anchored: who looks for it would find it in a longer one.
KEY = re.compile(r"^[A-Za-z0-9._-]{8,64}$")
# What PostgreSQL knows as text: all but NUL.
TEXT = re.compile(r"^[^\x00]*$")
# The largest id that a column of ours holds.
MAX_ID = 2**31 - 1

type Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]
type Cents = Annotated[int, Field(ge=0, le=MAX_CENTS)]
type ProductId = Annotated[int, Field(ge=1, le=MAX_ID)]


class Shape(BaseModel):
    # A field that nobody reads is a mistake of who sends it: said, not swallowed.
    model_config = ConfigDict(extra="forbid", from_attributes=True)


class Price(Shape):
    """Cents; or, as in the documents of this architecture, a decimal number."""

    price_cents: Cents | None = None
    price: Annotated[Decimal, Field(ge=0, max_digits=11, decimal_places=2)] | None = None

    def cents(self) -> int | None:
        return self.price_cents if self.price is None else int(self.price * 100)


class NewProduct(Price):
    name: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
    description: Annotated[str, Field(max_length=2000)] = ""
    stock: Annotated[int, Field(ge=0, le=1_000_000)] = 0

    @model_validator(mode="after")
    def one_price(self) -> Self:
        if (self.price is None) == (self.price_cents is None):
            raise ValueError("Give price_cents, or price.")
        return self


class ProductChange(Price):
    name: (
        Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
        | None
    ) = None
    description: Annotated[str, Field(max_length=2000)] | None = None
    active: bool | None = None


class StockChange(Shape):
    change: Annotated[int, Field(ge=-1_000_000, le=1_000_000)]
    reason: Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)] = ""


class Product(Shape):
    id: int
    name: str
    description: str
    price_cents: int
    price: str
    currency: str
    available: int
    active: bool
    version: int
    created_at: datetime
    updated_at: datetime


class AdminProduct(Product):
    stock: int
    reserved: int
    sold: int


class Movement(Shape):
    id: int
    at: datetime
    product_id: int
    kind: str
    quantity: int
    actor: str
    reason: str
    reservation_id: UUID | None
    request_id: str


class Page[T](Shape):
    count: int
    next: str | None = None
    previous: str | None = None
    results: list[T]


class Line(Shape):
    product_id: ProductId
    quantity: Annotated[int, Field(ge=1, le=MAX_QUANTITY)]


class Lines(Shape):
    lines: Annotated[list[Line], Field(min_length=1, max_length=MAX_LINES)]


class Lack(Shape):
    product_id: int
    available: int


class PricedLine(Line):
    name: str
    unit_price_cents: int | None


class Reservation(Shape):
    id: UUID
    state: Literal["held", "sold", "released", "expired", "returned"]
    currency: str
    lines: list[PricedLine]


class Shipping(Shape):
    name: Text
    street: Text
    postal_code: Text
    city: Text
    country: Annotated[str, StringConstraints(strip_whitespace=True, pattern="^[A-Z]{2}$")]


class NewOrder(Shape):
    """`items`; or, as in the documents of this architecture, one product_id and its quantity."""

    items: Annotated[list[Line], Field(max_length=MAX_LINES)] = []
    product_id: ProductId | None = None
    quantity: Annotated[int, Field(ge=1, le=MAX_QUANTITY)] | None = None
    payment_token: Annotated[str, Field(pattern="^[A-Za-z0-9_]{3,100}$")] | None = None
    expected_total_cents: Cents | None = None
    shipping: Shipping | None = None

    @model_validator(mode="after")
    def one_way(self) -> Self:
        if self.product_id is not None:
            if self.items:
                raise ValueError("Give items, or one product_id.")
            self.items = [Line(product_id=self.product_id, quantity=self.quantity or 1)]
            self.product_id = self.quantity = None
        if not self.items:
            raise ValueError("There is nothing in this order.")
        if len({line.product_id for line in self.items}) < len(self.items):
            raise ValueError("Each product once.")
        return self


class Order(Shape):
    id: UUID
    state: Literal["processing", "confirmed", "declined", "out_of_stock", "cancelling", "cancelled"]
    final: bool
    reason: str | None
    lines: list[PricedLine]
    unavailable: list[Lack]
    total_cents: int | None
    currency: str
    shipping: Shipping | None
    created_at: datetime
    updated_at: datetime
    email: str | None = None


class OrderEvent(Shape):
    at: datetime
    event: str
    actor: str
    detail: dict[str, Any]


class Charge(Shape):
    """`token` stands for a means of payment; it is none itself."""

    order_id: UUID
    amount_cents: Cents
    currency: str
    token: str


class Charged(Shape):
    state: Literal["succeeded", "declined", "processing"]
    reference: str
    decline_code: str | None = None


class Account(Shape):
    id: UUID
    email: str
    role: Literal["customer", "admin"]
    created_at: datetime
