"""Server-sent events: what happens to the files of one account, as it happens."""

import asyncio
import json
import time
from collections.abc import AsyncIterator

from starlette.responses import StreamingResponse

from app.models import User
from app.resources import Resources

# Shorter than the edge's patience with a silent connection (60 s).
KEEP_ALIVE_SECONDS = 15.0
# Then the browser comes again, is looked at anew, and finds the version that is live by then.
LONGEST_SECONDS = 600.0
STREAMS_PER_USER = 6


def event_response(resources: Resources, user: User) -> StreamingResponse:
    return StreamingResponse(
        _events(resources, user),
        media_type="text/event-stream",
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )


async def _events(resources: Resources, user: User) -> AsyncIterator[str]:
    ends = time.monotonic() + LONGEST_SECONDS
    stopping = asyncio.create_task(resources.stop.wait())
    try:
        with resources.events.subscription(user.id) as queue:
            # Two seconds, or all browsers would come back at the same moment after a restart.
            yield "retry: 2000\nevent: resync\ndata: {}\n\n"
            while time.monotonic() < ends and not stopping.done():
                news = asyncio.create_task(queue.get())
                await asyncio.wait(
                    {news, stopping},
                    timeout=KEEP_ALIVE_SECONDS,
                    return_when=asyncio.FIRST_COMPLETED,
                )
                if not news.done():
                    news.cancel()
                    if not stopping.done():
                        yield ": still here\n\n"
                    continue
                event = dict(news.result())
                yield f"event: {event.pop('event')}\ndata: {json.dumps(event)}\n\n"
    finally:
        stopping.cancel()
