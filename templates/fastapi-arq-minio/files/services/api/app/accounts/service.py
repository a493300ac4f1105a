"""Accounts and sessions. Sessions are rows: a Redis outage logs nobody out."""

import hashlib
import secrets
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError

from app.accounts.passwords import hash_password, verify_password
from app.database import Database
from app.models import Session, User, now


def normalise_email(email: str) -> str:
    """One spelling an account: no provider in use tells upper from lower case."""
    return email.strip().lower()


async def create_account(database: Database, email: str, password: str) -> bool:
    """False when the address has an account already. Takes as long either way."""
    hashed = await hash_password(password)
    try:
        async with database.transaction() as session:
            session.add(User(email=normalise_email(email), password_hash=hashed))
    except IntegrityError:
        return False
    return True


async def authenticate(database: Database, email: str, password: str) -> User | None:
    async with database.transaction() as session:
        user = await session.scalar(select(User).where(User.email == normalise_email(email)))
    matches = await verify_password(user.password_hash if user else None, password)
    return user if matches and user is not None and user.active else None


async def open_session(database: Database, user: User, seconds: int) -> str:
    token = secrets.token_urlsafe(32)
    async with database.transaction() as session:
        session.add(
            Session(
                token_hash=_hash(token),
                user_id=user.id,
                expires_at=now() + timedelta(seconds=seconds),
            )
        )
    return token


async def user_of_session(database: Database, token: str) -> User | None:
    async with database.transaction() as session:
        return await session.scalar(
            select(User)
            .join(Session, Session.user_id == User.id)
            .where(
                Session.token_hash == _hash(token),
                Session.expires_at > now(),
                User.active.is_(True),
            )
        )


async def close_session(database: Database, token: str) -> None:
    async with database.transaction() as session:
        await session.execute(delete(Session).where(Session.token_hash == _hash(token)))


async def close_sessions_of(database: Database, user_id: UUID) -> None:
    async with database.transaction() as session:
        await session.execute(delete(Session).where(Session.user_id == user_id))


async def clear_expired_sessions(database: Database, moment: datetime) -> None:
    async with database.transaction() as session:
        await session.execute(delete(Session).where(Session.expires_at <= moment))


def _hash(token: str) -> str:
    # No salt and no slow hash: the token is 256 random bits, not something that people choose.
    return hashlib.sha256(token.encode()).hexdigest()
