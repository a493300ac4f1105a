"""Who calls: counted first, then checked.

Refused requests count as well, or guessing would be free.
"""

import secrets
from collections.abc import Awaitable, Callable
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import Depends, Request

from app.accounts.service import user_of_session
from app.models import User
from app.resources import Resources
from service_kit.client_ip import client_ip, network_of
from service_kit.problems import Problem, too_many

CSRF_COOKIE = "csrftoken"
CSRF_HEADER = "X-CSRFToken"
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


def resources_of(request: Request) -> Resources:
    opened: Resources = request.app.state.resources
    return opened


type Res = Annotated[Resources, Depends(resources_of)]


def visitor(scope: str) -> Callable[..., Awaitable[None]]:
    """Anybody, counted by address."""

    async def counted(request: Request, resources: Res) -> None:
        await _count(resources, request, scope, f"ip:{network_of(client_ip(request))}")
        check_csrf(request)

    return counted


def member(scope: str) -> Callable[..., Awaitable[User]]:
    """Somebody who is signed in, counted by account: never by a header that a client may write."""

    async def counted(request: Request, resources: Res) -> User:
        user = await _signed_in(request, resources)
        address = f"ip:{network_of(client_ip(request))}"
        await _count(resources, request, scope, f"user:{user.id}" if user else address)
        check_csrf(request)
        if user is None:
            raise Problem(
                401,
                "not_authenticated",
                "Sign in first.",
                headers={"WWW-Authenticate": "Session"},
            )
        return user

    return counted


async def count_link(request: Request, resources: Resources) -> None:
    await _count(resources, request, "api", f"ip:{network_of(client_ip(request))}")


def check_csrf(request: Request) -> None:
    """For everything that changes something, signing in as well.

    A page of another site can send the cookie, and can neither read it nor set this header; and a
    browser that says where a request comes from is believed.
    """
    if request.method in SAFE_METHODS:
        return
    cookie = request.cookies.get(CSRF_COOKIE, "")
    header = request.headers.get(CSRF_HEADER, "")
    if not cookie or not secrets.compare_digest(cookie.encode(), header.encode()):
        raise Problem(403, "csrf_failed", f"The header {CSRF_HEADER} and the cookie differ.")
    origin = request.headers.get("Origin")
    if origin is not None and urlsplit(origin).netloc != request.headers.get("Host"):
        raise Problem(403, "csrf_failed", "The request comes from a page of another origin.")


async def _signed_in(request: Request, resources: Resources) -> User | None:
    token = request.cookies.get(resources.settings.session_cookie)
    if not token:
        return None
    user = await user_of_session(resources.database, token)
    if user is not None:
        request.state.user_id = str(user.id)
    return user


async def _count(resources: Resources, request: Request, scope: str, client: str) -> None:
    usage = await resources.limits.count(scope, client)
    if usage is None:
        return
    request.state.rate_limit_usage = usage
    if usage.exceeded:
        raise too_many(usage.reset_seconds)
