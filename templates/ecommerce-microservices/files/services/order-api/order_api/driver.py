"""Drives orders to their end: those of this process at once, and those that another left."""

import asyncio
import logging
import random
from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID, uuid4

from sqlalchemy import select, update

from order_api.models import Order, State, Step
from order_api.resources import Resources
from order_api.saga import NotYet, take_step
from service_kit.database import DatabaseUnavailable
from service_kit.request_id import set_request_id
from service_kit.rows import now
from shop.calls import PeerRefused, PeerUnavailable

logger = logging.getLogger(__name__)

POLL_SECONDS = 1.0
# Sessions that are over let nobody in; their rows go now and then.
CLEAR_SECONDS = 300.0
# Places of their own: an order that holds stock or money must not wait behind new customers.
RECOVERED_AT_ONCE = 8
STOP_SECONDS = 8.0


def pause(attempts: int) -> timedelta:
    """Half a second, one, two … half a minute; never all orders in the same moment."""
    longest = min(30.0, 0.5 * 2 ** min(attempts, 6))
    return timedelta(seconds=longest * random.uniform(0.5, 1.0))  # noqa: S311


class Driver:
    def __init__(self, resources: Resources) -> None:
        self._resources = resources
        self._slots = asyncio.Semaphore(resources.settings.sagas_at_once)
        self._recovered = asyncio.Semaphore(RECOVERED_AT_ONCE)
        self._recovering: set[UUID] = set()
        self._tasks: dict[UUID, asyncio.Task[None]] = {}
        self._recovery: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._recovery = asyncio.create_task(self._recover())

    async def stop(self) -> None:
        """Orders under way have a moment; the rest is found by who comes next."""
        if self._recovery is not None:
            self._recovery.cancel()
        running = list(self._tasks.values())
        if running:
            await asyncio.wait(running, timeout=STOP_SECONDS)
        for task in running:
            task.cancel()
        left = list(self._tasks)
        await asyncio.gather(*running, *filter(None, [self._recovery]), return_exceptions=True)
        await self._let_go(left)

    async def _let_go(self, orders: Sequence[UUID]) -> None:
        """So that who comes next need not wait for our leases to end."""
        if not orders:
            return
        try:
            async with self._resources.database.transaction() as session:
                await session.execute(
                    update(Order)
                    .where(Order.id.in_(orders), Order.step != Step.DONE)
                    .values(lease_until=now())
                )
        except DatabaseUnavailable as error:
            logger.warning("orders in flight keep their leases: %s", error)

    async def drive(self, order: UUID, lease: UUID, seconds: float) -> None:
        """Until its end, or for so long; it goes on when the customer goes away."""
        self._begin(order, lease, self._slots)
        await self.wait_for_end(order, seconds)

    async def wait_for_end(self, order: UUID, seconds: float) -> None:
        """Of an order that this process drives, or another one."""
        pause = 0.25
        try:
            async with asyncio.timeout(seconds):
                while True:
                    if (task := self._tasks.get(order)) is not None:
                        await asyncio.wait({task})
                    async with self._resources.database.transaction() as session:
                        state = await session.scalar(select(Order.state).where(Order.id == order))
                    if state is None or State(state).final:
                        return
                    await asyncio.sleep(pause)
                    pause = min(2.0, pause * 2)  # many who wait must not be the load themselves
        except TimeoutError:
            return

    def _begin(self, order: UUID, lease: UUID, slots: asyncio.Semaphore) -> asyncio.Task[None]:
        running = self._tasks.get(order)
        if running is not None:
            return running
        task = asyncio.create_task(self._run(order, lease, slots))
        self._tasks[order] = task
        task.add_done_callback(lambda _: self._forget(order))
        return task

    def _forget(self, order: UUID) -> None:
        self._tasks.pop(order, None)
        self._recovering.discard(order)

    async def _run(self, order: UUID, lease: UUID, slots: asyncio.Semaphore) -> None:
        async with slots:
            try:
                while await self._step(order, lease):
                    pass
            except DatabaseUnavailable as error:
                # The lease ends by itself, and then somebody finds the order.
                logger.warning("order %s waits for the database: %s", order, error)
            except Exception:
                logger.exception("order %s: a defect, it is tried again", order)
                await self._later(order, lease)

    async def _step(self, number: UUID, lease: UUID) -> bool:
        """One step. False when there is nothing to do now."""
        order = await self._mine(number, lease)
        if order is None:
            return False
        set_request_id(order.request_id or None)
        try:
            outcome = await take_step(self._resources, order, lease)
        except (PeerUnavailable, PeerRefused) as error:
            outcome = NotYet(str(error))
        if isinstance(outcome, NotYet):
            logger.warning("order %s, %s: %s", number, order.step, outcome.why)
            await self._later(number, lease)
            return False
        return True

    async def _mine(self, number: UUID, lease: UUID) -> Order | None:
        """The order, if it still is this driver's; the lease is then longer."""
        until = now() + timedelta(seconds=self._resources.settings.lease_seconds)
        async with self._resources.database.transaction() as session:
            return await session.scalar(
                update(Order)
                .where(Order.id == number, Order.lease == lease, Order.step != Step.DONE)
                .values(lease_until=until)
                .returning(Order)
            )

    async def _later(self, number: UUID, lease: UUID) -> None:
        try:
            async with self._resources.database.transaction() as session:
                asked = select(Order.attempts).where(Order.id == number)
                attempts = await session.scalar(asked) or 0
                await session.execute(
                    update(Order)
                    .where(Order.id == number, Order.lease == lease)
                    .values(
                        attempts=Order.attempts + 1,
                        due_at=now() + pause(attempts),
                        lease_until=now(),
                    )
                )
        except DatabaseUnavailable as error:
            logger.warning("order %s waits for the database: %s", number, error)

    async def _recover(self) -> None:
        while True:
            await asyncio.sleep(POLL_SECONDS * random.uniform(0.5, 1.5))  # noqa: S311
            try:
                for order, lease in await self.claim():
                    self._begin(order, lease, self._recovered)
                    self._recovering.add(order)
                if random.random() < POLL_SECONDS / CLEAR_SECONDS:  # noqa: S311
                    await self._resources.accounts.clear_expired_sessions(now())
            except DatabaseUnavailable as error:
                logger.warning("orders in flight wait for the database: %s", error)
            except Exception:
                logger.exception("orders in flight were not looked for")

    async def claim(self) -> Sequence[tuple[UUID, UUID]]:
        """Orders that are due and nobody's."""
        free = RECOVERED_AT_ONCE - len(self._recovering)
        if free <= 0:
            return []
        lease, moment = uuid4(), now()
        due = (
            select(Order.id)
            .where(
                Order.step != Step.DONE,
                Order.due_at <= moment,
                Order.lease_until <= moment,
                Order.id.not_in(list(self._tasks)),
            )
            # Those that hold stock or money first.
            .order_by(Order.step == Step.RESERVE, Order.due_at)
            .limit(free)
            .with_for_update(skip_locked=True)
        )
        async with self._resources.database.transaction() as session:
            taken = await session.scalars(
                update(Order)
                .where(Order.id.in_(due))
                .values(
                    lease=lease,
                    lease_until=moment + timedelta(seconds=self._resources.settings.lease_seconds),
                )
                .returning(Order.id)
            )
            return [(order, lease) for order in taken]
