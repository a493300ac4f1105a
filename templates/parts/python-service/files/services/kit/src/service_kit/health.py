"""What works of what a service needs: each answer within a deadline."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping

from starlette.responses import Response

from service_kit.environment import env_str
from service_kit.json_logs import to_json

logger = logging.getLogger(__name__)

DEADLINE_SECONDS = 2.0

type Check = Callable[[], Awaitable[None]]


async def collect_health(checks: Mapping[str, Check]) -> dict[str, str]:
    """Runs the checks side by side and says "ok", "failed" or "timeout" of each."""

    async def state_of(name: str, check: Check) -> str:
        try:
            async with asyncio.timeout(DEADLINE_SECONDS):
                await check()
        except TimeoutError:
            return "timeout"
        except Exception as error:  # noqa: BLE001 - every failure of a check means the same
            # The reason goes to the log: host names and drivers' messages are not for clients.
            logger.warning("health check of the %s failed: %s", name, error)
            return "failed"
        return "ok"

    states = await asyncio.gather(*(state_of(name, check) for name, check in checks.items()))
    return dict(zip(checks, states, strict=True))


def health_response(checks: Mapping[str, str]) -> Response:
    failed = sorted(name for name, state in checks.items() if state != "ok")
    body: dict[str, object] = {
        "status": "unhealthy" if failed else "healthy",
        **checks,
        "version": env_str("APP_VERSION", "dev"),
        **({"failed": failed} if failed else {}),
    }
    return _uncached(body, 503 if failed else 200)


def alive_response() -> Response:
    """The process serves requests; says nothing of what it depends on."""
    return _uncached({"status": "alive", "version": env_str("APP_VERSION", "dev")}, 200)


def _uncached(body: Mapping[str, object], status: int) -> Response:
    return Response(
        to_json(body),
        status_code=status,
        media_type="application/json",
        headers={"Cache-Control": "no-store"},
    )
