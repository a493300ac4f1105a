"""Lets in the services that may call, and nobody else."""

import logging
from collections.abc import Awaitable, Callable

from fastapi import Request

from service_kit.problems import Problem
from shop.tokens import Caller, Person, TokenRefused, verify

logger = logging.getLogger(__name__)


def called_by(*services: str) -> Callable[[Request], Awaitable[Caller]]:
    async def check(request: Request) -> Caller:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        try:
            if scheme.lower() != "bearer":
                raise TokenRefused("there is none")  # noqa: TRY301 - answered below as the others
            caller = verify(
                token,
                request.app.state.service,
                request.method,
                target(request),
                await request.body(),
            )
        except TokenRefused as error:
            logger.warning("token of a service refused: %s", error)
            raise Problem(
                401,
                "service_not_authenticated",
                "This address is for services of this project.",
                headers={"WWW-Authenticate": "Bearer"},
            ) from None
        if caller.service not in services:
            raise Problem(403, "forbidden", f"{caller.service} has no business here.")
        if caller.person is not None:
            request.state.user_id = caller.person.id
        return caller

    return check


def target(request: Request) -> str:
    raw: bytes = request.scope.get("raw_path") or request.scope["path"].encode()
    query: bytes = request.scope["query_string"]
    return (raw + (b"?" + query if query else b"")).decode("latin-1")


def person_of(caller: Caller) -> Person:
    if caller.person is None:
        raise Problem(401, "not_authenticated", "Sign in first.")
    return caller.person


def admin_of(caller: Caller) -> Person:
    person = person_of(caller)
    if not person.admin:
        raise Problem(403, "forbidden", "This is for administrators.")
    return person
