"""Every error of the API is an RFC 9457 problem with the id of its request."""

import logging
import math
from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, JsonResponse
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import set_rollback

from service_kit.request_id import current_request_id

logger = logging.getLogger(__name__)

CONTENT_TYPE = "application/problem+json"
RETRY_AFTER_SECONDS = 5


class Conflict(exceptions.APIException):
    status_code = HTTPStatus.CONFLICT
    default_detail = "The object was changed in the meantime."
    default_code = "conflict"

    def __init__(self, detail: str | None = None, **members: Any) -> None:
        super().__init__(detail)
        self.members = members


class PreconditionRequired(exceptions.APIException):
    status_code = HTTPStatus.PRECONDITION_REQUIRED
    default_detail = "Say which version you changed."
    default_code = "precondition_required"


class ServiceUnavailable(exceptions.APIException):
    status_code = HTTPStatus.SERVICE_UNAVAILABLE
    default_detail = "The database does not answer. Try again shortly."
    default_code = "service_unavailable"


def problem(status: int, detail: str, code: str, **members: Any) -> dict[str, Any]:
    return {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "code": code,
        "request_id": current_request_id(),
        **members,
    }


def handle_exception(error: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's EXCEPTION_HANDLER; None lets Django log the error and answer with `server_error`."""
    headers: dict[str, str] = {}
    if isinstance(error, Http404):
        error = exceptions.NotFound()
    elif isinstance(error, PermissionDenied):
        error = exceptions.PermissionDenied()
    elif isinstance(error, OperationalError | InterfaceError):
        _log_outage(error)
        error = ServiceUnavailable()
        headers["Retry-After"] = str(RETRY_AFTER_SECONDS)
    if not isinstance(error, exceptions.APIException):
        return None

    members: dict[str, Any] = dict(getattr(error, "members", {}))
    if isinstance(error, exceptions.Throttled):
        wait = max(1, math.ceil(getattr(error, "wait", None) or 1))
        headers["Retry-After"] = str(wait)
        detail, code = f"Too many requests. Try again in {wait} s.", "rate_limited"
    elif isinstance(error, exceptions.ValidationError):
        detail, code = "The request has invalid fields.", "invalid"
        members["errors"] = _field_errors(error.detail)
    else:
        detail, code = str(error.detail), str(error.get_codes())
    if challenge := getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = challenge

    set_rollback()
    return Response(
        problem(error.status_code, detail, code, **members),
        status=error.status_code,
        headers=headers,
        content_type=CONTENT_TYPE,
    )


def _log_outage(error: Exception) -> None:
    logger.error("database unavailable: %s", " ".join(str(error).split()))


def _field_errors(detail: Any) -> Any:
    return detail if isinstance(detail, dict) else {"non_field_errors": detail}


def _plain(status: int, detail: str, code: str) -> JsonResponse:
    return JsonResponse(problem(status, detail, code), status=status, content_type=CONTENT_TYPE)


def bad_request(request: HttpRequest, exception: Exception) -> JsonResponse:
    return _plain(400, "The request is malformed.", "bad_request")


def permission_denied(request: HttpRequest, exception: Exception) -> JsonResponse:
    return _plain(403, "You may not do this.", "permission_denied")


def csrf_failure(request: HttpRequest, reason: str = "") -> JsonResponse:
    return _plain(403, f"CSRF check failed: {reason}", "csrf_failed")


def not_found(request: HttpRequest, exception: Exception) -> JsonResponse:
    return _plain(404, "There is nothing at this address.", "not_found")


def server_error(request: HttpRequest) -> JsonResponse:
    return _plain(500, "Something went wrong. The log has it under this request id.", "error")
