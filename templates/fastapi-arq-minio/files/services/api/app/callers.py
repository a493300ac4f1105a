"""Who calls: counted first, then checked.

Refused requests count as well, or guessing would be free.
"""

from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import Depends, Request

from app.models import User
from app.resources import Resources
from service_kit.accounts import token_hash
from service_kit.addresses import network_of
from service_kit.client_ip import client_ip
from service_kit.csrf import check_csrf
from service_kit.problems import Problem, too_many


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


async def _signed_in(request: Request, resources: Resources) -> User | None:
    token = request.cookies.get(resources.settings.session_cookie)
    if not token:
        return None
    user = await resources.accounts.user_of_session(token_hash(token))
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
