"""Accounts and sessions. Sessions are rows: a Redis outage logs nobody out."""

import hashlib
import secrets
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from sqlalchemy import (
    CheckConstraint,
    ColumnElement,
    ForeignKey,
    String,
    delete,
    func,
    select,
    true,
    update,
)
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, mapped_column

from service_kit.passwords import hash_password, verify_password
from service_kit.rows import Database, UtcDateTime, now


class UserColumns:
    """Mixed into the application's own class of a user."""

    __tablename__ = "users"
    # A unique index compares bytes, so only one spelling may get in.
    __table_args__ = (CheckConstraint("email = lower(email)", name="users_email_lower"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    email: Mapped[str] = mapped_column(String(254), unique=True)
    password_hash: Mapped[str] = mapped_column(String(256))
    active: Mapped[bool] = mapped_column(default=True, server_default=true())
    created_at: Mapped[datetime] = mapped_column(
        UtcDateTime, default=now, server_default=func.now()
    )


class SessionColumns:
    __tablename__ = "sessions"

    # Of the token in the cookie: who reads this table can sign in as nobody.
    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)


def normalise_email(email: str) -> str:
    """One spelling an account: no provider in use tells upper from lower case."""
    return email.strip().lower()


def token_hash(token: str) -> str:
    # No salt and no slow hash: the token is 256 random bits, not something that people choose.
    return hashlib.sha256(token.encode()).hexdigest()


class Accounts[User: UserColumns]:
    def __init__(self, database: Database, user: type[User], session: type[SessionColumns]) -> None:
        self._database = database
        self._user = user
        self._session = session

    async def create(self, email: str, password: str, **columns: object) -> bool:
        """False when the address has an account already. Takes as long either way."""
        hashed = await hash_password(password)
        made = self._user()
        made.email, made.password_hash = normalise_email(email), hashed
        for name, value in columns.items():
            setattr(made, name, value)
        try:
            async with self._database.transaction() as session:
                session.add(made)
        except IntegrityError:
            return False
        return True

    async def authenticate(self, email: str, password: str) -> User | None:
        async with self._database.transaction() as session:
            found = select(self._user).where(self._user.email == normalise_email(email))
            user = await session.scalar(found)
        matches = await verify_password(user.password_hash if user else None, password)
        return user if matches and user is not None and user.active else None

    async def open_session(self, user: User, seconds: int) -> str | None:
        """A token; None when the account has changed since `user` was read: the password is old."""
        token = secrets.token_urlsafe(32)
        made = self._session()
        made.token_hash, made.user_id = token_hash(token), user.id
        made.expires_at = now() + timedelta(seconds=seconds)
        unchanged = select(self._user.id).where(
            self._user.id == user.id,
            self._user.active.is_(True),
            self._user.password_hash == user.password_hash,
        )
        async with self._database.transaction() as session:
            # A change of the account waits for this lock, and then ends this session as well.
            if await session.scalar(unchanged.with_for_update(read=True)) is None:
                return None
            session.add(made)
        return token

    async def user_of_session(self, hashed: str) -> User | None:
        """`hashed`: of the token, by `token_hash`."""
        async with self._database.transaction() as session:
            return await session.scalar(
                select(self._user)
                .join(self._session, self._session.user_id == self._user.id)
                .where(
                    self._session.token_hash == hashed,
                    self._session.expires_at > now(),
                    self._user.active.is_(True),
                )
            )

    async def close_session(self, hashed: str) -> None:
        await self._close(self._session.token_hash == hashed)

    async def close_sessions_of(self, user_id: UUID) -> None:
        await self._close(self._session.user_id == user_id)

    async def clear_expired_sessions(self, moment: datetime) -> None:
        await self._close(self._session.expires_at <= moment)

    async def change(self, email: str, **columns: object) -> bool:
        """Whoever is signed in is signed out. False when nobody has this address."""
        which = self._user.email == normalise_email(email)
        async with self._database.transaction() as session:
            changed = update(self._user).where(which).values(**columns).returning(self._user.id)
            number = await session.scalar(changed)
            if number is None:
                return False
            # In one transaction: a password that was stolen must not outlive its change.
            await session.execute(delete(self._session).where(self._session.user_id == number))
        return True

    async def _close(self, which: ColumnElement[bool]) -> None:
        async with self._database.transaction() as session:
            await session.execute(delete(self._session).where(which))
