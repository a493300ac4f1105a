"""A model in memory that is made again every few seconds from what another service says."""

import asyncio
import logging
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

from shop.calls import PeerRefused, PeerUnavailable

logger = logging.getLogger(__name__)


class NotReady(Exception):  # noqa: N818 - a state, told to the client as one
    """Nothing was ever read."""


class Refreshed[Model]:
    def __init__(self, make: Callable[[], Awaitable[Model]], seconds: float) -> None:
        self._make = make
        self._seconds = seconds
        self._model: Model | None = None

    @property
    def model(self) -> Model:
        """As old as the last answer: rather that than none."""
        if self._model is None:
            raise NotReady("nothing was read yet")
        return self._model

    async def check(self) -> None:
        """For the health check."""
        _ = self.model

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        task = asyncio.create_task(self._run())
        try:
            yield
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    async def _run(self) -> None:
        while True:
            wait = self._seconds * random.uniform(0.8, 1.2)  # noqa: S311
            try:
                self._model = await self._make()
            except (PeerUnavailable, PeerRefused) as error:
                logger.warning("the model stays as it is: %s", error)
                wait = min(wait, 2.0)
            except Exception:
                logger.exception("the model stays as it is")
            await asyncio.sleep(wait)
