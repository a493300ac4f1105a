"""Who calls: counted first, then checked.

Refused requests count as well, or guessing would be free.
"""

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Annotated

from fastapi import Depends, Request

from api_gateway.settings import Settings
from service_kit.accounts import token_hash
from service_kit.addresses import network_of
from service_kit.client_ip import client_ip
from service_kit.csrf import check_csrf
from service_kit.problems import Problem, too_many
from service_kit.rate_limit import RateLimits
from shop.calls import Peer, PeerRefused, PeerUnavailable
from shop.tokens import Person

# Somebody who was signed out elsewhere is so everywhere after this.
REMEMBER_SECONDS = 5.0
REMEMBER_SESSIONS = 10_000


@dataclass(slots=True)
class Sessions:
    """Asks order-api who a session is, and remembers it for a moment."""

    orders: Peer
    _known: dict[str, tuple[float, Person, str]] = field(default_factory=dict)

    async def person(self, token: str) -> Person | None:
        hashed = token_hash(token)
        found = self._known.get(hashed)
        if found is not None and found[0] > time.monotonic():
            return found[1]
        try:
            answer = await self.orders.call(
                "POST", "/internal/v1/accounts/session", json={"token_hash": hashed}
            )
        except PeerRefused as refused:
            if refused.status != 404:
                raise
            self._known.pop(hashed, None)
            return None
        person = Person(answer["id"], answer["email"], answer["role"])
        if len(self._known) >= REMEMBER_SESSIONS:
            self._known.clear()
        self._known[hashed] = (time.monotonic() + REMEMBER_SECONDS, person, answer["created_at"])
        return person

    async def created_at(self, token: str) -> str:
        if token_hash(token) not in self._known:
            await self.person(token)
        found = self._known.get(token_hash(token))
        if found is None:
            raise Problem(401, "not_authenticated", "Sign in first.")
        return found[2]

    def forget(self, token: str) -> None:
        self._known.pop(token_hash(token), None)


@dataclass(slots=True)
class Resources:
    settings: Settings
    products: Peer
    orders: Peer
    # Checkouts wait for their end: they must not take the places of short questions.
    checkouts: Peer
    # Of services, by name: customers of any number must not take their places.
    relayed: dict[str, Peer]
    limits: RateLimits
    sessions: Sessions


def resources_of(request: Request) -> Resources:
    opened: Resources = request.app.state.resources
    return opened


type Res = Annotated[Resources, Depends(resources_of)]


def visitor(scope: str) -> Callable[..., Awaitable[None]]:
    """Anybody, counted by address."""

    async def counted(request: Request, resources: Res) -> None:
        await _count(resources, request, scope, _address(request))
        check_csrf(request)

    return counted


async def visitor_without_csrf(request: Request, resources: Res) -> None:
    """A program that has no cookies of ours."""
    await _count(resources, request, "api", _address(request))


async def anybody(request: Request, resources: Res) -> Person | None:
    """Signed in or not: who is, is counted by account. The shop's windows stay open without."""
    try:
        person = await _signed_in(request, resources)
    except PeerUnavailable:
        person = None
    await _count(resources, request, "api", _client(request, person))
    check_csrf(request)
    return person


async def member(request: Request, resources: Res) -> Person:
    """Counted by account: never by a header that a client may write."""
    person = await _signed_in(request, resources)
    await _count(resources, request, "api", _client(request, person))
    check_csrf(request)
    if person is None:
        raise Problem(
            401, "not_authenticated", "Sign in first.", headers={"WWW-Authenticate": "Session"}
        )
    return person


async def admin(person: Annotated[Person, Depends(member)]) -> Person:
    if not person.admin:
        raise Problem(403, "forbidden", "This is for administrators.")
    return person


type Anybody = Annotated[Person | None, Depends(anybody)]
type Member = Annotated[Person, Depends(member)]
type Admin = Annotated[Person, Depends(admin)]


async def _signed_in(request: Request, resources: Resources) -> Person | None:
    token = request.cookies.get(resources.settings.session_cookie)
    if not token:
        return None
    person = await resources.sessions.person(token)
    if person is not None:
        request.state.user_id = person.id
    return person


def _address(request: Request) -> str:
    return f"ip:{network_of(client_ip(request))}"


def _client(request: Request, person: Person | None) -> str:
    return f"user:{person.id}" if person else _address(request)


async def _count(resources: Resources, request: Request, scope: str, client: str) -> None:
    usage = await resources.limits.count(scope, client)
    if usage is None:
        return
    request.state.rate_limit_usage = usage
    if usage.exceeded:
        raise too_many(usage.reset_seconds)
