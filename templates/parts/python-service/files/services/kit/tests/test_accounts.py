"""Who is signed in, while an account changes."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import DeclarativeBase

from service_kit.accounts import Accounts, SessionColumns, UserColumns, token_hash
from service_kit.passwords import hash_password
from service_kit.rows import Database, laptop_engine

OLD, NEW, EMAIL = "correct-horse-battery-9", "another-horse-battery-8", "ada@example.com"


class Base(DeclarativeBase):
    pass


class User(UserColumns, Base):
    pass


class Session(SessionColumns, Base):
    pass


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    made = Database(laptop_engine(tmp_path))
    async with made.engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    yield made
    await made.close()


@pytest.fixture
async def accounts(database: Database) -> Accounts[User]:
    made = Accounts(database, User, Session)
    await made.create(EMAIL, OLD)
    return made


async def sessions(database: Database) -> int:
    async with database.transaction() as session:
        return await session.scalar(select(func.count()).select_from(Session)) or 0


async def test_a_new_password_ends_what_the_old_one_began(
    accounts: Accounts[User], database: Database
) -> None:
    user = await accounts.authenticate(EMAIL, OLD)
    assert user is not None
    token = await accounts.open_session(user, 60)
    assert token is not None
    assert await accounts.user_of_session(token_hash(token)) is not None
    assert await accounts.change(EMAIL, password_hash=await hash_password(NEW))
    assert await sessions(database) == 0
    assert not await accounts.change("nobody@example.com", active=False)


@pytest.mark.parametrize("change", ["password", "lock"])
async def test_a_login_that_was_slower_than_the_change_opens_nothing(
    accounts: Accounts[User], database: Database, change: str
) -> None:
    user = await accounts.authenticate(EMAIL, OLD)
    assert user is not None
    if change == "password":
        await accounts.change(EMAIL, password_hash=await hash_password(NEW))
    else:
        await accounts.change(EMAIL, active=False)
    assert await accounts.open_session(user, 60) is None
    assert await sessions(database) == 0


async def test_who_cannot_be_signed_out_has_the_old_password(
    accounts: Accounts[User], database: Database
) -> None:
    """Both or neither: the operator is told that it failed."""
    user = await accounts.authenticate(EMAIL, OLD)
    assert user is not None
    await accounts.open_session(user, 60)
    async with database.transaction() as session:
        stays = "CREATE TRIGGER stays BEFORE DELETE ON sessions BEGIN SELECT RAISE(ABORT, ''); END"
        await session.execute(text(stays))
    with pytest.raises(IntegrityError):
        await accounts.change(EMAIL, password_hash=await hash_password(NEW))
    assert await accounts.authenticate(EMAIL, OLD) is not None
