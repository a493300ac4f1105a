"""Signing up, in and out. Nothing here may be cached on the way."""

import secrets

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, EmailStr, Field

from api_gateway.callers import Member, Res, visitor
from service_kit.accounts import token_hash
from service_kit.csrf import CSRF_COOKIE, give_csrf
from service_kit.passwords import MAX_LENGTH
from shop.contracts import Account


def never_cached(response: Response) -> None:
    response.headers["Cache-Control"] = "no-store"


router = APIRouter(prefix="/auth", tags=["accounts"], dependencies=[Depends(never_cached)])


class Credentials(BaseModel):
    email: str = Field(max_length=254)
    password: str = Field(max_length=MAX_LENGTH)


class Registration(BaseModel):
    email: EmailStr = Field(max_length=254)
    password: str = Field(max_length=MAX_LENGTH)


class SignedIn(Account):
    csrf_token: str


@router.get("/csrf/", dependencies=[Depends(visitor("api"))])
async def csrf(request: Request, response: Response, resources: Res) -> dict[str, str]:
    """The token that goes into the header X-CSRFToken of every change, and its cookie."""
    token = request.cookies.get(CSRF_COOKIE) or secrets.token_urlsafe(32)
    give_csrf(response, token, https=resources.settings.https)
    return {"csrf_token": token}


@router.post("/register/", status_code=202, dependencies=[Depends(visitor("auth"))])
async def register(data: Registration, resources: Res) -> dict[str, str]:
    """The same answer whether or not the address has an account: the client goes on to log in."""
    asked = data.model_dump()
    await resources.orders.call("POST", "/internal/v1/accounts/register", json=asked)
    return {"detail": "If the address had no account, it has one now. Sign in with it."}


@router.post("/login/", dependencies=[Depends(visitor("auth"))])
async def login(data: Credentials, response: Response, resources: Res) -> SignedIn:
    opened = await resources.orders.call(
        "POST", "/internal/v1/accounts/login", json=data.model_dump(), again=False
    )
    chosen = resources.settings
    response.set_cookie(
        chosen.session_cookie,
        opened["token"],
        max_age=opened["seconds"],
        secure=chosen.https,
        httponly=True,
        samesite="lax",
    )
    csrf_token = secrets.token_urlsafe(32)
    give_csrf(response, csrf_token, https=chosen.https)
    return SignedIn(csrf_token=csrf_token, **opened["account"])


@router.post("/logout/", status_code=204, dependencies=[Depends(visitor("api"))])
async def logout(request: Request, response: Response, resources: Res) -> None:
    cookie = resources.settings.session_cookie
    if token := request.cookies.get(cookie):
        asked = {"token_hash": token_hash(token)}
        await resources.orders.call("POST", "/internal/v1/accounts/logout", json=asked)
        resources.sessions.forget(token)
    response.delete_cookie(cookie, secure=resources.settings.https, httponly=True, samesite="lax")


@router.get("/me/")
async def me(person: Member, request: Request, resources: Res) -> Account:
    token = request.cookies[resources.settings.session_cookie]
    created = await resources.sessions.created_at(token)
    return Account.model_validate(
        {"id": person.id, "email": person.email, "role": person.role, "created_at": created}
    )
