"""Lists, a page at a time."""

from typing import Annotated, Any

from fastapi import Query, Request

type Number = Annotated[int, Query(ge=1, le=100_000)]
type Size = Annotated[int, Query(ge=1, le=100)]


def paged(request: Request, answer: dict[str, Any], page: int, size: int) -> dict[str, Any]:
    """Links to the pages before and after, as addresses of this host."""
    last = max(1, -(-answer["count"] // size))

    def link(number: int) -> str | None:
        if not 1 <= number <= last or number == page:
            return None
        url = request.url.include_query_params(page=number)
        return f"{url.path}?{url.query}"

    return {
        "count": answer["count"],
        "next": link(page + 1),
        "previous": link(page - 1),
        "results": answer["results"],
    }
