"""Every error is an RFC 9457 problem with the id of its request."""

import logging
import math
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from service_kit.request_id import current_request_id

logger = logging.getLogger(__name__)

CONTENT_TYPE = "application/problem+json"
RETRY_AFTER_SECONDS = 5

_CODES = {400: "bad_request", 404: "not_found", 405: "method_not_allowed"}
_DETAILS = {404: "There is nothing at this address.", 405: "This address does not know the method."}


class Problem(Exception):  # noqa: N818 - an error of a client is not one of ours
    """Raised anywhere below a request, answered as it says."""

    def __init__(
        self,
        status: int,
        code: str,
        detail: str,
        *,
        headers: Mapping[str, str] | None = None,
        **members: Any,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.code = code
        self.detail = detail
        self.headers = dict(headers or {})
        self.members = members

    def response(self) -> JSONResponse:
        body = {
            "type": "about:blank",
            "title": HTTPStatus(self.status).phrase,
            "status": self.status,
            "detail": self.detail,
            "code": self.code,
            "request_id": current_request_id(),
            **self.members,
        }
        return JSONResponse(
            body, status_code=self.status, headers=self.headers, media_type=CONTENT_TYPE
        )


def invalid(errors: Mapping[str, Sequence[str]]) -> Problem:
    return Problem(400, "invalid", "The request has invalid fields.", errors=dict(errors))


def too_many(wait_seconds: float) -> Problem:
    wait = max(1, math.ceil(wait_seconds))
    return Problem(
        429,
        "rate_limited",
        f"Too many requests. Try again in {wait} s.",
        headers={"Retry-After": str(wait)},
    )


def unavailable(what: str) -> Problem:
    return Problem(
        503,
        "service_unavailable",
        f"The {what} does not answer. Try again shortly.",
        headers={"Retry-After": str(RETRY_AFTER_SECONDS)},
    )


def internal_error() -> Response:
    return Problem(
        500, "error", "Something went wrong. The log has it under this request id."
    ).response()


def add_problem_handlers(app: Starlette, outages: Mapping[type[Exception], str]) -> None:
    """`outages`: exceptions that mean that something does not answer, and its name."""

    async def on_problem(_: Request, error: Exception) -> Response:
        assert isinstance(error, Problem)  # noqa: S101 - registered for it below
        return error.response()

    async def on_http(_: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)  # noqa: S101 - registered for it below
        status = error.status_code
        problem = Problem(
            status,
            _CODES.get(status, "error"),
            _DETAILS.get(status, error.detail),
            headers=error.headers,
        )
        return problem.response()

    def on_outage(what: str) -> Any:
        async def answer(_: Request, error: Exception) -> Response:
            logger.error("%s unavailable: %s", what, " ".join(str(error).split()))
            return unavailable(what).response()

        return answer

    app.add_exception_handler(Problem, on_problem)
    app.add_exception_handler(HTTPException, on_http)
    for kind, what in outages.items():
        app.add_exception_handler(kind, on_outage(what))
