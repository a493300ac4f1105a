"""Accounts and sessions, for the gateway: it has no database, and people are customers."""

from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import Field

from order_api.audit import note
from order_api.models import User
from order_api.resources import Resources, resources_of
from service_kit.passwords import MAX_LENGTH, weaknesses
from service_kit.problems import Problem, invalid
from shop.callers import called_by
from shop.contracts import Account, Shape

router = APIRouter(prefix="/internal/v1/accounts", dependencies=[Depends(called_by("api-gateway"))])

type Res = Annotated[Resources, Depends(resources_of)]


class Credentials(Shape):
    email: Annotated[str, Field(max_length=254)]
    password: Annotated[str, Field(max_length=MAX_LENGTH)]


class SessionHash(Shape):
    token_hash: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]


class Opened(Shape):
    account: Account
    token: str
    seconds: int


@router.post("/register", status_code=202)
async def register(data: Credentials, resources: Res) -> None:
    if weak := weaknesses(data.password, data.email):
        raise invalid({"password": weak})
    if await resources.accounts.create(data.email, data.password):
        await _told(resources, "account_made", data.email)


@router.post("/login")
async def login(data: Credentials, resources: Res) -> Opened:
    seconds = resources.settings.session_seconds
    user = await resources.accounts.authenticate(data.email, data.password)
    token = None if user is None else await resources.accounts.open_session(user, seconds)
    if user is None or token is None:
        await _told(resources, "login_refused", data.email)
        raise Problem(401, "invalid_credentials", "Email or password is wrong.")
    await _told(resources, "login", user.email)
    return Opened(account=_account(user), token=token, seconds=seconds)


@router.post("/session")
async def session(data: SessionHash, resources: Res) -> Account:
    user = await resources.accounts.user_of_session(data.token_hash)
    if user is None:
        raise Problem(404, "not_found", "Nobody is signed in by this.")
    return _account(user)


@router.post("/logout", status_code=204)
async def logout(data: SessionHash, resources: Res) -> None:
    await resources.accounts.close_session(data.token_hash)


def _account(user: User) -> Account:
    return Account.model_validate(user)


async def _told(resources: Resources, event: str, email: str) -> None:
    async with resources.database.transaction() as session:
        note(session, event, actor=email.strip().lower()[:254])
