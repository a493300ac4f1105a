"""Who calls: a network is not an identity, so each request between services is signed.

Each ordered pair of services has a key of its own, in a file that only those two have. A token is
good for one request (method, path and body are in it) and half a minute. The file may hold two
lines: the first one signs, each of them is good, so keys change without an interruption.
"""

import hashlib
import re
import secrets
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import jwt

from service_kit.environment import SECRETS_DIRECTORY, env_str, secret_values

LIFETIME_SECONDS = 30
# Between containers of one host there is one clock; between two hosts it may differ a little.
LEEWAY_SECONDS = 5
ALGORITHM = "HS256"
_NAME = re.compile(r"[a-z][a-z0-9-]{1,40}")


class TokenRefused(Exception):  # noqa: N818 - what the callee says
    """The reason is for the log; a caller learns only that it is not let in."""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who is signed in, as the gateway says."""

    id: str
    email: str
    role: str

    @property
    def admin(self) -> bool:
        return self.role == "admin"


@dataclass(frozen=True, slots=True)
class Caller:
    service: str
    person: Person | None


def key_file(caller: str, callee: str) -> Path:
    folder = Path(env_str("PAIR_KEYS_DIRECTORY", SECRETS_DIRECTORY))
    return folder / f"pair_{caller}_{callee}".replace("-", "_")


def sign(
    caller: str, callee: str, method: str, target: str, body: bytes, person: Person | None = None
) -> str:
    """`target`: path and query, as the callee sees them."""
    now = int(time.time())
    claims: dict[str, Any] = {
        "iss": caller,
        "aud": callee,
        "iat": now,
        "exp": now + LIFETIME_SECONDS,
        "jti": secrets.token_hex(8),
        "req": _digest(method, target, body),
    }
    if person is not None:
        claims["person"] = asdict(person)
    return jwt.encode(claims, secret_values(key_file(caller, callee))[0], algorithm=ALGORITHM)


def verify(token: str, callee: str, method: str, target: str, body: bytes) -> Caller:
    claims = _claims(token, callee)
    if not secrets.compare_digest(str(claims["req"]), _digest(method, target, body)):
        raise TokenRefused("it was signed for another request")
    person = claims.get("person")
    return Caller(claims["iss"], None if person is None else Person(**person))


def _claims(token: str, callee: str) -> dict[str, Any]:
    try:
        caller = jwt.decode(token, options={"verify_signature": False}).get("iss")
    except jwt.InvalidTokenError as error:
        raise TokenRefused(str(error)) from None
    if not isinstance(caller, str) or not _NAME.fullmatch(caller):
        raise TokenRefused("it names no service")
    try:
        keys = secret_values(key_file(caller, callee))
    except OSError:
        raise TokenRefused(f"there is no key for calls of {caller}") from None
    refused = "the key file is empty"
    for key in keys:
        try:
            return jwt.decode(
                token,
                key,
                algorithms=[ALGORITHM],
                audience=callee,
                issuer=caller,
                leeway=LEEWAY_SECONDS,
                options={"require": ["iss", "aud", "iat", "exp", "jti", "req"]},
            )
        except jwt.InvalidTokenError as error:
            refused = str(error)
    raise TokenRefused(refused)


def _digest(method: str, target: str, body: bytes) -> str:
    return hashlib.sha256(
        b"\n".join((method.encode(), target.encode(), hashlib.sha256(body).digest()))
    ).hexdigest()
