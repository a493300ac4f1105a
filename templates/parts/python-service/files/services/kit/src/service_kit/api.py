"""What every FastAPI application of this project does alike."""

from collections.abc import Sequence

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.responses import Response
from starlette.routing import BaseRoute, Match
from starlette.types import ASGIApp, Receive, Scope, Send

from service_kit.problems import invalid


class LastSlash:
    """With or without it: a redirect would make a client repeat its upload."""

    def __init__(self, app: ASGIApp, routes: Sequence[BaseRoute]) -> None:
        self._app = app
        self._routes = routes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and not scope["path"].endswith("/"):
            with_it = f"{scope['path']}/"
            if not self._known(scope) and self._known({**scope, "path": with_it}):
                # In place: who writes the log and the metrics looks at it afterwards.
                scope["path"] = with_it
        await self._app(scope, receive, send)

    def _known(self, scope: Scope) -> bool:
        return any(route.matches(scope)[0] is not Match.NONE for route in self._routes)


def tell_invalid_fields(app: FastAPI) -> None:
    """As a problem with the messages of each field."""
    app.add_exception_handler(RequestValidationError, _invalid_fields)


async def _invalid_fields(_: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101 - registered for it above
    fields: dict[str, list[str]] = {}
    for one in error.errors():
        # ("body", "email"): where it is, then its name. A body that is no JSON has no name.
        name = "" if one["type"] == "json_invalid" else ".".join(str(at) for at in one["loc"][1:])
        fields.setdefault(name or "non_field_errors", []).append(one["msg"])
    return invalid(fields).response()
