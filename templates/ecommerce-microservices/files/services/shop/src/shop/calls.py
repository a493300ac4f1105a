"""Calls another service: signed, within a deadline, again after a pause, not while it is down.

What is tried again must be the same when done twice. All commands between the services are: each
carries the key of what it does.
"""

import asyncio
import ssl
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import httpx
import stamina
from purgatory import AsyncCircuitBreakerFactory
from purgatory.domain.model import OpenedState
from stamina.instrumentation import set_on_retry_hooks

from service_kit.environment import env_int, env_str
from service_kit.json_logs import to_json
from service_kit.live_host import live_url
from service_kit.request_id import HEADER, current_request_id
from shop.tokens import Person, sign

# After so many failures in a row nobody waits for it any more; after the pause one call tries.
FAILURES = 8
PAUSE_SECONDS = 2.0
AT_ONCE = 64
ATTEMPT_SECONDS = float(env_int("CALL_SECONDS", 5, minimum=1))
# The callee of a relay has its caller's patience, not ours.
RELAY_SECONDS = 30.0
# A call that is tried again has its line in the log when it fails for good.
set_on_retry_hooks([])
_LATER = frozenset({502, 503, 504})


class PeerUnavailable(Exception):  # noqa: N818 - a state, told to the client as one
    """It does not answer, or not in time. What it did is not known."""


class PeerRefused(Exception):  # noqa: N818 - an answer
    """It answered, and said no."""

    def __init__(self, service: str, status: int, body: Mapping[str, Any]) -> None:
        super().__init__(f"{service} said {status} {body.get('code', '')}")
        self.status = status
        self.body = body

    @property
    def code(self) -> str:
        return str(self.body.get("code", "error"))


class _Failed(Exception):  # noqa: N818 - not one yet
    """One attempt."""

    def __init__(self, reason: str, *, sent: bool) -> None:
        super().__init__(reason)
        self.sent = sent


class Peer:
    """One service, seen from another; `pair` names both. `via`: a path where it is passed on."""

    def __init__(
        self,
        client: httpx.AsyncClient,
        pair: tuple[str, str],
        prefix: str,
        port: int,
        *,
        via: str = "",
        at_once: int = AT_ONCE,
    ) -> None:
        self._caller, self.callee = pair
        # Who waits here costs nothing; who waits at the callee takes its time from those it serves.
        self._slots = asyncio.Semaphore(at_once)
        self._client = client
        self._prefix = prefix
        self._port = port
        self._via = via
        self._breakers = AsyncCircuitBreakerFactory(
            default_threshold=FAILURES,
            default_ttl=PAUSE_SECONDS,
            exclude=[PeerRefused, asyncio.CancelledError],
        )

    async def call(
        self,
        method: str,
        path: str,
        *,
        json: Mapping[str, Any] | None = None,
        raw: bytes | None = None,
        query: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        person: Person | None = None,
        seconds: float = ATTEMPT_SECONDS,
        again: bool = True,
        patient: bool = False,
    ) -> Any:
        """The JSON of the answer, within `seconds` in all.

        `again=False`: not twice, unless the first one surely did not arrive. `patient`: while the
        callee is left alone this waits; for those who would only come again at once.
        """
        body = raw if raw is not None else b"" if json is None else to_json(json).encode()
        given = {name: value for name, value in (query or {}).items() if value is not None}
        target = httpx.URL(path, **({"params": given} if given else {})).raw_path.decode("ascii")
        sent_headers = {"Content-Type": "application/json", **(headers or {})}
        if (request_id := current_request_id()) is not None:
            sent_headers[HEADER] = request_id

        ends = time.monotonic() + seconds

        def may_repeat(error: Exception) -> bool:
            if isinstance(error, OpenedState):
                return patient
            return isinstance(error, _Failed) and (again or not error.sent)

        async def attempt() -> httpx.Response:
            token = sign(self._caller, self.callee, method, target, body, person)
            authorised = {**sent_headers, "Authorization": f"Bearer {token}"}
            breaker = await self._breakers.get_breaker(self.callee)
            async with breaker:
                return await self._send(method, target, body, authorised, ends - time.monotonic())

        try:
            async with asyncio.timeout(seconds):
                await self._slots.acquire()
        except TimeoutError:
            raise PeerUnavailable(f"{self.callee}: too many calls at once") from None
        try:
            async for trying in stamina.retry_context(
                on=may_repeat,
                attempts=None,
                timeout=seconds,
                wait_initial=0.05,
                wait_max=1.0,
                wait_jitter=0.2,
            ):
                with trying:
                    answer = await attempt()
                    return answer.json() if answer.content else None
        except _Failed as error:
            raise PeerUnavailable(f"{self.callee}: {error}") from None
        except OpenedState:
            raise PeerUnavailable(f"{self.callee}: left alone after {FAILURES} failures") from None
        finally:
            self._slots.release()
        raise AssertionError("no attempt was made")

    async def passed_on(
        self, method: str, target: str, body: bytes, headers: Mapping[str, str]
    ) -> httpx.Response:
        """Somebody else's request, as it came, once; whatever the answer is."""
        carried = dict(headers)
        if (request_id := current_request_id()) is not None:
            carried[HEADER] = request_id
        url = live_url(self._prefix, self._port) + target
        try:
            async with asyncio.timeout(RELAY_SECONDS), self._slots:
                return await self._client.request(
                    method, url, content=body, headers=carried, timeout=_timeout(RELAY_SECONDS)
                )
        except (httpx.HTTPError, TimeoutError) as error:
            raise PeerUnavailable(f"{self.callee}: {type(error).__name__} {error}") from None

    async def alive(self) -> None:
        """For a health check: one attempt, without a token."""
        url = live_url(self._prefix, self._port) + self._via + "/api/v1/health/live/"
        answer = await self._client.get(url, timeout=1.5)
        if answer.status_code != 200:
            raise PeerUnavailable(f"{self.callee}: {answer.status_code}")

    async def _send(
        self, method: str, target: str, body: bytes, headers: dict[str, str], seconds: float
    ) -> httpx.Response:
        if seconds <= 0:
            raise _Failed("there was no time left", sent=False)
        url = live_url(self._prefix, self._port) + self._via + target
        try:
            async with asyncio.timeout(seconds):
                answer = await self._client.request(
                    method, url, content=body, headers=headers, timeout=_timeout(seconds)
                )
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            raise _Failed(f"{type(error).__name__} {error}", sent=False) from None
        except (httpx.HTTPError, TimeoutError) as error:
            raise _Failed(f"{type(error).__name__} {error}", sent=True) from None
        if answer.status_code in _LATER:
            raise _Failed(f"answered {answer.status_code}", sent=True)
        if answer.status_code >= 400:
            raise PeerRefused(self.callee, answer.status_code, _problem(answer))
        return answer


def _timeout(seconds: float) -> httpx.Timeout:
    return httpx.Timeout(seconds, connect=min(3.0, seconds))


def _problem(answer: httpx.Response) -> dict[str, Any]:
    try:
        body = answer.json()
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


@asynccontextmanager
async def open_client(*prefixes: str) -> AsyncIterator[httpx.AsyncClient]:
    """One pool for all calls of a process. A proxy of the environment is for the world outside."""
    authorities = {file for prefix in prefixes if (file := env_str(f"{prefix}_CA_FILE"))}
    context = ssl.create_default_context()
    for file in sorted(authorities):
        context.load_verify_locations(cafile=file)
    if certificate := env_str("SERVICE_CERT_FILE"):
        context.load_cert_chain(certificate, env_str("SERVICE_KEY_FILE") or None)
    async with httpx.AsyncClient(
        verify=context,
        trust_env=False,
        timeout=_timeout(ATTEMPT_SECONDS),
        # Shorter than uvicorn keeps an idle connection (75 s): the client is the one to close it.
        # How many there are is what Peer counts.
        limits=httpx.Limits(
            max_connections=None, max_keepalive_connections=64, keepalive_expiry=30
        ),
    ) as client:
        yield client
