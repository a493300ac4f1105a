"""Links that carry their own permission, for a while: presigned by us, not by the object store.

The store is on an internal network, and a URL that it signs names a host that no browser reaches.
To show the store at the edge would open the whole of its API to the world; so the API signs a path
of its own, and streams what is asked for.
"""

import hashlib
import hmac
import secrets
import time
from functools import cache
from uuid import UUID

from app.settings import Settings
from service_kit.environment import secret_values


@cache
def _key_of_a_laptop() -> str:
    return secrets.token_hex(32)


def sign(settings: Settings, file_id: UUID, expires: int) -> str:
    return _signature(_keys(settings)[0], file_id, expires)


def is_good(settings: Settings, file_id: UUID, expires: int, signature: str) -> bool:
    if expires < time.time():
        return False
    # The first line signs, the others are believed as well: a new key breaks no link.
    return any(
        hmac.compare_digest(_signature(key, file_id, expires), signature) for key in _keys(settings)
    )


def _keys(settings: Settings) -> list[str]:
    if settings.link_key_file is None:
        return [_key_of_a_laptop()]
    return secret_values(settings.link_key_file)


def _signature(key: str, file_id: UUID, expires: int) -> str:
    return hmac.new(
        key.encode(), f"content:{file_id}:{expires}".encode(), hashlib.sha256
    ).hexdigest()
