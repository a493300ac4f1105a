"""Signing up, in and out. Nothing here may be cached on the way."""

import secrets
from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, ConfigDict, EmailStr, Field

from app.callers import Res, member, visitor
from app.models import User
from service_kit.accounts import token_hash
from service_kit.csrf import CSRF_COOKIE, give_csrf
from service_kit.passwords import MAX_LENGTH, weaknesses
from service_kit.problems import Problem, invalid


def never_cached(response: Response) -> None:
    response.headers["Cache-Control"] = "no-store"


router = APIRouter(prefix="/auth", tags=["accounts"], dependencies=[Depends(never_cached)])


class Credentials(BaseModel):
    email: str = Field(max_length=254)
    password: str = Field(max_length=MAX_LENGTH)


class Registration(BaseModel):
    email: EmailStr = Field(max_length=254)
    password: str = Field(max_length=MAX_LENGTH)


class UserOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: UUID
    email: str
    created_at: datetime


class SignedIn(UserOut):
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
    if weak := weaknesses(data.password, data.email):
        raise invalid({"password": weak})
    await resources.accounts.create(data.email, data.password)
    return {"detail": "If the address had no account, it has one now. Sign in with it."}


@router.post("/login/", dependencies=[Depends(visitor("auth"))])
async def login(data: Credentials, response: Response, resources: Res) -> SignedIn:
    chosen, accounts = resources.settings, resources.accounts
    user = await accounts.authenticate(data.email, data.password)
    token = None if user is None else await accounts.open_session(user, chosen.session_seconds)
    if user is None or token is None:
        raise Problem(401, "invalid_credentials", "Email or password is wrong.")
    response.set_cookie(
        chosen.session_cookie,
        token,
        max_age=chosen.session_seconds,
        secure=chosen.https,
        httponly=True,
        samesite="lax",
    )
    csrf_token = secrets.token_urlsafe(32)
    give_csrf(response, csrf_token, https=chosen.https)
    return SignedIn(id=user.id, email=user.email, created_at=user.created_at, csrf_token=csrf_token)


@router.post("/logout/", status_code=204, dependencies=[Depends(visitor("api"))])
async def logout(request: Request, response: Response, resources: Res) -> None:
    cookie = resources.settings.session_cookie
    if token := request.cookies.get(cookie):
        await resources.accounts.close_session(token_hash(token))
    response.delete_cookie(cookie, secure=resources.settings.https, httponly=True, samesite="lax")


@router.get("/me/")
async def me(user: Annotated[User, Depends(member("api"))]) -> UserOut:
    return UserOut.model_validate(user)
