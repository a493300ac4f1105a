"""Password hashes, off the event loop and few at a time: each takes 19 MiB for a moment."""

import asyncio
from functools import partial

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

MIN_LENGTH = 12
MAX_LENGTH = 128
# What OWASP recommends as its smallest set: kind to a small server, and memory-hard.
_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
_slots = asyncio.Semaphore(2)
# Checked for an unknown address, so timing tells nothing.
_nobodys = _hasher.hash("nobody has this password")


async def hash_password(password: str) -> str:
    async with _slots:
        return await asyncio.to_thread(_hasher.hash, password)


async def verify_password(stored: str | None, password: str) -> bool:
    async with _slots:
        matches = await asyncio.to_thread(partial(_matches, stored or _nobodys, password))
    return matches and stored is not None


def _matches(stored: str, password: str) -> bool:
    try:
        return _hasher.verify(stored, password)
    except (VerificationError, InvalidHashError):
        return False


def weaknesses(password: str, email: str) -> list[str]:
    """Why a password is refused: length is what helps, the rest is what anybody tries first."""
    found = []
    if len(password) < MIN_LENGTH:
        found.append(f"At least {MIN_LENGTH} characters.")
    if password.isdecimal():
        found.append("Not digits only.")
    if password and len(set(password.lower())) < 5:
        found.append("At least five different characters.")
    name = email.partition("@")[0].lower()
    if len(name) >= 4 and name in password.lower():
        found.append("Not with the email address in it.")
    return found
